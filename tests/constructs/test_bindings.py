"""Imports of single modules of the provider's bindings; each test runs in a Python of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "cdktf_cdktf_provider_databricks"


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


def test_importing_one_resource_loads_no_other_resource() -> None:
    loaded = run(f"""
import json, sys
from datamesh.bindings import import_one_by_one
import_one_by_one()
from {PACKAGE}.directory import Directory
names = (name.split(".")[1] for name in sys.modules if name.startswith("{PACKAGE}."))
print(json.dumps(sorted({{*names}})))
""")

    assert loaded == ["_jsii", "directory"]


def test_a_package_that_is_loaded_already_is_not_replaced() -> None:
    kept = run(f"""
import json, sys
from datamesh.bindings import import_one_by_one
sys.modules["{PACKAGE}"] = loaded = object()
import_one_by_one()
print(json.dumps(sys.modules["{PACKAGE}"] is loaded))
""")

    assert kept is True


def test_nothing_is_loaded_where_the_bindings_are_not_installed() -> None:
    """The import statement that comes next then raises its usual error."""
    loaded = run(f"""
import json, sys
from datamesh.bindings import import_one_by_one
del sys.modules["{PACKAGE}"]
sys.meta_path.clear()
import_one_by_one()
print(json.dumps("{PACKAGE}" in sys.modules))
""")

    assert loaded is False
