"""The roster: the students of a class, as a CSV file or a list in YAML."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mesh.documents.checked_model import CheckedModel, validate_document
from mesh.documents.document import Mark, is_control, read
from mesh.documents.file_text import read_text
from mesh.finding import Finding, nearest
from mesh.workshop.student import Student, assign_branches, schema_name

MAX_STUDENTS = 500
MAX_CHARACTERS = 200
COLUMNS = ("email", "name", "team")

# Addresses that Databricks accepts as user names
_EMAIL = re.compile(
    r"[a-z0-9](?:[a-z0-9_'+-]|\.(?!\.))*(?<!\.)@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}"
)
_MAX_LOCAL_PART = 60
# OWASP, "CSV Injection": first characters of what a spreadsheet evaluates
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
# Other schemas of the catalog `training`
_RESERVED_SCHEMAS = {"data", "default", "information_schema", "taxinyc_trips"}


class StudentFile(CheckedModel):
    """A student in a roster in YAML."""

    email: str
    """The student's user name in Databricks."""

    name: str = ""
    """The student's name; by default the part of the address before the @."""

    team: str = ""
    """The student's team."""


class RosterFile(CheckedModel):
    """A roster in YAML; a roster in CSV has the same columns."""

    students: tuple[StudentFile, ...] = ()
    """The students of the class."""


@dataclass(frozen=True)
class Roster:
    """The students of a class.

    Args:
        file: path relative to the mesh's root.
        students: in order of their addresses.
    """

    file: str
    students: tuple[Student, ...] = ()


@dataclass(frozen=True)
class _RosterLine:
    """One student in a roster, not yet checked.

    Args:
        file: path of the roster.
        values: the texts, by column.
        marks: line and column of each text.
    """

    file: str
    values: Mapping[str, str]
    marks: Mapping[str, Mark]

    @property
    def email(self) -> str:
        """The address, in the form in which addresses are compared."""
        return self.values.get("email", "").strip().lower()

    @property
    def name(self) -> str:
        return self.values.get("name", "").strip() or self.email.partition("@")[0]

    @property
    def team(self) -> str | None:
        return self.values.get("team", "").strip() or None

    def finding(self, code: str, column: str, message: str) -> Finding:
        return Finding(self.file, *self.marks[column], code, message)


def read_roster(path: Path, root: Path) -> tuple[Roster, list[Finding]]:
    """Reads a roster; returns it with all findings.

    Args:
        path: a file that ends in `.csv`, `.yml` or `.yaml`.
        root: the mesh's root, without symbolic links.
    """
    file = path.relative_to(root).as_posix()
    if path.suffix not in (".csv", ".yml", ".yaml"):
        message = f"`{path.name[:60]}` is not a roster (the name must end in .csv or .yml)"
        return Roster(file), [Finding(file, 1, 1, "no-roster", message)]
    if not path.exists():
        return Roster(file), [Finding(file, 1, 1, "no-roster", "does not exist (create the roster)")]
    entries, findings = (_csv if path.suffix == ".csv" else _yaml)(path, root)
    if not findings and not entries:
        message = f"has no students (add a line for each student: {', '.join(COLUMNS)})"
        findings = [Finding(file, 1, 1, "empty-roster", message)]
    findings += [finding for entry in entries for finding in _check(entry)]
    findings += _check_together(entries)
    if findings:
        return Roster(file), findings
    assigned = assign_branches((entry.email, entry.name) for entry in entries)
    students = (Student(entry.email, entry.name, entry.team, assigned[entry.email]) for entry in entries)
    return Roster(file, tuple(sorted(students, key=lambda student: student.email))), []


def _yaml(path: Path, root: Path) -> tuple[list[_RosterLine], list[Finding]]:
    document, findings = read(path, root)
    declared, wrong = validate_document(RosterFile, document)
    # the texts are checked also where another field of the file is wrong
    students = (
        document.data.get("students") if wrong else [student.model_dump() for student in declared.students]
    )
    entries = []
    for number, student in enumerate(students if isinstance(students, list) else ()):
        if not isinstance(student, dict):
            continue
        texts = {name: text for name, text in student.items() if isinstance(text, str)}
        if "email" in texts:
            at = ("students", number)
            marks = {column: document.marks.get((*at, column), document.marks[at]) for column in COLUMNS}
            entries.append(_RosterLine(document.file, texts, marks))
    return entries, [*findings, *wrong]


def _csv(path: Path, root: Path) -> tuple[list[_RosterLine], list[Finding]]:
    file = path.relative_to(root).as_posix()
    text, findings = read_text(path, root)
    if text is None or findings:
        return [], findings
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        return [], [Finding(file, line, 1, "not-csv", "is not text (save it as CSV in UTF-8)")]
    return _CsvRoster(file, text).entries()


