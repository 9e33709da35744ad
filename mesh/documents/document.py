"""A YAML file as data, with the position of each value.

The text is untrusted: it is parsed within bounds, without constructing Python objects.
Every finding has a line.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from mesh.documents.file_text import text_of
from mesh.documents.secret import Secret, is_secret, secrets_in
from mesh.files.files import Files
from mesh.finding import Finding

MAX_NODES = 50_000  # aliases count at each use, which stops alias bombs
MAX_DEPTH = 50
MAX_MESSAGE = 2_000  # characters of a finding, which may contain a value
MAX_NUMBER = 100  # characters; converting longer ones takes time that grows with their square

# Embeddings, overrides and isolates: with these, an editor displays other text than the file contains
_BIDI = {*range(0x202A, 0x202F), *range(0x2066, 0x206A)}

Location = tuple[str | int, ...]
Mark = tuple[int, int]

_TAG = "tag:yaml.org,2002:"
_PLAIN_TAGS = {
    _TAG + name
    for name in ("str", "int", "float", "bool", "null", "timestamp", "map", "seq", "merge", "value")
}
_BEFORE_LEVEL = " \t-?:\ufeff"
_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Document:
    """One file of the mesh.

    Args:
        file: path from the mesh's root, with `/`.
        data: its content; an empty mapping for an empty file.
        marks: line and column of each value, by its location, both counted from 1.
        keys: line and column of each mapping key, by the location of its value.
    """

    file: str
    data: Mapping[str, Any] = field(default_factory=dict)
    marks: Mapping[Location, Mark] = field(default_factory=dict)
    keys: Mapping[Location, Mark] = field(default_factory=dict)

    def finding(self, code: str, location: Location, message: str, *, at_key: bool = False) -> Finding:
        """A finding at a value or its key.

        Args:
            code: the kind of error.
            location: the value's location; if it is missing, the nearest enclosing value is used.
            message: the error and its remedy; cut if it is too long.
            at_key: True for the position of the value's key.
        """
        if len(message) > MAX_MESSAGE:
            message = message[: MAX_MESSAGE - 1] + "…"
        if at_key and location in self.keys:
            return Finding(self.file, *self.keys[location], code, message)
        while location and location not in self.marks:
            location = location[:-1]
        return Finding(self.file, *self.marks.get(location, (1, 1)), code, message)

    def position(self, location: Location) -> str:
        """The position of the value of `location` as `file:line`: the line of its key, if it has one."""
        while location and location not in self.marks:
            location = location[:-1]
        line, _ = self.keys.get(location) or self.marks.get(location, (1, 1))
        return f"{self.file}:{line}"

    def part(self, location: Location) -> Document:
        """The mapping at `location` as a separate document, with the positions of its values."""
        data: Any = self.data
        for step in location:
            data = data[step]
        depth = len(location)
        marks, keys = (
            {at[depth:]: mark for at, mark in places.items() if at[:depth] == location}
            for places in (self.marks, self.keys)
        )
        return Document(self.file, data, marks, keys)


def read(path: Path, root: Path) -> tuple[Document, list[Finding]]:
    """Returns the document at `path`, and the findings.

    Args:
        path: a YAML file; if it does not exist, the document is empty.
        root: the mesh's root, resolved; the document's name is relative to it.
    """
    return document(path.relative_to(root).as_posix(), Files(root))


def document(file: str, files: Files) -> tuple[Document, list[Finding]]:
    """Returns the document of a YAML file, and the findings.

    Args:
        file: its path from the mesh's root; if it does not exist, the document is empty.
        files: the files of the mesh.
    """
    text, findings = text_of(file, files)
    return (Document(file), findings) if text is None else _Reader(file).read(text)


class _Reader:
    """Turns the nodes of one file into plain data, and collects marks and findings."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.findings: list[Finding] = []
        self.marks: dict[Location, Mark] = {}
        self.keys: dict[Location, Mark] = {}
        self.nodes = 0
        self.secret_lines: set[int] = set()

    def read(self, text: str) -> tuple[Document, list[Finding]]:
        secrets = [_secret(self.file, text, secret) for secret in secrets_in(text)]  # in comments too
        self.secret_lines = {finding.line for finding in secrets}
        document, findings = self._parsed(text)
        return document, secrets + findings

    def _parsed(self, text: str) -> tuple[Document, list[Finding]]:
        loader = _Loader(text)
        try:
            _check_depth(text)
            node = loader.get_single_node()
            data = {} if node is None else self._value(loader, node, (), ())
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            last = len(text.splitlines()) or 1  # the position of a missing token is after the last line
            where = (min(mark.line + 1, last), mark.column + 1) if mark else (1, 1)
            return Document(self.file), [
                Finding(
                    self.file,
                    *where,
                    "not-yaml",
                    f"is not YAML: {_without_secret(_why(error))}{_remedy(error, text)}",
                )
            ]
        except yaml.reader.ReaderError as error:
            line = text.count("\n", 0, error.position) + 1
            return Document(self.file), [
                Finding(self.file, line, 1, "not-yaml", f"is not YAML: {error.reason}")
            ]
        except (_TooLargeError, RecursionError):
            message = f"has more than {MAX_NODES:,} values or {MAX_DEPTH} levels (aliases count at each use)"
            return Document(self.file), [Finding(self.file, 1, 1, "too-large", message)]
        finally:
            loader.dispose()
        if data is None:
            data = {}
        if not isinstance(data, dict):
            self._complain("not-a-mapping", (), "should be a mapping of fields to values")
            data = {}
        return Document(self.file, data, self.marks, self.keys), self.findings

    def _value(self, loader: Any, node: yaml.Node, location: Location, around: tuple[int, ...]) -> Any:
        self.nodes += 1
        if self.nodes > MAX_NODES or len(around) > MAX_DEPTH or id(node) in around:
            raise _TooLargeError
        self.marks[location] = _mark(node)
        if node.tag not in _PLAIN_TAGS:
            self._complain(
                "yaml-tag",
                location,
                f"tag {_tag(node)} is not allowed (write a plain value)",
            )
            return None
        inside = (*around, id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(loader, node, location, inside)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(loader, item, (*location, i), inside) for i, item in enumerate(node.value)]
        return self._scalar(loader, node, location)

    def _mapping(
        self, loader: Any, node: yaml.MappingNode, location: Location, around: tuple[int, ...]
    ) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        own: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if key_node.tag == _TAG + "merge":
                merged = self._merge(loader, value_node, location, around) | merged
                continue
            key = key_node.value
            if not isinstance(key_node, yaml.ScalarNode) or key_node.tag != _TAG + "str":
                self.findings.append(
                    Finding(
                        self.file,
                        *_mark(key_node),
                        "not-yaml",
                        "the name of a field should be text (put it in quotes)",
                    )
                )
                continue
            if self._is_secret(key_node):
                continue
            if key in own:
                self.findings.append(
                    Finding(
                        self.file, *_mark(key_node), "duplicate-key", f"`{key}` is declared twice (keep one)"
                    )
                )
                continue
            self.keys[(*location, key)] = _mark(key_node)
            self._check_text(key, location, key_node)
            own[key] = self._value(loader, value_node, (*location, key), around)
        return merged | own

    def _merge(
        self, loader: Any, node: yaml.Node, location: Location, around: tuple[int, ...]
    ) -> dict[str, Any]:
        parts = node.value if isinstance(node, yaml.SequenceNode) else [node]
        merged: dict[str, Any] = {}
        for part in reversed(parts):  # of several, the first one wins
            value = self._value(loader, part, location, around)
            if not isinstance(value, dict):
                self.findings.append(
                    Finding(self.file, *_mark(part), "not-yaml", "`<<` should merge a mapping")
                )
                continue
            merged |= value
        return merged

    def _scalar(self, loader: Any, node: yaml.Node, location: Location) -> Any:
        if self._is_secret(node):
            return ""  # no other finding tells that the value is missing
        excerpt = f"`{node.value[:40]}`"
        try:
            if node.tag != _TAG + "str" and len(node.value) > MAX_NUMBER:
                raise ValueError
            value = loader.construct_object(node, deep=True)
        except (ArithmeticError, ValueError, yaml.YAMLError):
            self._complain("not-yaml", location, f"{excerpt} is not a valid YAML value (put it in quotes)")
            return None
        if isinstance(value, datetime.date) and _is_parameter(location):
            return node.value
        if isinstance(value, datetime.date):
            self._complain("wrong-type", location, f"{excerpt} is a date in YAML (put it in quotes)")
            return None
        if isinstance(value, float) and not math.isfinite(value):
            self._complain("wrong-type", location, f"{excerpt} is not a number that Databricks accepts")
            return None
        if isinstance(value, str):
            self._check_text(value, location, node)
        return value

    def _is_secret(self, node: yaml.Node) -> bool:
        """True if the scalar is a secret; later code never sees its value."""
        secret = next(secrets_in(node.value), None)
        lines = range(node.start_mark.line + 1, node.end_mark.line + 2)
        if secret and self.secret_lines.isdisjoint(lines):
            self.findings.append(Finding(self.file, *_mark(node), "secret-in-yaml", secret.message))
        return secret is not None

    def _check_text(self, text: str, location: Location, node: yaml.Node) -> None:
        if not text.isprintable() and any(map(is_control, text)):
            self.findings.append(
                Finding(
                    self.file, *_mark(node), "control-character", "contains a control character (remove it)"
                )
            )
        if "TfToken[" in text:  # cdktf would read it as one of its references
            self.findings.append(
                Finding(
                    self.file,
                    *_mark(node),
                    "reserved-text",
                    "contains `TfToken[`, which is reserved (reword it)",
                )
            )

    def _complain(self, code: str, location: Location, message: str) -> None:
        self.findings.append(Finding(self.file, *self.marks.get(location, (1, 1)), code, message))


