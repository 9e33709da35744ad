"""A target without Terraform, and a record of the cdktf program's runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mesh.mesh import MeshDeployment
from mesh.terraform import cdktf
from mesh.terraform.target import Target
from tests.mesh.conftest import FLOW, ONE_FLOW, Deployed

COSTS = "orgs/acme/domains/finance/projects/costs/flows/prep/monthly"
TWO_PROJECTS = {
    "orgs/acme/org.yml": "environments: {dev: {}}",
    f"{COSTS}/deployment.yml": ONE_FLOW[f"{FLOW}/deployment.yml"],
    f"{COSTS}/a.py": "",
}


class FakeTarget(Target):
    """A mesh in an environment whose stacks are empty, and whose workspace has no objects."""

    def synthesize(self) -> None:
        calls.append(("synthesize",))

    def terraform(self, stack: Any) -> Any:
        return SimpleNamespace(
            stack=stack.stack,
            resources=(),
            moved=(),
            state=lambda: SimpleNamespace(held={}, ids=set()),
            discard_plan=lambda: None,
        )

    def workspace(self, stack: Any) -> Any:
        return SimpleNamespace(user=lambda: "ola@acme.example", find=lambda type, name: [])


calls: list[tuple[Any, ...]] = []


@pytest.fixture
def target(deployed: Deployed, tmp_path: Path) -> Target:
    """Two projects and their foundation."""
    mesh: MeshDeployment = deployed(TWO_PROJECTS, "dev")
    return FakeTarget(mesh, tmp_path)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """The runs of the cdktf program, each with its stacks and whether it is partial."""
    calls.clear()

    def record(verb: str) -> Callable[..., None]:
        def run(target: Target, stacks: Sequence[str] | str, *, partial: bool = False) -> None:
            calls.append((verb, *([stacks] if isinstance(stacks, str) else stacks), partial))

        return run

    for verb in ("diff", "deploy", "destroy"):
        monkeypatch.setattr(cdktf, verb, record(verb))
    return calls


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Sets the answer on a terminal."""

    def answer(text: str) -> None:
        monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
        monkeypatch.setattr("builtins.input", lambda question: text)

    return answer
