"""Plans without what hangs on tables and functions that do not exist yet.

The code of a flow creates its tables and functions when it runs, after the deployment. Terraform cannot
grant anything on a table before, and one failed resource fails the deployment. So what hangs on a table is
part of a plan once the table exists. See docs/adr/0030-what-hangs-on-a-table-is-planned-once-it-exists.md.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from mesh.documents.terraform_text import unescape
from mesh.terraform.policies import TYPE as POLICY
from mesh.terraform.policies import FunctionLookup, plannable_policies

_GRANTS = "databricks_grants"


class TableLookup(FunctionLookup, Protocol):
    """Looks up tables, functions and policies in a workspace."""

    def table_exists(self, full_name: str) -> bool:
        """True if a table or view has this name."""


def _table_of(type: str, arguments: Mapping[str, Any]) -> str | None:
    """The table that a resource hangs on; None for all other resources.

    Args:
        type: the type of the resource.
        arguments: its arguments in the synthesized code.
    """
    name = arguments.get("table") if type == _GRANTS else None
    if type == "databricks_entity_tag_assignment":
        kind, entity = arguments.get("entity_type"), str(arguments.get("entity_name"))
        name = {"tables": entity, "columns": entity.rpartition(".")[0]}.get(str(kind))
    return unescape(name) if isinstance(name, str) else None


def _hanging(config: Mapping[str, Any]) -> dict[tuple[str, str], tuple[str, str]]:
    """The tables and functions that resources of a stack hang on, by type and Terraform name of the resource.

    Args:
        config: the synthesized code.
    """
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for type, named in config.get("resource", {}).items():
        for id, arguments in named.items():
            if table := _table_of(type, arguments):
                found[type, id] = ("table", table)
            elif type == _GRANTS and isinstance(function := arguments.get("function"), str):
                found[type, id] = ("function", unescape(function))
    return found


def without_missing_tables(
    config: Mapping[str, Any], workspace: Callable[[], TableLookup]
) -> Mapping[str, Any]:
    """The code of a stack without resources of tables and functions that do not exist.

    Policies that exist stay as they are while their function is missing. The same object if all exist.

    Args:
        config: the synthesized code.
        workspace: opens the workspace, which is asked only if resources hang on tables or functions.

    Raises:
        OutsideError: the workspace does not answer, or refuses.
    """
    objects = _hanging(config)
    missing = set(_missing(set(objects.values()), workspace))
    waiting = {key for key, one in objects.items() if one in missing}
    declared: Mapping[str, Any] = config.get("resource", {})
    policies = plannable_policies(config, workspace)
    if not waiting and policies == declared.get(POLICY, {}):
        return config
    resources = {
        type: kept
        for type, named in {**declared, POLICY: policies}.items()
        if (kept := {id: one for id, one in named.items() if (type, id) not in waiting})
    }
    return {**config, "resource": resources}


class WithoutMissingTables:
    """The code of a stack without resources of missing tables and functions, inside the `with` statement.

    Args:
        file: the synthesized code, which is whole again afterwards.
        config: its content.
        workspace: opens the workspace, which is asked only if resources hang on them; None leaves out
            nothing.

    Raises:
        OutsideError: on entering, the workspace does not answer, or refuses.
    """

    def __init__(
        self, file: Path, config: Mapping[str, Any], workspace: Callable[[], TableLookup] | None
    ) -> None:
        self.file = file
        self.config = config
        self.workspace = workspace
        self._whole: bytes | None = None

    def __enter__(self) -> None:
        if self.workspace is None:
            return
        code = without_missing_tables(self.config, self.workspace)
        if code is not self.config:
            self._whole = self.file.read_bytes()
            self.file.write_text(json.dumps(code), encoding="utf-8")

    def __exit__(self, *exception: object) -> None:
        if self._whole is not None:
            self.file.write_bytes(self._whole)


def _missing(
    objects: Iterable[tuple[str, str]], workspace: Callable[[], TableLookup]
) -> Iterator[tuple[str, str]]:
    wanted = sorted(objects)
    if wanted:
        lookup = workspace()
        exists = {"table": lookup.table_exists, "function": lookup.function_exists}
        yield from ((kind, name) for kind, name in wanted if not exists[kind](name))