class _TooLargeError(Exception):
    """The file exceeds a bound."""


def _check_depth(text: str) -> None:
    """Refuses a text that is too deep or too long, before libyaml builds its nodes on the C stack."""
    if len(text) <= MAX_NODES and _most_levels(text) <= MAX_DEPTH:
        return
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=_Loader)):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH or count > 3 * MAX_NODES:
            raise _TooLargeError


def _most_levels(text: str) -> int:
    """The most levels that a text can have; it has fewer.

    A bracket begins at most two levels: a list, and a mapping of one field in it. Other levels begin in
    different columns, except a list in a mapping, and before each are only spaces and indicators of levels.
    """
    columns = max((len(line) - len(line.lstrip(_BEFORE_LEVEL)) for line in text.splitlines()), default=0)
    return 2 * (text.count("[") + text.count("{") + columns + 1)


def is_control(character: str) -> bool:
    """True if the character is a control character or changes how other characters are displayed."""
    code = ord(character)
    if code < 32:
        return character not in "\n\r\t"
    return 127 <= code < 160 or 0xD800 <= code < 0xE000 or code in _BIDI


def _is_parameter(location: Location) -> bool:
    """True for the value of a job parameter, which is a text in any case, also if it looks like a date."""
    return location[-1:] == ("default",) and location[-3:-2] == ("parameters",)


