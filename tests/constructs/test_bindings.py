"""The one place that imports the toolkit; each test runs in a Python of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from mesh.toolkit import toolkit

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = toolkit().bindings


def run(script: str) -> Any:
    """The JSON that a Python script prints."""
    path = os.pathsep.join([str(ROOT / "constructs"), str(ROOT)])
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_using_one_resource_loads_no_other_resource() -> None:
    loaded = run(f"""
import json, sys
from datamesh.bindings import databricks
databricks.directory.Directory
names = (name.split(".")[1] for name in sys.modules if name.startswith("{PACKAGE}."))
print(json.dumps(sorted({{*names}})))
""")

    assert loaded == ["_jsii", "directory"]


def test_only_the_chosen_toolkit_is_loaded() -> None:
    loaded = run("""
import json, sys
from datamesh.bindings import cdktf, databricks
databricks.directory
known = {"cdktf", "cdktf_cdktf_provider_databricks", "cdktn", "cdktn_provider_databricks"}
print(json.dumps([cdktf.__name__, databricks.__name__, sorted(known & sys.modules.keys())]))
""")

    assert loaded == [toolkit().name, PACKAGE, [toolkit().name, PACKAGE]]


def test_a_package_that_is_loaded_already_is_not_replaced() -> None:
    kept = run(f"""
import json, sys
sys.modules["{PACKAGE}"] = loaded = object()
from datamesh.bindings import databricks
print(json.dumps(databricks is loaded))
""")

    assert kept is True


def test_bindings_that_are_not_installed_raise_the_usual_error_of_an_import() -> None:
    missing = run("""
import json
from datamesh.bindings import one_by_one
try:
    one_by_one("no_such_bindings")
except ModuleNotFoundError as error:
    print(json.dumps([str(error), error.name]))
""")

    assert missing == ["No module named 'no_such_bindings'", "no_such_bindings"]


def test_a_resource_that_the_bindings_lack_raises_the_usual_error_of_an_import() -> None:
    missing = run("""
import json
from datamesh.bindings import databricks
try:
    databricks.no_such_resource
except ModuleNotFoundError as error:
    print(json.dumps(error.name))
""")

    assert missing == f"{PACKAGE}.no_such_resource"
