"""Reads a contract in the Data Contract Specification as a document of the Open Data Contract Standard.

The document keeps the positions of the file, so that findings and changes name the file's own lines.
Source: Data Contract Specification 1.2.1, and its migration guide to Open Data Contract Standard 3.1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mesh.documents.checked_model import validate_document
from mesh.documents.document import MAX_DEPTH, Document, Location, Mark
from mesh.finding import Finding, nearest
from mesh.model.contract_specification_file import TYPES, FieldFile, ModelFile, SpecificationFile
from mesh.model.service_levels import service_levels

_FIELD = "dataContractSpecification"
_REFERENCE = "#/definitions/"
_MOST_FIELDS = 10_000  # definitions count at each use, so that nested ones do not multiply without end
# What the specification names differently, also in its own later versions
_STATUS = {"in development": "draft"}
_COMPARISONS = {
    "mustBeGreaterThanOrEqualTo": "mustBeGreaterOrEqualTo",
    "mustBeLessThanOrEqualTo": "mustBeLessOrEqualTo",
}
_OF_TYPE = ("type", "precision", "scale")
_OPTIONS = (
    *("format", "pattern", "minLength", "maxLength"),
    *("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"),
)


def is_specification(document: Document) -> bool:
    """True for a contract in the Data Contract Specification."""
    return _FIELD in document.data


def as_standard(document: Document) -> tuple[Document | None, list[Finding]]:
    """Returns a contract of the specification as a document of the standard, and the findings.

    Returns:
        None instead of the document if there are findings.
    """
    declared, wrong = validate_document(SpecificationFile, document)
    if wrong:
        return None, wrong
    conversion = _Conversion(document, declared)
    data = conversion.contract()
    if conversion.findings:
        return None, list(conversion.findings)
    return Document(document.file, data, conversion.marks, conversion.keys), []


@dataclass
class _Conversion:
    """One contract, and where its values are in the file."""

    document: Document
    declared: SpecificationFile
    marks: dict[Location, Mark] = field(default_factory=dict)
    keys: dict[Location, Mark] = field(default_factory=dict)
    findings: dict[Finding, None] = field(default_factory=dict)  # a definition has its own only once
    fields: int = 0

    def contract(self) -> dict[str, Any]:
        """The fields of the standard."""
        info = self.declared.info
        self._at(("version",), ("info", "version"))
        self._at(("status",), ("info", "status"))
        self._at(("schema",), ("models",))
        self._at(("slaProperties",), ("servicelevels",))
        levels = []
        for index, (where, level) in enumerate(service_levels(self.declared.service_levels)):
            self._at(("slaProperties", index), ("servicelevels", *where))
            levels.append(level)
        return {
            "apiVersion": "v3.1.0",
            "kind": "DataContract",
            "id": self.declared.id,
            "version": info.version,
            "status": _STATUS.get(info.status, info.status),
            "schema": [
                self._table(name, model, ("schema", index), index == 0)
                for index, (name, model) in enumerate(self.declared.models.items())
            ],
            "slaProperties": levels,
            "team": [{"name": info.owner, "role": "owner"}] if info.owner else None,
        }

    def _at(self, to: Location, source: Location) -> None:
        """Says where a value is; that of a mapping is its key, as a list item has none in the standard."""
        if mark := self.document.marks.get(source):
            self.marks[to] = mark
        if key := self.document.keys.get(source):
            self.keys[to] = key

    def _named(self, to: Location, source: Location) -> None:
        """Says where an item with a name is: at its name."""
        if key := self.document.keys.get(source):
            self.marks[to] = self.marks[(*to, "name")] = self.marks[(*to, "physicalName")] = key

    def _table(self, name: str, model: ModelFile, to: Location, first: bool) -> dict[str, Any]:
        source: Location = ("models", name)
        self._named(to, source)
        self._at((*to, "description"), (*source, "description"))
        if unknown := [one for one in model.primary_key if one not in model.fields_]:
            near = nearest(unknown[0], tuple(model.fields_), "fields")
            message = f"`{unknown[0][:120]}` of the primary key is no field of `{name[:120]}` ({near})"
            self.findings[self.document.finding("wrong-value", (*source, "primaryKey"), message)] = None
        columns = self._columns(model.fields_, (*to, "properties"), (*source, "fields"), ())
        positions = {column: position for position, column in enumerate(model.primary_key, 1)}
        for one in columns:
            if position := positions.get(one["name"]):
                one |= {"primaryKey": True, "primaryKeyPosition": position}
        return {
            "name": name,
            "description": model.description,
            "properties": columns,
            "quality": [*map(_rule, model.quality), *(self._other_rules() if first else ())],
        }

    def _columns(
        self, fields: Mapping[str, FieldFile], to: Location, source: Location, within: tuple[str, ...]
    ) -> list[dict[str, Any]]:
        found = []
        for index, (name, one) in enumerate(fields.items()):
            at = (*to, index)
            self._named(at, (*source, name))
            found.append({"name": name, **self._field(one, at, (*source, name), within)})
        return found

    def _field(
        self, one: FieldFile, to: Location, source: Location, within: tuple[str, ...]
    ) -> dict[str, Any]:
        """A field; `within` are the definitions that contain it, which it may not refer to."""
        self.fields += 1
        if self._is_too_large(len(to) + len(within)):
            return {}
        base: dict[str, Any] = {}
        if one.reference is not None:
            base = self._definition(one.reference, to, source, within)
        logical, physical = _types(self._typed(one))
        for name in ("description", "required", "unique", "classification"):
            self._at((*to, name), (*source, name))
        for name in ("logicalType", "physicalType"):
            self._at((*to, name), (*source, "type"))
        quality = [*map(_rule, one.quality), *_enum(one)]
        options = {name: value for name, value in one.model_dump(by_alias=True).items() if name in _OPTIONS}
        own: dict[str, Any] = {
            "description": one.description,
            "required": one.required,
            "unique": one.unique,
            "primaryKey": one.primary if one.primary_key is None else one.primary_key,
            "classification": one.classification,
            "logicalType": logical,
            "physicalType": physical,
            "logicalTypeOptions": {name: value for name, value in options.items() if value is not None},
            "properties": self._columns(one.fields_, (*to, "properties"), (*source, "fields"), within),
            "quality": quality,
        }
        if one.items is not None:
            self._at((*to, "items"), (*source, "items"))
            own["items"] = self._field(one.items, (*to, "items"), (*source, "items"), within)
        if one.type:
            base = {**base, "physicalType": None, "logicalType": None}
        own["quality"] = [*base.get("quality", ()), *quality]
        own["logicalTypeOptions"] = {**base.get("logicalTypeOptions", {}), **own["logicalTypeOptions"]}
        return base | {name: value for name, value in own.items() if value not in (None, [], {})}

    def _is_too_large(self, depth: int) -> bool:
        """True, with one finding, if definitions in definitions are more than a reader can use."""
        if self.fields <= _MOST_FIELDS and depth <= 2 * MAX_DEPTH:
            return False
        message = (
            f"has more than {_MOST_FIELDS:,} fields or {MAX_DEPTH} levels (definitions count at each use)"
        )
        self.findings[self.document.finding("too-large", ("models",), message)] = None
        return True

    def _typed(self, one: FieldFile) -> FieldFile:
        """The field; if it says a part of its type, with the other parts of the definition it refers to."""
        parts = {part: getattr(one, part) for part in _OF_TYPE}
        if not any(value is not None for value in parts.values()):
            return one
        reference = one.reference
        for _ in range(2 * MAX_DEPTH):  # definitions in a circle are a finding
            if (found := self.declared.definitions.get((reference or "").removeprefix(_REFERENCE))) is None:
                break
            parts = {part: getattr(found, part) if held is None else held for part, held in parts.items()}
            reference = found.reference
        return one.model_copy(update=parts)

    def _definition(
        self, reference: str, to: Location, source: Location, within: tuple[str, ...]
    ) -> dict[str, Any]:
        """The fields of the definition that a field refers to; adds a finding if there is none."""
        name = reference.removeprefix(_REFERENCE)
        definitions = self.declared.definitions
        if not reference.startswith(_REFERENCE):
            wrong = f"`{reference[:120]}` is outside of the contract (write {_REFERENCE}<name>)"
        elif name in within:
            wrong = f"definition `{name[:120]}` refers to itself (remove `$ref`)"
        elif name not in definitions:
            near = nearest(name, tuple(definitions), "definitions")
            wrong = f"definition `{name[:120]}` does not exist ({near})"
        else:
            return self._field(definitions[name], to, ("definitions", name), (*within, name))
        self.findings[self.document.finding("unknown-definition", (*source, "$ref"), wrong)] = None
        return {}

    def _other_rules(self) -> Iterator[dict[str, Any]]:
        """The rules that version 0.9 has for the whole contract, in the language of another tool."""
        if self.declared.quality:
            tool = self.declared.quality.get("type", "another tool")
            yield {"type": "custom", "name": f"quality in {tool}"}


def _types(one: FieldFile) -> tuple[str | None, str | None]:
    """The type in the words of the standard, and in those of Databricks."""
    logical, physical = TYPES.get(one.type or "", (None, None))
    if one.type in ("decimal", "numeric") and one.precision is not None:
        physical = f"decimal({one.precision},{one.scale or 0})"
    declared = one.config.get("databricksType")
    return logical, declared if isinstance(declared, str) else physical


def _rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    return {_COMPARISONS.get(name, name): value for name, value in rule.items()}


def _enum(one: FieldFile) -> Iterator[dict[str, Any]]:
    if one.enum:
        values = [*one.enum]
        yield {"name": "enum", "metric": "invalidValues", "arguments": {"validValues": values}}
