"""A target whose Terraform is a fake, and a record of what it does."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mesh.commands.review import ReviewRules
from mesh.errors import OutsideError
from mesh.mesh import Mesh, MeshDeployment
from mesh.model.review_policy import PolicyFile
from mesh.terraform.plan import DeclaredResource, Plan, read_change
from mesh.terraform.progress import StackEvent, Verb
from mesh.terraform.state import State
from mesh.terraform.target import Target
from mesh.terraform.terraform_command import SILENT, Reporter
from tests.mesh.conftest import FLOW, ONE_FLOW, Deployed
from tests.support.contracts import text
from tests.support.git_repository import Repository

COSTS = "orgs/acme/domains/finance/projects/costs/flows/prep/monthly"
TWO_PROJECTS = {
    "orgs/acme/org.yml": "environments: {dev: {}}",
    f"{COSTS}/deployment.yml": ONE_FLOW[f"{FLOW}/deployment.yml"],
    f"{COSTS}/a.py": "",
}
CONTRACT = f"{FLOW}/contracts/revenue.yaml"
READS = 'reads: {taxi: {flow: prep/revenue, contract: revenue, version: "1"}}'
CONTRACT_FILES = {
    **ONE_FLOW,
    **TWO_PROJECTS,
    CONTRACT: text(),
    f"{COSTS}/deployment.yml": f"{READS}\n{ONE_FLOW[f'{FLOW}/deployment.yml']}",
    f"{COSTS}/a.py": "# Databricks notebook source\nx = spark.table(t).amount\n" + "# amount\n" * 9,
}
RENAMED = [{"name": "borough", "physicalType": "string"}, {"name": "sum", "physicalType": "decimal(18,2)"}]
RULES = ReviewRules(PolicyFile(), frozenset())
Calls = list[tuple[Any, ...]]


def change(address: str, *actions: str, before: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """An entry of `resource_changes` as `terraform show -json` prints it."""
    name = {"name": address.rpartition(".")[2]}
    old = {**name, **(before or {})} if "create" not in actions or len(actions) > 1 else None
    return {
        "address": address,
        "mode": "managed",
        "type": address.partition(".")[0],
        "change": {"actions": [*actions], "before": old, "after": None if actions == ("delete",) else name},
    }


@dataclass
class FakeTerraform:
    """Terraform whose plans and failures are given; records what it does.

    Args:
        stack: the stack's name.
        calls: receives what it does.
        entries: the changes that it plans.
        error: the error of its plans.
        apply_error: the error of its applies.
        config: the synthesized code.
        resources: the declared resources.
        held: its state.
    """

    stack: str
    calls: Calls
    entries: list[dict[str, Any]] = field(default_factory=list)
    error: str | None = None
    apply_error: OutsideError | None = None
    config: Mapping[str, Any] = field(default_factory=dict)
    resources: tuple[DeclaredResource, ...] = ()
    held: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    moved: tuple[str, ...] = ()
    on_apply: Callable[[], None] = lambda: None
    on_plan: Callable[[], None] = lambda: None
    plan_hash: str | None = None

    def init(self) -> None: ...

    def prepare(self) -> None: ...

    def state(self) -> State:
        return State(self.held)

    def plan(
        self, targets: Sequence[str] = (), *, destroy: bool = False, reporter: Reporter = SILENT
    ) -> Plan:
        self.calls.append(("destroy-plan" if destroy else "plan", self.stack, *targets))
        self.on_plan()
        entries = [one for one in self.entries if not targets or one["address"] in targets]
        if not entries and self.error is None:
            return Plan(())
        return Plan(tuple(map(read_change, entries)), self.error, self._text(entries))

    def _text(self, entries: Sequence[Mapping[str, Any]]) -> str:
        return json.dumps({"resource_changes": [*entries]})

    def show(self) -> str:
        return self._text([])

    def apply(self, reporter: Reporter = SILENT, reviewed: str | None = None) -> None:
        self.calls.append(("apply", self.stack))
        if self.apply_error:
            raise self.apply_error
        self.entries = []
        self.on_apply()

    def discard_plan(self) -> None: ...


class FakeTarget(Target):
    """A mesh in an environment with fake Terraforms, and whose workspace has no objects."""

    def __init__(self, deployed: MeshDeployment, root: Path) -> None:
        super().__init__(deployed, root)
        self.calls: Calls
        self.fakes: dict[str, FakeTerraform]
        object.__setattr__(self, "calls", [])
        fakes = {stack.stack: FakeTerraform(stack.stack, self.calls) for stack in self.stacks}
        object.__setattr__(self, "fakes", fakes)

    def synthesize(self, stacks: Sequence[Any]) -> None:
        self.calls.append(("synthesize",))

    def terraform(self, stack: Any) -> Any:
        return self.fakes[stack.stack]

    def workspace(self, stack: Any) -> Any:
        return SimpleNamespace(
            user=lambda: "ola@acme.example",
            find=lambda type, name: [],
            holds=lambda type, name: "2 tables",
            get=lambda path, query: None,
        )


@pytest.fixture
def target(deployed: Deployed, tmp_path: Path) -> FakeTarget:
    """Two projects and their foundation, with nothing to change."""
    return FakeTarget(deployed(TWO_PROJECTS, "dev"), tmp_path)


@pytest.fixture
def mesh(tmp_path: Path) -> Mesh:
    """A mesh without orgs: reviews know the stacks by their names only."""
    return Mesh(tmp_path, ())


@dataclass
class Events:
    """A progress that records."""

    begun: list[tuple[Verb, tuple[str, ...]]] = field(default_factory=list)
    events: list[StackEvent] = field(default_factory=list)
    published: list[Mapping[str, object]] = field(default_factory=list)

    def begin(self, verb: Verb, stacks: Sequence[str]) -> None:
        self.begun.append((verb, tuple(stacks)))

    def report(self, event: StackEvent) -> None:
        self.events.append(event)

    def end(self) -> None: ...

    def publish(self, event: Mapping[str, object]) -> None:
        self.published.append(event)


@pytest.fixture
def events() -> Events:
    return Events()


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[str]]:
    """Sets the answer on a terminal; returns the questions."""
    questions: list[str] = []

    def answer(text: str) -> list[str]:
        def ask(question: str) -> str:
            questions.append(question)
            return text

        monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
        monkeypatch.setattr("builtins.input", ask)
        return questions

    return answer


@pytest.fixture
def contract_repository(tmp_path: Path) -> Repository:
    """A flow that provides a contract, and one that reads it."""
    return Repository.new(
        tmp_path / "mesh", {**CONTRACT_FILES, f"{FLOW}/a.py": "# Databricks notebook source"}
    )
