"""The quality of a flow's data: the rules of its quality.yml, by table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mesh.documents.checked_model import validate_document
from mesh.documents.document import Document, document
from mesh.files.files import Files
from mesh.finding import Finding, nearest
from mesh.model.quality_file import QualityFile, QualityRuleFile, spark_rule
from mesh.model.table_rules import TableRules

FILE = "quality.yml"
_MISNAMED = "quality.yaml"


@dataclass(frozen=True)
class QualityTable:
    """The rules of one table.

    Args:
        name: its name.
        schema: its schema, before the naming template; None for the flow's only schema.
        rules: in declared order.
    """

    name: str
    schema: str | None
    rules: tuple[QualityRuleFile, ...]

    @property
    def full_name(self) -> str:
        """The name, after the schema if the file says it."""
        return f"{self.schema}.{self.name}" if self.schema else self.name


@dataclass(frozen=True)
class Quality:
    """The rules that a flow's data follows.

    Args:
        document: its quality.yml.
        tables: in declared order.
    """

    document: Document
    tables: tuple[QualityTable, ...]

    @property
    def file(self) -> str:
        """Its path, relative to the mesh's root."""
        return self.document.file

    @property
    def table_rules(self) -> tuple[TableRules, ...]:
        """What a verification tests; rows that violate a rule are copied to the quarantine table."""
        return tuple(
            TableRules(one.name, one.schema, rules=tuple(map(spark_rule, one.rules)), quarantine=True)
            for one in self.tables
        )


def flow_quality(folder: str, schemas: tuple[str, ...], files: Files) -> tuple[Quality | None, list[Finding]]:
    """Reads the quality.yml of a flow, and returns the findings; None without one, or if it has errors.

    Args:
        folder: the flow's folder, from the mesh's root.
        schemas: the names of its schemas, before the naming template.
        files: the files of the mesh.
    """
    if files.is_there(f"{folder}/{_MISNAMED}"):
        message = f"is not read (rename it to {FILE})"
        return None, [Finding(f"{folder}/{_MISNAMED}", 1, 1, "misplaced-file", message)]
    if not files.is_there(f"{folder}/{FILE}"):
        return None, []
    read, wrong = document(f"{folder}/{FILE}", files)
    if wrong:
        return None, wrong
    declared, wrong = validate_document(QualityFile, read)
    if wrong:
        return None, wrong
    tables = []
    for name, rules in declared.tables.items():
        schema, _, table = name.rpartition(".")
        tables.append(QualityTable(table, schema or None, rules))
    found = Quality(read, tuple(tables))
    return found, list(_check(found, schemas))


def _check(found: Quality, schemas: tuple[str, ...]) -> Iterator[Finding]:
    """Reports tables without a schema of the flow, and rules of one name."""
    for table in found.tables:
        at = ("tables", table.full_name)
        if table.schema and table.schema not in schemas:
            near = nearest(table.schema, schemas, "schemas")
            message = f"schema `{table.schema[:120]}` is not in `schemas` of the flow ({near})"
            yield found.document.finding("unknown-schema", at, message, at_key=True)
        elif not table.schema and len(schemas) != 1:
            message = f"the schema of table `{table.name[:120]}` is not known: the flow has {len(schemas)}"
            remedy = f"write `<schema>.{table.name[:120]}`"
            yield found.document.finding("unknown-schema", at, f"{message} ({remedy})", at_key=True)
        if not table.rules:
            message = f"table `{table.full_name[:120]}` has no rules (add one)"
            yield found.document.finding("empty-list", at, message)
        seen: set[tuple[str | None, str]] = set()
        for index, rule in enumerate(table.rules):
            key = (rule.column, str(spark_rule(rule)["rule"]))
            if key in seen:
                message = f"rule `{rule.title[:60]}` is declared twice for one column (give one a `name`)"
                yield found.document.finding("key-twice", (*at, index, "rule"), message)
            seen.add(key)
