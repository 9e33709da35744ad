"""Descriptions: a task of a job that sets the comments and keys of its flow's tables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from mesh.deployment.data_objects import DataNames
from mesh.deployment.generated_task import GeneratedTask, notebook_text
from mesh.model.entry import Entry
from mesh.model.flow_table import default_schema
from mesh.model.table_description import TableDescription, table_descriptions

_KEY = "describe_tables"
SCHEMAS = "described_schemas"
OWNERS = "table_owners"
"""The parameters of the notebook."""


@dataclass(frozen=True)
class Description(GeneratedTask):
    """A task that sets comments and keys, after the tasks that fill the tables.

    Args:
        tables: what is declared.
        default: the schema of tables that name none, by the name that the flow declares.
    """

    tables: tuple[TableDescription, ...]
    default: str | None

    verb: ClassVar[str] = "describes"

    @property
    def text(self) -> str:
        """The notebook. The same declaration gives the same text, in all environments."""
        tables = [one.settings(self.default) for one in self.tables]
        owned = any(one.owner for one in self.tables)
        programs = (*_PROGRAMS, "table_owner_setter.py") if owned else _PROGRAMS
        last = _LAST_CELL + _LAST_LINES_OF_OWNERS if owned else _LAST_CELL
        return notebook_text(self.position, programs, "TABLES", tables, last)

    def base_parameters(self, names: DataNames, read: Mapping[str, DataNames]) -> dict[str, str]:
        """Returns catalog and schema of the tables that are not in the flow's only schema."""
        places: dict[str, tuple[str, str]] = {}
        for table in self.tables:
            if table.schema != self.default:
                places[table.schema] = (names.catalog, names.schemas[table.schema])
            for key in table.foreign_keys:
                here = read.get(key.read) if key.read else names
                schemas = [*here.schemas.items()] if here else []
                full = next((full for db, full in schemas if key.schema in ("", db)), None)
                if here and full and key.place:
                    places[key.place] = (here.catalog, full)
        given = {SCHEMAS: json.dumps(places)} if places else {}
        owned = any(one.owner for one in self.tables)
        return given | ({OWNERS: json.dumps(dict(names.owners))} if owned else {})

    def owners(self, task: Mapping[str, Any]) -> dict[str, str]:
        """Returns the owners that the task sets, by their declared names.

        Args:
            task: the task in the Jobs API.
        """
        parameters = task["notebook_task"].get("base_parameters", {})
        return dict(json.loads(parameters.get(OWNERS, "{}")))


def descriptions(entry: Entry) -> tuple[Description, ...]:
    """Returns the task that describes the tables of a job's flow; empty if there is nothing to set."""
    tables = table_descriptions(entry.flow) if is_described_by(entry) else ()
    if not tables:
        return ()
    title = tables[0].name if len(tables) == 1 else f"{len(tables)} tables"
    flow = entry.flow
    return (Description(_KEY, title, tables[0].position, flow.folder / _KEY, tables, default_schema(flow)),)


def is_described_by(entry: Entry) -> bool:
    """True if a job sets what is declared about the tables of its flow."""
    if entry.kind != "job" or not entry.tasks:
        return False
    declared = entry.declared.describe
    return len(entry.flow.jobs) == 1 if declared is None else declared


_PROGRAMS = ("unity_catalog.py", "table_describer.py")
_LAST_CELL = """\
schemas = {"": (dbutils.widgets.get("catalog"), dbutils.widgets.get("schema"))}
named = {table["schema"] for table in TABLES}
named |= {key["schema"] for table in TABLES for key in table.get("foreign_keys", ())}
if named - {""}:
    schemas |= json.loads(dbutils.widgets.get("described_schemas"))

api = unity_catalog(dbutils)


def read(name):
    return api("GET", "tables/" + name)


describe(spark.sql, read, TABLES, schemas, print)
"""

_LAST_LINES_OF_OWNERS = """
owners = json.loads(dbutils.widgets.get("table_owners"))
set_owners(spark.sql, read, TABLES, schemas, owners, quoted, print)
"""
