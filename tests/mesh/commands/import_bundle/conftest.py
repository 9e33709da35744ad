"""Fixtures: a bundle of a few files, imported into an empty mesh."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from mesh.commands.import_bundle.import_bundle import Import, import_bundle
from mesh.errors import MeshError

PROJECT = "orgs/acme/domains/sales/projects/orders"
NOTEBOOK = "# Databricks notebook source\nprint(1)\n"
JOB = """\
bundle: {name: orders}
resources:
  jobs:
    load:
      tasks: [{task_key: load, notebook_task: {notebook_path: load.py}}]
"""


@dataclass(frozen=True)
class Imported:
    """An import of a bundle."""

    made: Import

    def yaml(self, file: str) -> Any:
        """The content of a new YAML file of the project."""
        return yaml.safe_load(self.made.files[f"{PROJECT}/{file}"])

    def flow(self, name: str = "load") -> Any:
        """The deployment.yml of a flow."""
        return self.yaml(f"flows/prep/{name}/deployment.yml")

    def task(self, name: str = "load") -> Any:
        """The only task of a flow."""
        [task] = self.flow(name)["tasks"]
        return task

    @property
    def code(self) -> list[str]:
        """The new files of the project that are no YAML, relative to the project."""
        files = [file.removeprefix(f"{PROJECT}/") for file in self.made.files]
        return [file for file in files if not file.endswith(".yml")]

    @property
    def remarks(self) -> list[str]:
        """What was not taken or changed: line and message."""
        return [f"{one.line}: {one.message}" for one in self.made.remarks]


Importer = Callable[..., Imported]
Refused = Callable[..., list[str]]


@pytest.fixture
def imported(tmp_path: Path) -> Importer:
    """Imports a bundle of these files; a notebook `load.py` is there."""

    def run(text: str, files: Mapping[str, str] | None = None, **options: Any) -> Imported:
        bundle, mesh = tmp_path / "bundle", tmp_path / "mesh"
        mesh.mkdir(exist_ok=True)
        for file, content in {"load.py": NOTEBOOK, "databricks.yml": text, **(files or {})}.items():
            (bundle / file).parent.mkdir(parents=True, exist_ok=True)
            (bundle / file).write_text(content)
        return Imported(import_bundle(bundle, mesh, "acme/sales/orders", **options))

    return run


@pytest.fixture
def refused(imported: Importer) -> Refused:
    """The errors of a bundle of these files: line, code and message."""

    def run(text: str, files: Mapping[str, str] | None = None, **options: Any) -> list[str]:
        with pytest.raises(MeshError) as caught:
            imported(text, files, **options)
        return [f"{one.line}: {one.code}: {one.message}" for one in caught.value.findings]

    return run
