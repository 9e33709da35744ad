"""The roster: who takes part, as a CSV file or a list in YAML."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mesh.documents.declared import Declared, declare
from mesh.documents.document import Mark, controls, read, read_text
from mesh.finding import Finding, nearest
from mesh.workshop.student import Student, branches, schema_name

MOST_STUDENTS = 500
MOST_CHARACTERS = 200
COLUMNS = ("email", "name", "team")

# Of an address only what Databricks takes as a name of a user
_EMAIL = re.compile(
    r"[a-z0-9](?:[a-z0-9_'+-]|\.(?!\.))*(?<!\.)@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}"
)
_LOCAL_PART = 60
# OWASP, "CSV Injection": what a spreadsheet takes for a formula
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
# Schemas that the catalog `training` has besides
_TAKEN = {"data", "default", "information_schema", "taxinyc_trips"}


class StudentFile(Declared):
    """A student as a roster in YAML lists them."""

    email: str
    """The address that Databricks knows them by."""

    name: str = ""
    """What people call them; by default what stands before the @."""

    team: str = ""
    """The team that they work in."""


class RosterFile(Declared):
    """What a roster in YAML may say; one in CSV has the same columns."""

    students: tuple[StudentFile, ...] = ()
    """Who takes part."""


@dataclass(frozen=True)
class Roster:
    """Who takes part.

    Args:
        file: path from the mesh's root.
        students: in order of their addresses.
    """

    file: str
    students: tuple[Student, ...] = ()


@dataclass(frozen=True)
class _Entry:
    """One line of a roster as it stands there.

    Args:
        file: the roster.
        values: by column.
        marks: line and column of each.
    """

    file: str
    values: Mapping[str, str]
    marks: Mapping[str, Mark]

    @property
    def email(self) -> str:
        """The address, as it tells one student from another."""
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
    """The roster at `path`, and all that is wrong in it.

    Args:
        path: a file that ends in `.csv`, or in `.yml` or `.yaml`.
        root: the mesh's root, without links.
    """
    file = path.relative_to(root).as_posix()
    if path.suffix not in (".csv", ".yml", ".yaml"):
        message = f"`{path.name[:60]}` is no roster (a roster ends in .csv or .yml)"
        return Roster(file), [Finding(file, 1, 1, "no-roster", message)]
    if not path.exists():
        return Roster(file), [Finding(file, 1, 1, "no-roster", "is not there (write the roster)")]
    entries, findings = (_csv if path.suffix == ".csv" else _yaml)(path, root)
    if not findings and not entries:
        message = f"lists nobody (add a line for each student: {', '.join(COLUMNS)})"
        findings = [Finding(file, 1, 1, "empty-roster", message)]
    findings += [wrong for entry in entries for wrong in _check(entry)]
    findings += _check_together(entries)
    if findings:
        return Roster(file), findings
    chosen = branches((one.email, one.name) for one in entries)
    students = (Student(one.email, one.name, one.team, chosen[one.email]) for one in entries)
    return Roster(file, tuple(sorted(students, key=lambda one: one.email))), []


def _yaml(path: Path, root: Path) -> tuple[list[_Entry], list[Finding]]:
    document, findings = read(path, root)
    declared, wrong = declare(RosterFile, document)
    listed = document.data.get("students") if wrong else [one.model_dump() for one in declared.students]
    entries = []
    for number, one in enumerate(listed if isinstance(listed, list) else ()):
        if not isinstance(one, dict):
            continue
        # of what is not as it should be, the rest is looked at all the same
        texts = {name: text for name, text in one.items() if isinstance(text, str)}
        if "email" in texts:
            at = ("students", number)
            marks = {column: document.marks.get((*at, column), document.marks[at]) for column in COLUMNS}
            entries.append(_Entry(document.file, texts, marks))
    return entries, [*findings, *wrong]


def _csv(path: Path, root: Path) -> tuple[list[_Entry], list[Finding]]:
    file = path.relative_to(root).as_posix()
    text, findings = read_text(path, root)
    if text is None or findings:
        return [], findings
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        return [], [Finding(file, line, 1, "not-csv", "is no text (save it as CSV in UTF-8)")]
    return _Table(file, text).entries()


class _Table:
    """A CSV file with the place where each value stands.

    Source: RFC 4180; a semicolon separates, too, as spreadsheets write where a comma is in numbers.
    """

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.lines = text.splitlines()
        first = self.lines[0] if self.lines else ""
        self.separator = ";" if ";" in first and "," not in first else ","
        self.reader = csv.reader(io.StringIO(text, newline=""), delimiter=self.separator, strict=True)

    def entries(self) -> tuple[list[_Entry], list[Finding]]:
        """All lines below the header, and what is wrong with their form."""
        entries: list[_Entry] = []
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
                        entries.append(_Entry(self.file, dict(zip(columns, row, strict=True)), marks))
                line = self.reader.line_num + 1
        except csv.Error as error:
            message = f"is no CSV: {error} (put quotes around a value, and two for one within it)"
            findings.append(Finding(self.file, max(self.reader.line_num, 1), 1, "not-csv", message))
        if columns and "email" not in columns:
            return [], findings
        return entries, findings

    def _marks(self, line: int) -> list[Mark]:
        """Where the values of the row that begins in a line stand, as long as they stand in that line."""
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
                message = f"column `{column}` stands here twice (keep one)"
                yield Finding(self.file, *marks[column], "roster-columns", message)
        if "email" not in columns:
            message = f"column `email` is missing (the first line names the columns: {','.join(COLUMNS)})"
            yield Finding(self.file, line, 1, "roster-columns", message)

    def _wrong_length(self, row: Sequence[str], columns: Sequence[str], line: int) -> Finding:
        values = f"{len(row)} value{'s' if len(row) > 1 else ''}"
        message = f"{values} where the first line names {len(columns)} columns (put quotes around values "
        return Finding(
            self.file, line, 1, "roster-columns", f"{message}that hold `{self.separator}`, or add what lacks)"
        )


def _check(entry: _Entry) -> Iterator[Finding]:
    """What is wrong with one student."""
    texts = {column: value for column, value in entry.values.items() if column in COLUMNS}
    if wrong := {column: found for column, value in texts.items() if (found := _wrong_text(column, value))}:
        yield from (entry.finding(code, column, message) for column, (code, message) in wrong.items())
        return
    local_part = entry.email.partition("@")[0]
    if not _EMAIL.fullmatch(entry.email) or len(local_part) > _LOCAL_PART:
        shown = f"`{entry.email}` is no address" if entry.email else "the address is missing"
        remedy = "write it as the student logs in to Databricks: somebody@example.com"
        yield entry.finding("bad-email", "email", f"{shown} ({remedy})")
    elif schema_name(entry.email) in _TAKEN:
        message = f"`{schema_name(entry.email)}` is a schema of the workshop itself, and would be theirs too"
        yield entry.finding("reserved-user", "email", f"{message} (use another address)")


def _wrong_text(column: str, value: str) -> tuple[str, str] | None:
    """What is wrong with a text whatever it says, if anything: code and message."""
    shown = value if len(value) <= 40 else f"{value[:40]}…"
    if len(value) > MOST_CHARACTERS:
        most = f"{MOST_CHARACTERS} at most"
        return "text-too-long", f"`{column}` has {len(value):,} characters: `{shown}` ({most})"
    if value.startswith(_FORMULA):
        message = f"`{shown}` is a formula to spreadsheets (begin `{column}` with a letter or digit)"
        return "formula", message
    if any(controls(character) or character in "\n\r\t" for character in value):
        return "control-character", f"`{column}` holds a control character (remove it)"
    if "TfToken[" in value:  # cdktf would take it for a reference of its own
        return "reserved-text", f"`{column}` holds `TfToken[`, which is reserved (reword it)"
    return None


def _check_together(entries: Sequence[_Entry]) -> Iterator[Finding]:
    """What only several students together show to be wrong."""
    if len(entries) > MOST_STUDENTS:
        message = f"student {MOST_STUDENTS + 1} of {len(entries)} (a class has {MOST_STUDENTS} at most; "
        yield entries[MOST_STUDENTS].finding("too-many-students", "email", f"{message}make two of it)")
    emails: dict[str, _Entry] = {}
    users: dict[str, _Entry] = {}
    for entry in entries:
        if not _EMAIL.fullmatch(entry.email):
            continue
        if (twin := emails.setdefault(entry.email, entry)) is not entry:
            message = f"`{entry.email}` is in line {twin.marks['email'][0]} already (keep one)"
            yield entry.finding("duplicate-student", "email", message)
        elif (twin := users.setdefault(schema_name(entry.email), entry)) is not entry:
            message = f"`{entry.email}` and `{twin.email}` of line {twin.marks['email'][0]} are both"
            remedy = "names of schemas and jobs would be the same: use another address of one of them"
            yield entry.finding(
                "one-user-twice", "email", f"{message} `{schema_name(entry.email)}` to the mesh ({remedy})"
            )
