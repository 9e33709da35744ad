"""Verifications: tasks of a job that verify what its flow promises, with the notebooks that they run."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from mesh.deployment.data_objects import DataNames
from mesh.deployment.generated_task import LONGEST_KEY, GeneratedTask, notebook_text
from mesh.model.contract import NOT_YET, Contract
from mesh.model.contract_rules import contract_rules
from mesh.model.entry import Entry
from mesh.model.flow import Flow
from mesh.model.naming import identifier
from mesh.model.quality import Quality
from mesh.model.table_rules import TableRules

_SCHEMAS = "verified_schemas"
_QUALITY = "verify_quality"


@dataclass(frozen=True)
class Verification(GeneratedTask):
    """A task that verifies tables, after all other tasks of its job.

    Args:
        tables: the rules.
    """

    tables: tuple[TableRules, ...]

    verb: ClassVar[str] = "verifies"

    @property
    def text(self) -> str:
        """The notebook. The same rules give the same text, in all environments."""
        rules = {"title": self.title, "tables": [one.settings for one in self.tables]}
        return notebook_text(self.position, ("table_verifier.py",), "RULES", rules, _LAST_CELL)

    def base_parameters(self, names: DataNames, read: Mapping[str, DataNames]) -> dict[str, str]:
        """Returns the names of the flow's schemas, if a table names one."""
        named = any(one.schema for one in self.tables)
        return {_SCHEMAS: json.dumps(dict(names.schemas))} if named else {}


def is_verified_by(entry: Entry) -> bool:
    """True if a job verifies what its flow promises."""
    if entry.kind != "job" or not entry.tasks:
        return False
    declared = entry.declared.verify
    return len(entry.flow.jobs) == 1 if declared is None else declared


def verifications(entry: Entry) -> tuple[Verification, ...]:
    """Returns the verifications of a job: of the contracts that its flow provides, and of its quality.yml."""
    if not is_verified_by(entry):
        return ()
    promised = [one for one in entry.flow.contracts if one.status not in NOT_YET]
    versions = Counter(one.name for one in promised)
    of_contracts = (_of_contract(one, entry.flow, versions[one.name] > 1) for one in promised)
    quality = entry.flow.quality
    return (*of_contracts, *([_of_quality(quality, entry.flow)] if quality else []))


def _of_contract(contract: Contract, flow: Flow, with_version: bool) -> Verification:
    name = identifier(contract.name) + (f"_{contract.version.major}" if with_version else "")
    key = f"verify_{name}"[:LONGEST_KEY]
    return Verification(
        key,
        f"contract {contract.title}",
        contract.position("version"),
        flow.folder / "contracts" / key,
        contract_rules(contract),
    )


def _of_quality(quality: Quality, flow: Flow) -> Verification:
    return Verification(
        _QUALITY,
        f"quality of {flow.path_in_project}",
        quality.document.position(("tables",)),
        flow.folder / _QUALITY,
        quality.table_rules,
    )


_LAST_CELL = """\
def quoted(*names):
    return ".".join("`" + name.replace("`", "``") + "`" for name in names)


catalog, schema = dbutils.widgets.get("catalog"), dbutils.widgets.get("schema")
schemas = {"": quoted(catalog, schema)}
if any(table["schema"] for table in RULES["tables"]):
    named = json.loads(dbutils.widgets.get("verified_schemas"))
    schemas |= {name: quoted(catalog, full) for name, full in named.items()}

verify(spark, RULES, schemas, print)
"""
