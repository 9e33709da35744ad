"""The names that are derived from a student's address."""

from __future__ import annotations

import re

import pytest

from mesh.workshop.student import TOWNS, Student, assign_branches

NAME = re.compile(r"feat-gh[1-9][0-9]{3}-[a-z]+")
CLASS = [(f"student{number}@example.com", f"Student {number}") for number in range(500)]


def student(email: str) -> Student:
    """A student without a team."""
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
def test_the_students_schema_needs_no_quotes_in_sql(email: str, schema: str) -> None:
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


def test_branches_follow_the_rule_and_are_unique() -> None:
    chosen = assign_branches(CLASS)
    assert all(NAME.fullmatch(branch) for branch in chosen.values())
    assert len({*chosen.values()}) == 500
    assert assign_branches(CLASS[:1]) == {"student0@example.com": "feat-gh1834-hanoi"}


def test_a_new_student_does_not_change_the_branches_of_others() -> None:
    """Unless both would have the same branch: then the later address gets the next candidate."""
    alone = {email: assign_branches([(email, name)])[email] for email, name in CLASS}
    together = assign_branches(CLASS)
    moved = {email for email, branch in together.items() if branch != alone[email]}
    assert {alone[email] for email in moved} <= {alone[email] for email in together if email not in moved}
    assert len(moved) == 0
    assert assign_branches(reversed(CLASS)) == together


def test_the_later_of_two_equal_branches_gets_the_next_candidate() -> None:
    assigned: dict[str, str] = {}
    for number in range(10_000):
        email = f"s{number:05}@example.com"
        branch = assign_branches([(email, "")])[email]
        if branch in assigned:
            break
        assigned[branch] = email
    first, second = assigned[branch], email
    both = assign_branches([(second, ""), (first, "")])
    assert both[first] == branch
    assert both[second] != branch


@pytest.mark.parametrize("town", ["oslo", "lima", "accra"])
def test_a_branch_does_not_contain_the_students_name(town: str) -> None:
    people = [(f"{town}{number}.x@example.com", f"{town.title()} X") for number in range(100)]
    assert not [one for one in assign_branches(people).values() if town in one]


def test_a_name_with_all_towns_gets_a_branch_too() -> None:
    assert NAME.fullmatch(assign_branches([("x@example.com", " ".join(TOWNS))])["x@example.com"])


def test_towns_are_valid_in_branch_names() -> None:
    assert len({*TOWNS}) == len(TOWNS) == 60
    assert all(re.fullmatch("[a-z]{4,}", town) for town in TOWNS)
