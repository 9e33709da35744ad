"""What a workspace tells about the flows of a map: their last runs, and their tables."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from mesh.errors import OutsideError, UsageError


@dataclass(frozen=True)
class LastRun:
    """The last run of a job, or the last update of a pipeline.

    Args:
        text: its state and when it was, for people.
        link: the address of its page; "" if it has none.
        remarks: what it reported, such as rows that fail an expectation.
        fresh: when the data was last written with success; None if no run is known that succeeded.
        cost: what it cost, for people; None if nobody said.
    """

    text: str
    link: str = ""
    remarks: tuple[str, ...] = ()
    fresh: str | None = None
    cost: str | None = None


@dataclass(frozen=True)
class LiveTable:
    """A table in a schema of a flow.

    Args:
        name: its name.
        link: the address of its page; "" if it has none.
    """

    name: str
    link: str = ""


@dataclass(frozen=True)
class Live:
    """What a workspace tells.

    Args:
        runs: the last run, by the name of the job or pipeline; by `<folder of the flow>/<name>` where
            several flows have jobs of one name.
        tables: the names of the tables in each schema, by its full name.
        table_page: the address of a table's page, with `{catalog}`, `{schema}` and `{table}`; "" if none.
        folder_page: the address of the page of a folder's files, with `{path}`; "" if none.
        costs: what the resources with a tag cost, for people, by key and value of the tag.
        note: what the workspace is, and what it cannot tell; "" if nothing.
        pages: the addresses of other pages of the workspace, by the text of their links.
    """

    runs: Mapping[str, LastRun] = field(default_factory=dict)
    tables: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    table_page: str = ""
    folder_page: str = ""
    costs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    note: str = ""
    pages: Mapping[str, str] = field(default_factory=dict)

    def last_run(self, name: str, folder: str) -> LastRun | None:
        """The last run of a job or pipeline.

        Args:
            name: its name.
            folder: the folder of its flow, relative to the mesh's root.
        """
        return self.runs.get(f"{folder}/{name}") or self.runs.get(name)

    def tables_in(self, schema: str) -> Iterator[LiveTable]:
        """The tables in a schema, each with the address of its page.

        Args:
            schema: catalog and schema.
        """
        catalog, _, name = schema.partition(".")
        for table in self.tables.get(schema, ()):
            link = self.table_page
            for field_name, value in (("catalog", catalog), ("schema", name), ("table", table)):
                link = link.replace(f"{{{field_name}}}", quote(value, safe=""))
            yield LiveTable(table, link)


NOTHING = Live()
"""No workspace was asked."""

MISSING = (
    "Last runs, freshness, tables and costs are told by a workspace: `mesh map --live FILE` (docs/map.md)."
)
"""What a map lacks if no workspace was asked."""


def read_live(file: Path) -> Live:
    """Reads a JSON file with the fields of `Live`; docs/map.md shows one.

    Args:
        file: the file; `-` is stdin.

    Raises:
        UsageError: the file has another form.
        OutsideError: the file cannot be read.
    """
    from pydantic import TypeAdapter, ValidationError

    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
        return TypeAdapter(Live).validate_json(text)
    except OSError as error:
        raise OutsideError(f"{file} cannot be read: {(error.strerror or str(error)).lower()}") from error
    except (ValidationError, UnicodeDecodeError) as error:
        shown = " ".join(str(error).split())[:300]
        raise UsageError(f"{file} does not tell runs and tables (docs/map.md): {shown}") from error
