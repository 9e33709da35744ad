"""Rosters: the students, and all errors with line and column."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.workshop.roster import Roster, read_roster

HEADER = "email,name,team\n"


def read(folder: Path, content: str | bytes, name: str = "roster.csv") -> tuple[Roster, list[str]]:
    """The roster of a file, and its findings as text."""
    file = folder / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    roster, findings = read_roster(file, folder)
    return roster, [f"{one} [{one.code}]" for one in sorted(findings)]


def emails(roster: Roster) -> list[str]:
    """The addresses, in order."""
    return [one.email for one in roster.students]


def test_students_are_sorted_by_address_in_lower_case(tmp_path: Path) -> None:
    roster, wrong = read(
        tmp_path, f'{HEADER}Bo.Dahl@Example.com,"Dahl, Bo",\n\n ada@example.com , Ada Berg ,north\n'
    )
    assert wrong == []
    assert [(one.email, one.name, one.team) for one in roster.students] == [
        ("ada@example.com", "Ada Berg", "north"),
        ("bo.dahl@example.com", "Dahl, Bo", None),
    ]


@pytest.mark.parametrize(
    "content",
    [
        "email\nada@example.com\n",
        "team,email\nnorth,ada@example.com\n",
        "email;name;team\r\nada@example.com;Ada;north\r\n",
        "\ufeffemail,name\nada@example.com,Ada\n",
    ],
    ids=["one column", "another order", "a spreadsheet's semicolons", "a byte order mark"],
)
def test_csv_in_the_forms_that_spreadsheets_write_is_accepted(content: str, tmp_path: Path) -> None:
    roster, wrong = read(tmp_path, content)
    assert (wrong, emails(roster)) == ([], ["ada@example.com"])


def test_a_roster_in_yaml_has_the_same_fields(tmp_path: Path) -> None:
    text = "students:\n- {email: bo@example.com, team: south}\n- {email: Ada@example.com, name: Ada}\n"
    roster, wrong = read(tmp_path, text, "roster.yml")
    assert wrong == []
    assert [(one.email, one.name, one.team) for one in roster.students] == [
        ("ada@example.com", "Ada", None),
        ("bo@example.com", "bo", "south"),
    ]


def test_all_errors_of_a_roster_in_yaml_have_line_and_column(tmp_path: Path) -> None:
    text = "students:\n- email: ada@example.com\n  name: =1+1\n- {email: ADA@example.com}\n- {emial: x}\n"
    assert read(tmp_path, text, "roster.yml")[1] == [
        "roster.yml:3:9: `=1+1` would be a formula in a spreadsheet (begin `name` with a letter or digit) [formula]",
        "roster.yml:4:11: `ada@example.com` is already in line 2 (remove one) [duplicate-student]",
        "roster.yml:5:3: `email` is missing in students (add it) [missing-field]",
        "roster.yml:5:4: unknown field `emial` in students (did you mean `email`?) [unknown-field]",
    ]


def test_all_errors_are_reported_at_once_and_no_student_is_returned(tmp_path: Path) -> None:
    roster, wrong = read(
        tmp_path,
        HEADER + "ada.berg@example.com,Ada,north\n"
        "ADA.BERG@example.com,Ada again,north\n"
        "adaberg@example.com,Another Ada,\n"
        "not an address,X,\n"
        ",Nobody,\n"
        "data@example.com,Data,\n"
        "bo@example.com,=HYPERLINK(1),@team\n"
        "cleo@example.com,Cleo\n",
    )
    assert roster.students == ()
    assert wrong == [
        "roster.csv:3:1: `ada.berg@example.com` is already in line 2 (remove one) [duplicate-student]",
        "roster.csv:4:1: `adaberg@example.com` and `ada.berg@example.com` in line 2 both have the short name `adaberg` "
        "(schemas and jobs would have equal names: use another address for one of them) [one-user-twice]",
        "roster.csv:5:1: `not an address` is not a valid address (write the user name in Databricks, such as "
        "somebody@example.com) [bad-email]",
        "roster.csv:6:1: the address is missing (write the user name in Databricks, such as "
        "somebody@example.com) [bad-email]",
        "roster.csv:7:1: `data` is a schema of the workshop itself (use another address) [reserved-user]",
        "roster.csv:8:16: `=HYPERLINK(1)` would be a formula in a spreadsheet (begin `name` with a letter or digit) [formula]",
        "roster.csv:8:30: `@team` would be a formula in a spreadsheet (begin `team` with a letter or digit) [formula]",
        "roster.csv:9:1: 2 values, but the first line names 3 columns (quote values that contain `,`, or add "
        "the missing values) [roster-columns]",
    ]


@pytest.mark.parametrize("first", ["=1", "+1", "-1", "@x", "\tx", "\rx"])
@pytest.mark.parametrize("column", ["name", "team"])
def test_formulas_are_refused(first: str, column: str, tmp_path: Path) -> None:
    values = {"name": "Ada", "team": "north", column: f'"{first}"'}
    _, wrong = read(tmp_path, f"{HEADER}ada@example.com,{values['name']},{values['team']}\n")
    assert [one.rpartition(" [")[2] for one in wrong] == ["formula]"]


@pytest.mark.parametrize("character", ["\x1b[31m", "\x7f", "\u202e", "\u2066", "\n", "\x85"])
def test_control_characters_in_names_are_refused(character: str, tmp_path: Path) -> None:
    _, wrong = read(tmp_path, f'{HEADER}ada@example.com,"A{character}da",north\n')
    assert wrong == ["roster.csv:2:17: `name` contains a control character (remove it) [control-character]"]


def test_html_and_templates_are_plain_text(tmp_path: Path) -> None:
    """They are escaped where they are shown or deployed."""
    roster, wrong = read(
        tmp_path,
        f'{HEADER}ada@example.com,<b>Ada</b>,${{file("x")}}\nbo@example.com,%{{ if true }},"a ""b"" c"\n',
    )
    assert wrong == []
    assert [(one.name, one.team) for one in roster.students] == [
        ("<b>Ada</b>", '${file("x")}'),
        ("%{ if true }", 'a "b" c'),
    ]


@pytest.mark.parametrize(
    ("characters", "shown"), [(201, "201"), (65_536, "65,536")], ids=["a long name", "64 KB"]
)
def test_names_have_200_characters_at_most(characters: int, shown: str, tmp_path: Path) -> None:
    assert read(tmp_path, f"{HEADER}ada@example.com,{'a' * 200},\n")[1] == []
    _, wrong = read(tmp_path, f"{HEADER}ada@example.com,{'a' * characters},\n")
    assert wrong == [
        f"roster.csv:2:17: `name` has {shown} characters: `{'a' * 40}…` (at most 200) [text-too-long]"
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("email,name\n".encode("utf-16"), "1:1: is not UTF-8 (byte 0; save it as UTF-8) [not-utf8]"),
        (b"PK\x03\x04\xff\xfe\x00", "1:1: is not UTF-8 (byte 4; save it as UTF-8) [not-utf8]"),
        (b"email\nada\x00@example.com\n", "2:1: is not text (save it as CSV in UTF-8) [not-csv]"),
        (
            b'email,name\nada@example.com,"Ada\n',
            "2:1: is not valid CSV: unexpected end of data (quote the value, and double each quote in it) [not-csv]",
        ),
        (b"", "1:1: has no students (add a line for each student: email, name, team) [empty-roster]"),
        (
            b"email,name\n\n",
            "1:1: has no students (add a line for each student: email, name, team) [empty-roster]",
        ),
        (
            b"mail,name\nada@example.com,Ada\n",
            "1:1: column `email` is missing (the first line must name the columns: email,name,team) [roster-columns]",
        ),
        (b"email,email\n", "1:7: column `email` is declared twice (remove one) [roster-columns]"),
        (
            b"email,name,salary\nada@example.com,Ada,1\n",
            "1:12: unknown column `salary` (columns: email, name, team) [roster-columns]",
        ),
    ],
    ids=[
        "UTF-16",
        "a spreadsheet's own format",
        "binary",
        "an open quote",
        "empty",
        "a header alone",
        "no address",
        "a column twice",
        "another column",
    ],
)
def test_an_invalid_roster_is_refused_with_the_reason(content: bytes, message: str, tmp_path: Path) -> None:
    assert f"roster.csv:{message}" in read(tmp_path, content)[1]


def test_other_and_missing_files_are_refused(tmp_path: Path) -> None:
    assert read(tmp_path, "x", "roster.xlsx")[1] == [
        "roster.xlsx:1:1: `roster.xlsx` is not a roster (the name must end in .csv or .yml) [no-roster]"
    ]
    assert str(read_roster(tmp_path / "gone.csv", tmp_path)[1][0]) == (
        "gone.csv:1:1: does not exist (create the roster)"
    )


def test_a_class_has_500_students_at_most(tmp_path: Path) -> None:
    lines = "".join(f"student{number}@example.com,Student,\n" for number in range(501))
    assert read(tmp_path, HEADER + lines)[1] == [
        "roster.csv:502:1: student 501 of 501 (a class has at most 500; split it into two classes) [too-many-students]"
    ]
    roster, wrong = read(tmp_path, HEADER + lines.removesuffix("student500@example.com,Student,\n"))
    assert wrong == []
    assert len({one.branch for one in roster.students}) == 500


@pytest.mark.parametrize(
    "email",
    [
        "ada@localhost",
        "ada..berg@example.com",
        ".ada@example.com",
        "ada.@example.com",
        "ada@exa mple.com",
        "ada@example.com; DROP",
        "æda@example.com",
        "ada`@example.com",
        "${ada}@example.com",
        "a/../b@example.com",
        f"{'a' * 61}@example.com",
    ],
)
def test_addresses_that_databricks_rejects_are_refused(email: str, tmp_path: Path) -> None:
    _, wrong = read(tmp_path, f'{HEADER}"{email}",Ada,\n')
    assert [one.rpartition(" [")[2] for one in wrong] == ["bad-email]"]
