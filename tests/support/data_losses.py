"""Planned changes that lose data, and the remedies for them, for tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mesh.git.renames import FileRenames, RenamesSince, no_renames
from mesh.terraform.data_loss import find_losses
from mesh.terraform.plan import PlannedChange
from mesh.terraform.workspace import ExistingObject
from tests.mesh.conftest import PROJECT, Deployed

STACK = "acme-transport-taxinyc-prod"


INCOME = f"{PROJECT}/flows/prep/income"


TASKS = "tasks: [{task_key: a, serverless: true}]"


RENAMED = {f"{INCOME}/deployment.yml": TASKS, f"{INCOME}/a.py": ""}


@dataclass(frozen=True)
class Full:
    """A fake workspace that reports contents."""

    contents: Mapping[str, str] = field(default_factory=dict)

    def find(self, type: str, name: str) -> list[ExistingObject]:
        return []

    def holds(self, type: str, full_name: str) -> str:
        return self.contents.get(full_name, "")


def schema(id: str, name: str, *actions: str, because: tuple[str, ...] = ()) -> PlannedChange:
    """A planned change of a schema."""
    before = {"catalog_name": "acme", "name": name} if actions != ("create",) else {}
    return PlannedChange(f"databricks_schema.{id}", actions, before, {}, because)


def volume(id: str, name: str, schema_name: str, *actions: str) -> PlannedChange:
    """A planned change of a volume."""
    before = {"catalog_name": "acme", "schema_name": schema_name, "name": name}
    return PlannedChange(f"databricks_volume.{id}", actions, before, {})


def job(id: str, *actions: str) -> PlannedChange:
    """A planned change of a job."""
    return PlannedChange(f"databricks_job.{id}", actions, {}, {})


def pipeline(id: str, schema_name: str, *actions: str) -> PlannedChange:
    """A planned change of a pipeline."""
    before = {"catalog": "acme", "schema": schema_name, "name": f"{id}_dlt"}
    return PlannedChange(f"databricks_pipeline.{id}", actions, before, {})


def remedies(
    deployed: Deployed,
    changes: Sequence[PlannedChange],
    files: Mapping[str, str],
    renames: RenamesSince = no_renames,
) -> list[str]:
    """The remedies for a plan of a mesh of these files."""
    (deployment,) = deployed(files).deployments
    return [loss.remedy for loss in find_losses(STACK, changes, Full(), deployment, renames)]


def moved(former: str, *files: str, alike: int = 96) -> RenamesSince:
    """Git sees the deployment.yml of a former flow renamed to these files."""
    old = [f"{PROJECT}/flows/{former}/{file.rpartition('/flows/')[2].split('/', 2)[2]}" for file in files]
    seen = FileRenames(
        dict.fromkeys(old, "a"),
        dict.fromkeys(files, "b"),
        dict.fromkeys(zip(old, files, strict=True), alike),
    )
    return lambda commit: seen


def said(former: str, new: str, value: str, *files: str) -> str:
    """The remedy for a renamed flow."""
    lines = " and ".join(files)
    return (
        f"git sees {former}/… renamed to {new}/… (96 % alike): add `renamed_from: {value}` to {lines}; "
        f"if it was not renamed, restore {PROJECT}/flows/{former}"
    )


INCOME_FILE = f"{INCOME}/deployment.yml"
