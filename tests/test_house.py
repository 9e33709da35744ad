"""Imports between layers and folders: downwards only, and only what a layer may use."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from graphlib import TopologicalSorter

import pytest

from mesh.toolkit import TOOLKITS, VARIABLE
from tests.support.source_files import (
    LAYERS,
    OUR_FILES,
    ROOT,
    dotted,
    imports,
    modules,
    named,
    place,
    tracked,
)

# The toolkits: one module imports whichever is chosen.
TOOLKIT_MODULES = {name for one in TOOLKITS.values() for name in (one.name, one.bindings)}
IMPORTS_THE_TOOLKIT = "constructs/datamesh/bindings.py"
# Terraform lives in `datamesh`, `stacks` and main.py only.
TERRAFORM = {*TOOLKIT_MODULES, "constructs", "jsii"}
FORBIDDEN = {
    "mesh": {"datamesh", "stacks", "main", *TERRAFORM},
    "datamesh": {"stacks", "local", "main", "yaml"},
    "stacks": {"local", "main", "yaml"},
    "local": {"datamesh", "stacks", "main", *TERRAFORM},
}


def test_the_folder_constructs_is_not_a_package() -> None:
    """As a package it would shadow the library of that name, and `import cdktf` would fail."""
    assert not (ROOT / "constructs" / "__init__.py").exists()


@pytest.mark.parametrize("layer", LAYERS)
def test_imports_go_one_way(layer: str) -> None:
    wrong = [
        f"{place(file, line)} imports {name}"
        for file in modules(layer)
        for line, name in imports(file)
        if name.partition(".")[0] in FORBIDDEN[layer]
    ]

    assert wrong == []


def test_one_module_imports_the_toolkit() -> None:
    """All others, tests included, take `cdktf` and `databricks` from it and so run with either toolkit."""
    others = [
        f"{place(file, line)} imports {name}"
        for file in tracked("*.py")
        if file.relative_to(ROOT).as_posix() != IMPORTS_THE_TOOLKIT
        for line, name in imports(file)
        if name.partition(".")[0] in TOOLKIT_MODULES
    ]

    assert others == []


# From the top down: a module imports from its own package and from the packages below it, never from one above.
ORDER = (
    "main",
    "tools",
    "mesh.cli",  # what a person types: typer commands, options, help
    "mesh.commands",  # one command, one file
    "mesh.workshop",  # classes of students
    "mesh.review",  # plans in the words of the mesh
    "mesh.terraform",  # runs Terraform, reads states and workspaces
    "local",  # the workspace on this machine
    "mesh.synthesis",  # writes the Terraform code: kept code, or processes that run `stacks`
    "stacks",
    "datamesh",
    "mesh.lineage",  # the tables and columns that code reads and writes
    "mesh.rules",  # the rules that orgs set for their meshes
    "mesh.load",  # folders → mesh
    "mesh.reading",  # reads the levels of the folders, or takes kept models
    "mesh.mesh",
    "mesh.deployment",  # the mesh in one environment, for one identity
    "mesh.model",  # what the folders declare
    "mesh.documents",  # YAML text, checked, every value with its position
    "mesh.files",  # the files of a mesh, each listed and read once
    "mesh.kept",  # results on disk under the key of what they depend on
    "mesh.git",
    "mesh.datasets",
    "mesh.quartz",  # the schedules of jobs, as the scheduler of Databricks reads them
    "mesh.references",  # `{{job.id}}` and the like
    "mesh.console",
    "mesh.toolkit",  # cdktf or cdktn: names and versions of their packages
    "mesh.errors",
    "mesh.finding",
)
# The workshop's model is part of what constructs, stacks and main.py read.
WORKSHOP_MODEL = {
    f"mesh.workshop.{name}"
    for name in ("workshop", "workshop_file", "student", "cluster_policies", "limits", "rights")
}
# What these may import of our own code, and nothing else.
ONLY = {
    "local": {
        "local",
        "mesh.errors",
        "mesh.console",
        "mesh.git",
        "mesh.datasets",
        "mesh.quartz",
        "mesh.references",
        "mesh.toolkit",
    },
    "datamesh": {
        "datamesh",
        "mesh.toolkit",
        "mesh.documents",
        "mesh.model",
        "mesh.deployment",
        *WORKSHOP_MODEL,
    },
    "mesh.synthesis": {
        "mesh.synthesis",
        "mesh.load",
        "mesh.reading",
        "mesh.mesh",
        "mesh.deployment",
        "mesh.kept",
        "mesh.files",
        "mesh.errors",
        "mesh.git",
        "mesh.toolkit",
        *WORKSHOP_MODEL,
    },
    "stacks": {
        "mesh.toolkit",
        "stacks",
        "datamesh",
        "mesh.synthesis.batch",
        "mesh.documents.terraform_text",
        "mesh.model",
        "mesh.deployment",
        *WORKSHOP_MODEL,
    },
    "main": {
        "mesh.synthesis",
        "mesh.console",
        "mesh.terraform.cdktf_code",
    },
}


def below(name: str, layers: Iterable[str]) -> str | None:
    """The most specific of `layers` that contains a dotted name; None if no layer does."""
    matches = [layer for layer in layers if name == layer or name.startswith(f"{layer}.")]
    return max(matches, key=len, default=None)


def test_packages_import_downwards_only() -> None:
    """Lazy imports and imports for type checkers count, too."""
    wrong = [
        f"{place(file, line)} imports {name}"
        for file in tracked(*OUR_FILES)
        for line, name in named(file)
        if (layer := below(name, ORDER)) and (own := below(dotted(file), ORDER))
        if ORDER.index(layer) < ORDER.index(own) and layer not in ONLY.get(own, ())
        if below(name, ONLY.get(own, ())) is None
    ]

    assert wrong == []


@pytest.mark.parametrize("layer", ONLY)
def test_a_layer_imports_only_its_permitted_packages(layer: str) -> None:
    wrong = [
        f"{place(file, line)} imports {name}"
        for file in tracked(*OUR_FILES)
        if below(dotted(file), ORDER) == layer
        for line, name in named(file)
        if below(name, ORDER) and below(name, ONLY[layer]) is None
    ]

    assert wrong == []


def test_folders_do_not_import_each_other_in_a_cycle() -> None:
    """Two folders that import each other are in effect one folder.

    A folder without subfolders counts as one unit; in other folders, each module counts separately.
    """
    modules = {dotted(file): file for file in tracked(*OUR_FILES)}
    parents = {file.parent.parent for file in modules.values()}
    rooms = {
        name: name if file.parent in parents or file.parent == ROOT else dotted(file.parent / "__init__.py")
        for name, file in modules.items()
    }
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for name, file in modules.items():
        for _, imported in named(file):
            module = imported if imported in modules else imported.rpartition(".")[0]
            if rooms.get(module, rooms[name]) != rooms[name]:
                sorter.add(rooms[name], rooms[module])

    sorter.prepare()  # raises CycleError with the circle


def test_files_directly_in_mesh_are_few() -> None:
    files = {file.stem for file in tracked("mesh/*.py") if file.parent == ROOT / "mesh"}

    assert files == {"__init__", "load", "mesh", "console", "errors", "finding", "toolkit"}


@pytest.mark.parametrize("arguments", [["--help"], ["ls"], ["validate"]])
@pytest.mark.parametrize("name", TOOLKITS)
def test_reading_the_mesh_loads_no_terraform_and_nothing_of_the_local_workspace(
    arguments: list[str], name: str
) -> None:
    """`mesh ls` answers in a fraction of a second; cdktf alone takes longer to import."""
    heavy = [*sorted(TOOLKIT_MODULES), "jsii", "pyspark", "minilake", "fastapi", "pandas"]
    script = f"""
import contextlib, io, sys
from mesh.cli.app import app
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    app({arguments})
print([name for name in {heavy} if name in sys.modules])
"""
    environ = {**os.environ, VARIABLE: name, "MESH_ROOT": str(ROOT)}

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT, env=environ
    )

    assert done.stdout == "[]\n"


def test_the_installer_needs_only_the_standard_library() -> None:
    """It runs before anything is installed, on any supported Python."""
    done = subprocess.run(
        [sys.executable, "-S", "-m", "local.toolchain", "check"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )

    assert done.stderr == ""
    assert "make install" in done.stdout