def _tag(node: yaml.Node) -> str:
    name = node.tag.removeprefix(_TAG)
    return "of this value" if is_secret(name) else f"`{name[:60]}`"


def _why(error: yaml.MarkedYAMLError) -> str:
    return error.problem or error.context or "it ends unexpectedly"


def _remedy(error: yaml.MarkedYAMLError, text: str) -> str:
    """What to do about frequent mistakes, in parentheses; else nothing."""
    problem, mark = error.problem or "", error.problem_mark
    found = text[mark.index : mark.index + 1] if mark else ""
    if "cannot start any token" in problem:
        return " (indent with spaces, not with tabs)" if found == "\t" else " (put the text in quotes)"
    if "mapping values are not allowed" in problem:
        return " (put a text that contains `: ` in quotes, or correct the indentation)"
    return ""


def _without_secret(message: str) -> str:
    return "the text before this position does not end" if is_secret(message) else message


def _secret(file: str, text: str, secret: Secret) -> Finding:
    line = text.count("\n", 0, secret.offset)
    column = secret.offset - (text.rfind("\n", 0, secret.offset) + 1)
    return Finding(file, line + 1, column + 1, "secret-in-yaml", secret.message)


def _mark(node: yaml.Node) -> Mark:
    return node.start_mark.line + 1, node.start_mark.column + 1
