"""A valid mesh of one flow with hostile or careless files in it, and the findings that it gives."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from mesh.console import visible
from mesh.errors import MeshError
from mesh.finding import Finding
from mesh.git.checkout import GitContext
from mesh.load import load
from mesh.mesh import MeshDeployment

PROJECT = "orgs/acme/domains/transport/projects/taxinyc"
FLOW = f"{PROJECT}/flows/prep/revenue"
NOTEBOOK = "# Databricks notebook source\n"
ONE_TASK = "tasks:\n- task_key: a\n  serverless: true\n"
SLOWEST = 15.0  # seconds of processor time on a busy machine; everything here takes a small part of it


def tree(root: Path, files: dict[str, str | bytes]) -> None:
    """A valid mesh of one flow, with these files in place of its own."""
    for file, content in {f"{FLOW}/deployment.yml": ONE_TASK, f"{FLOW}/a.py": NOTEBOOK, **files}.items():
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def deployed(root: Path) -> MeshDeployment:
    git = GitContext(
        root=root, head=None, commit="5bd01c2f" * 5, user="ola@acme.example",
        url="https://github.com/acme/mesh", branch="main", prefix="",
    )  # fmt: skip
    return load(root).in_environment("local", git)


def findings(root: Path, read: Callable[[Path], object] = deployed) -> tuple[Finding, ...]:
    """The findings of the mesh, one line each, within a time limit."""
    started = time.process_time()
    try:
        read(root)
        found: tuple[Finding, ...] = ()
    except MeshError as error:
        found = error.findings
    assert time.process_time() - started < SLOWEST
    for finding in found:
        assert visible(str(finding)).isprintable()
        assert len(finding.message) < 3_000
    return found


def told(root: Path) -> set[tuple[str, int]]:
    return {(finding.code, finding.line) for finding in findings(root)}


def bomb(levels: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, levels)]
    return "\n".join(lines)