class _CsvRoster:
    """A roster in CSV, with the position of each value.

    Source: RFC 4180; a semicolon is also a separator, because spreadsheets write it in some languages.
    """

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.lines = text.splitlines()
        first = self.lines[0] if self.lines else ""
        self.separator = ";" if ";" in first and "," not in first else ","
        self.reader = csv.reader(io.StringIO(text, newline=""), delimiter=self.separator, strict=True)

    def entries(self) -> tuple[list[_RosterLine], list[Finding]]:
        """The lines below the header, and the findings about the format."""
        entries: list[_RosterLine] = []
        findings: list[Finding] = []
        columns: list[str] | None = None
        line = 1
        try:
            for row in self.reader:
                if any(value.strip() for value in row):
                    if columns is None:
                        columns = [value.strip().lower() for value in row]
                        findings += self._check_header(columns, line)
                    elif len(row) != len(columns):
                        findings.append(self._wrong_length(row, columns, line))
                    else:
                        marks = dict(zip(columns, self._marks(line), strict=False))
                        entries.append(_RosterLine(self.file, dict(zip(columns, row, strict=True)), marks))
                line = self.reader.line_num + 1
        except csv.Error as error:
            message = f"is not valid CSV: {error} (quote the value, and double each quote in it)"
            findings.append(Finding(self.file, max(self.reader.line_num, 1), 1, "not-csv", message))
        if columns and "email" not in columns:
            return [], findings
        return entries, findings

    def _marks(self, line: int) -> list[Mark]:
        """The positions of a row's values, as far as they are in the row's first line."""
        marks, quoted = [(line, 1)], False
        for column, character in enumerate(self.lines[line - 1], 1):
            quoted ^= character == '"'
            if character == self.separator and not quoted:
                marks.append((line, column + 1))
        return marks + [(line, 1)] * (len(COLUMNS) - len(marks))

    def _check_header(self, columns: Sequence[str], line: int) -> Iterator[Finding]:
        marks = dict(zip(columns, self._marks(line), strict=False))
        for column in dict.fromkeys(columns):
            if column not in COLUMNS:
                message = f"unknown column `{column[:60]}` ({nearest(column[:60], COLUMNS, 'columns')})"
                yield Finding(self.file, *marks.get(column, (line, 1)), "roster-columns", message)
            elif columns.count(column) > 1:
                message = f"column `{column}` is declared twice (remove one)"
                yield Finding(self.file, *marks[column], "roster-columns", message)
        if "email" not in columns:
            message = f"column `email` is missing (the first line must name the columns: {','.join(COLUMNS)})"
            yield Finding(self.file, line, 1, "roster-columns", message)

    def _wrong_length(self, row: Sequence[str], columns: Sequence[str], line: int) -> Finding:
        values = f"{len(row)} value{'s' if len(row) > 1 else ''}"
        message = f"{values}, but the first line names {len(columns)} columns (quote values that contain "
        return Finding(
            self.file, line, 1, "roster-columns", f"{message}`{self.separator}`, or add the missing values)"
        )


def _check(entry: _RosterLine) -> Iterator[Finding]:
    """Checks one student."""
    texts = {column: value for column, value in entry.values.items() if column in COLUMNS}
    problems = {column: problem for column, value in texts.items() if (problem := _check_text(column, value))}
    if problems:
        yield from (entry.finding(code, column, message) for column, (code, message) in problems.items())
        return
    local_part = entry.email.partition("@")[0]
    if not _EMAIL.fullmatch(entry.email) or len(local_part) > _MAX_LOCAL_PART:
        text = f"`{entry.email}` is not a valid address" if entry.email else "the address is missing"
        remedy = "write the user name in Databricks, such as somebody@example.com"
        yield entry.finding("bad-email", "email", f"{text} ({remedy})")
    elif schema_name(entry.email) in _RESERVED_SCHEMAS:
        message = f"`{schema_name(entry.email)}` is a schema of the workshop itself"
        yield entry.finding("reserved-user", "email", f"{message} (use another address)")


def _check_text(column: str, value: str) -> tuple[str, str] | None:
    """Checks a text of any column; returns the code and the message of a problem."""
    excerpt = value if len(value) <= 40 else f"{value[:40]}…"
    if len(value) > MAX_CHARACTERS:
        limit = f"at most {MAX_CHARACTERS}"
        return "text-too-long", f"`{column}` has {len(value):,} characters: `{excerpt}` ({limit})"
    if value.startswith(_FORMULA):
        message = f"`{excerpt}` would be a formula in a spreadsheet (begin `{column}` with a letter or digit)"
        return "formula", message
    if any(is_control(character) or character in "\n\r\t" for character in value):
        return "control-character", f"`{column}` contains a control character (remove it)"
    if "TfToken[" in value:  # cdktf's own syntax for references
        return "reserved-text", f"`{column}` contains `TfToken[`, which is reserved (remove it)"
    return None


def _check_together(entries: Sequence[_RosterLine]) -> Iterator[Finding]:
    """Checks the number of students, and that no two share an address or a short name."""
    if len(entries) > MAX_STUDENTS:
        message = f"student {MAX_STUDENTS + 1} of {len(entries)} (a class has at most {MAX_STUDENTS}; "
        yield entries[MAX_STUDENTS].finding(
            "too-many-students", "email", f"{message}split it into two classes)"
        )
    emails: dict[str, _RosterLine] = {}
    users: dict[str, _RosterLine] = {}
    for entry in entries:
        if not _EMAIL.fullmatch(entry.email):
            continue
        if (other := emails.setdefault(entry.email, entry)) is not entry:
            message = f"`{entry.email}` is already in line {other.marks['email'][0]} (remove one)"
            yield entry.finding("duplicate-student", "email", message)
        elif (other := users.setdefault(schema_name(entry.email), entry)) is not entry:
            message = f"`{entry.email}` and `{other.email}` in line {other.marks['email'][0]} both have the"
            remedy = "schemas and jobs would have equal names: use another address for one of them"
            yield entry.finding(
                "one-user-twice",
                "email",
                f"{message} short name `{schema_name(entry.email)}` ({remedy})",
            )
