"""Where code names what a contract promises."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import pytest

from mesh.commands.validate import warnings
from mesh.lineage.contract_mentions import mentions
from mesh.load import load
from tests.mesh.conftest import FLOW, ONE_FLOW, PROJECT
from tests.support.contracts import text

CONTRACT = {f"{FLOW}/contracts/revenue.yaml": text()}


def write(root: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    return root


def warned(root: Path, files: dict[str, str]) -> list[str]:
    mesh = load(write(root, {**ONE_FLOW, **CONTRACT, **files}))
    deployed = mesh.in_environment("local", looking=True)
    found = warnings(mesh, deployed, datetime(2026, 12, 1, tzinfo=UTC))
    return [f"{one.severity} {one.code}:{one.line}: {one.message}" for one in found]


def test_a_line_counts_if_the_name_is_a_whole_word(tmp_path: Path) -> None:
    code = 'x = "amount"\namount_paid = 1\n# Amount, and fare and AMOUNT\n'
    write(tmp_path, {"f/a.py": code, "f/b.txt": "amount", "f/sub/c.sql": "select fare"})

    found = list(mentions([PurePosixPath("f")], ["amount", "fare"], tmp_path))

    assert found == [
        ("amount", "f/a.py:1"),
        ("amount", "f/a.py:3"),
        ("fare", "f/a.py:3"),
        ("fare", "f/sub/c.sql:1"),
    ]
    assert list(mentions([PurePosixPath("f")], [], tmp_path)) == []


def test_a_table_that_no_code_names_is_a_warning(tmp_path: Path) -> None:
    assert warned(tmp_path, {}) == [
        "warning contract-table-unknown:8: no code of the flow names table `by_borough` (correct the name, or fill the table)"
    ]


@pytest.mark.parametrize("file", [f"{FLOW}/helper.py", f"{PROJECT}/libs/taxi.py"])
def test_code_of_the_flow_or_of_its_project_names_the_table(tmp_path: Path, file: str) -> None:
    assert warned(tmp_path, {file: 'TABLE = "by_borough"'}) == []


def test_code_in_a_wheel_is_not_judged(tmp_path: Path) -> None:
    task = "tasks: [{task_key: a, serverless: true, python_wheel_task: {package_name: p, entry_point: e}}]"
    assert warned(tmp_path, {f"{FLOW}/deployment.yml": task}) == []
