"""What a student is called, and that it depends on nobody else."""

from __future__ import annotations

import re

import pytest

from mesh.workshop.student import PLACES, Student, branches

NAME = re.compile(r"feat-gh[1-9][0-9]{3}-[a-z]+")
CLASS = [(f"student{number}@example.com", f"Student {number}") for number in range(500)]


def student(email: str) -> Student:
    """A student of no team."""
    return Student(email, "Somebody", None, "feat-gh1000-oslo")


def test_names_follow_from_the_address() -> None:
    one = student("ada.berg-lie@my-org.example.com")
    assert one.user == "adaberglie"
    assert one.schema == "training.adaberglie"
    assert one.id == "ada_berg--lie-at-my--org_example_com"
    assert one.home == "/Users/ada.berg-lie@my-org.example.com"


@pytest.mark.parametrize(
    ("email", "schema"),
    [("o'brien+x@example.com", "o_brien_x"), ("1ada@example.com", "_1ada"), ("a_b@example.com", "a_b")],
)
def test_the_own_schema_needs_no_quotes_in_sql(email: str, schema: str) -> None:
    assert student(email).schema_name == schema


def test_two_addresses_never_share_a_terraform_name() -> None:
    emails = [
        "a.b@x.com",
        "a_b@x.com",
        "a-b@x.com",
        "a+b@x.com",
        "a'b@x.com",
        "ab@x.com",
        "a@b.x.com",
        "a@b-x.com",
    ]
    emails += ["a-at-b@x.com", "a-u-b@x.com", "a--b@x.com", "a._b@x.com", "a_.b@x.com"]
    assert len({student(email).id for email in emails}) == len(emails)


def test_a_branch_is_the_course_s_rule_and_no_two_are_the_same() -> None:
    chosen = branches(CLASS)
    assert all(NAME.fullmatch(branch) for branch in chosen.values())
    assert len({*chosen.values()}) == 500
    assert branches(CLASS[:1]) == {"student0@example.com": "feat-gh1834-hanoi"}


def test_another_student_changes_nobody_s_branch() -> None:
    """Unless both would have the same one: then the later in the order of addresses takes the next."""
    alone = {email: branches([(email, name)])[email] for email, name in CLASS}
    together = branches(CLASS)
    moved = {email for email, branch in together.items() if branch != alone[email]}
    assert {alone[email] for email in moved} <= {alone[email] for email in together if email not in moved}
    assert len(moved) == 0
    assert branches(reversed(CLASS)) == together


def test_of_two_that_would_have_the_same_branch_the_later_takes_the_next() -> None:
    seen: dict[str, str] = {}
    for number in range(10_000):
        email = f"s{number:05}@example.com"
        branch = branches([(email, "")])[email]
        if branch in seen:
            break
        seen[branch] = email
    first, second = seen[branch], email
    both = branches([(second, ""), (first, "")])
    assert both[first] == branch
    assert both[second] != branch


@pytest.mark.parametrize("town", ["oslo", "lima", "accra"])
def test_a_branch_never_holds_the_student_s_name(town: str) -> None:
    people = [(f"{town}{number}.x@example.com", f"{town.title()} X") for number in range(100)]
    assert not [one for one in branches(people).values() if town in one]


def test_somebody_called_like_every_town_has_a_branch_all_the_same() -> None:
    assert NAME.fullmatch(branches([("x@example.com", " ".join(PLACES))])["x@example.com"])


def test_towns_are_words_that_branches_take() -> None:
    assert len({*PLACES}) == len(PLACES) == 60
    assert all(re.fullmatch("[a-z]{4,}", place) for place in PLACES)
