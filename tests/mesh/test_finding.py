"""Findings in the form that editors jump to."""

from mesh.finding import Finding, nearest


def test_a_finding_is_file_line_column_and_message() -> None:
    assert str(Finding("orgs/a/org.yml", 3, 5, "bad-name", "`x y` is no name")) == (
        "orgs/a/org.yml:3:5: `x y` is no name"
    )


def test_a_warning_says_that_it_is_one() -> None:
    assert (
        str(Finding("a.yml", 3, 5, "x", "`0/7` is uneven", "warning"))
        == "a.yml:3:5: warning: `0/7` is uneven"
    )


def test_findings_sort_by_file_and_position() -> None:
    late, early = Finding("a.yml", 10, 1, "a", ""), Finding("a.yml", 9, 9, "z", "")

    assert sorted([late, early, Finding("A.yml", 99, 1, "m", "")])[1:] == [early, late]


def test_the_nearest_name_is_suggested_else_all_of_them() -> None:
    known = ["reader", "writer"]

    assert nearest("raeder", known, "roles") == "did you mean `reader`?"
    assert nearest("zzz", known, "roles") == "roles: reader, writer"
    assert nearest("zzz", [], "roles") == "roles: none yet"
