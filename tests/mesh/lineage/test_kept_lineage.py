"""The kept lineage of tasks is that of the present code, whatever changes."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from mesh.kept.kept_objects import KeptObjects
from mesh.lineage.code_reader import SourceFiles
from mesh.lineage.flow_code import TaskCode, task_codes
from mesh.lineage.kept_lineage import KeptLineage
from mesh.lineage.lineage import read_tasks
from mesh.lineage.task_lineage import TaskLineage
from mesh.load import load

FLOWS = Path("domains/sales/projects/shop/flows/prep")
COPY = """# Databricks notebook source
%run ./helpers
catalog, schema = dbutils.widgets.get("catalog"), dbutils.widgets.get("schema")
raw = f'{dbutils.widgets.get("raw_catalog")}.{dbutils.widgets.get("raw_schema")}'
spark.table(f"{raw}.orders").write.saveAsTable(f"{catalog}.{schema}.copy")
"""
MAKE = """# Databricks notebook source
catalog, schema = dbutils.widgets.get("catalog"), dbutils.widgets.get("schema")
spark.sql("SELECT 1 AS id, 2 AS amount").write.saveAsTable(f"{catalog}.{schema}.orders")
"""
FILES = {
    "copy/deployment.yml": "reads: {raw: prep/raw}\ntasks: [{task_key: copy, serverless: true}]\n",
    "copy/copy.py": COPY.replace("%run", "# MAGIC %run", 1).replace(
        "./helpers\n", "./helpers\n# COMMAND ----------\n", 1
    ),
    "copy/helpers.py": "# Databricks notebook source\nspark.table('main.a.b').write.saveAsTable('main.a.c')\n",
    "raw/deployment.yml": "tasks: [{task_key: make, serverless: true}]\n",
    "raw/make.py": MAKE,
}
EDITS = {
    "a column more": ("raw/make.py", "AS amount", "AS amount, 3 AS tip"),
    "another table": ("copy/copy.py", "{schema}.copy", "{schema}.copies"),
    "another helper": ("copy/helpers.py", "main.a.b", "main.a.d"),
    "another parameter": (
        "copy/deployment.yml",
        "reads: {raw:",
        "parameters: [{name: x, default: y}]\nreads: {raw:",
    ),
    "another schema": ("raw/deployment.yml", "tasks:", "schemas: [late]\ntasks:"),
}


class Mesh:
    """A mesh below a folder, with kept lineage."""

    def __init__(self, root: Path) -> None:
        self.root = root / "mesh"
        self.environ = {"XDG_STATE_HOME": str(root / "state")}
        for name, text in FILES.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> None:
        path = self.root / FLOWS / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def edit(self, name: str, before: str, after: str) -> None:
        """Makes a change, or takes it back."""
        path = self.root / FLOWS / name
        text = path.read_text()
        path.write_text(text.replace(after, before) if after in text else text.replace(before, after))

    @property
    def codes(self) -> list[TaskCode]:
        return [*task_codes(load(self.root).in_environment("local", looking=True))]

    def lineage(self) -> list[TaskLineage]:
        """The lineage without kept results."""
        return read_tasks(self.codes, SourceFiles(self.root))

    def kept(self) -> tuple[list[TaskLineage], int]:
        """The lineage with kept results, and the number of tasks that were found among them."""
        kept = Counted(KeptObjects(self.root, self.environ), "local", least=0)
        found = read_tasks(self.codes, SourceFiles(self.root), kept)
        kept.write()
        return found, kept.found


class Counted(KeptLineage):
    """Kept lineage that counts what is found."""

    found = 0

    def find(self, *arguments):  # type: ignore[no-untyped-def]
        one = super().find(*arguments)
        self.found += one is not None
        return one


@pytest.fixture
def mesh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mesh:
    monkeypatch.setenv("MESH_USER", "ada@acme.example")
    return Mesh(tmp_path)


def test_what_did_not_change_is_not_read_again(mesh: Mesh) -> None:
    first, none = mesh.kept()
    again, all_found = mesh.kept()

    assert (none, all_found > 1) == (0, True)
    assert first == again == mesh.lineage()
    assert [one.flow for one in first] == ["sales/shop/prep/copy", "sales/shop/prep/raw"]


@pytest.mark.parametrize("edit", EDITS)
def test_every_answer_counts(mesh: Mesh, edit: str) -> None:
    before, _ = mesh.kept()

    mesh.edit(*EDITS[edit])
    after, _ = mesh.kept()

    assert after == mesh.lineage()
    assert edit == "another parameter" or after != before


def test_random_edits_give_the_lineage_of_the_present_code(mesh: Mesh) -> None:
    chosen = random.Random(11)
    for _ in range(25):
        mesh.edit(*chosen.choice([*EDITS.values()]))
        if chosen.random() < 0.5:
            mesh.write(
                "copy/helpers.py", chosen.choice([FILES["copy/helpers.py"], "# Databricks notebook source\n"])
            )
        assert mesh.kept()[0] == mesh.lineage()


def test_without_a_cache_nothing_is_kept(mesh: Mesh) -> None:
    mesh.environ["MESH_NO_CACHE"] = "1"

    mesh.kept()

    assert mesh.kept()[1] == 0
    assert not (mesh.root / ".mesh/loaded").exists()
