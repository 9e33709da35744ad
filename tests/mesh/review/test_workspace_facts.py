"""Facts from workspaces: contents of destroyed data, and existing grants."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mesh.errors import OutsideError
from mesh.model.review_policy import PolicyFile
from mesh.review.plan import StackPlan, read_plans
from mesh.review.review import review
from mesh.review.sentence import plain
from mesh.review.stack_location import StackLocation
from mesh.review.workspace_facts import WorkspaceFacts, WorkspaceReader, read_workspaces, workspace_opener

STACK = "acme-transport-taxinyc-prod"
SALES = {"catalog_name": "main", "name": "sales"}
READS = [{"principal": "analysts", "privileges": ["SELECT"]}]


@dataclass(frozen=True)
class FakeWorkspace:
    """A workspace with given contents and grants."""

    contents: str = "3 tables"
    grants: Mapping[str, frozenset[str]] = field(default_factory=dict)
    refuses: str = ""

    def user(self) -> str:
        return "ola.nordmann@acme.example"

    def holds(self, type: str, full_name: str) -> str:
        return self.contents

    def granted(self, kind: str, full_name: str) -> Mapping[str, frozenset[str]]:
        if self.refuses:
            raise OutsideError(self.refuses)
        return self.grants if (kind, full_name) == ("schema", "main.sales") else {}


def plans(folder: Path, *changes: tuple[str, str, dict[str, Any]]) -> tuple[StackPlan, ...]:
    """A plan of resources: address, Terraform's action and arguments."""
    resources = []
    for address, action, arguments in changes:
        before, after = (
            (None if action == "create" else arguments),
            (None if action == "delete" else arguments),
        )
        change = {"actions": [action], "before": before, "after": after}
        resources.append({"address": address, "type": address.partition(".")[0], "change": change})
    (folder / f"{STACK}.json").write_text(json.dumps({"resource_changes": resources}))
    return read_plans([folder])


def reviewed(
    stack_plans: tuple[StackPlan, ...], workspace: WorkspaceReader
) -> tuple[list[str], WorkspaceFacts]:
    """The sentences of the review, and the facts."""
    facts = read_workspaces(stack_plans, None, lambda location: workspace)
    result = review(stack_plans, None, PolicyFile(), facts=facts)
    changes = [change for stack in result.stacks for change in stack.changes]
    lines = [
        line for one in changes for line in (plain(one.sentence), *(f"  {plain(d)}" for d in one.details))
    ]
    return lines, facts


def grants(**more: Any) -> tuple[str, str, dict[str, Any]]:
    return ("databricks_grants.sales", "create", {"schema": "main.sales", "grant": READS, **more})


def test_destroyed_data_is_reported_with_its_contents(tmp_path: Path) -> None:
    lost = plans(tmp_path, ("databricks_schema.sales", "delete", SALES))

    assert reviewed(lost, FakeWorkspace())[0] == [
        "schema `main.sales` will be destroyed",
        "  contains 3 tables",
    ]
    assert reviewed(lost, FakeWorkspace("empty"))[0] == [
        "schema `main.sales` will be destroyed",
        "  is empty",
    ]
    lines, facts = reviewed(lost, FakeWorkspace(""))
    assert lines == ["schema `main.sales` will be destroyed"]
    assert facts.notes == ("contents of schema main.sales: the workspace does not report them",)


def test_first_grants_on_an_existing_schema_revoke_existing_grants(tmp_path: Path) -> None:
    stack_plans = plans(tmp_path, ("databricks_schema.sales", "no-op", SALES), grants())
    workspace = FakeWorkspace(grants={"students": frozenset({"MODIFY"}), "analysts": frozenset({"SELECT"})})

    lines, _ = reviewed(stack_plans, workspace)

    assert lines == [
        "`students` loses `MODIFY` on schema `main.sales`",
        "  `MODIFY` was granted by hand and is not in the mesh; the deployment revokes it",
    ]


def test_a_schema_that_the_plan_creates_has_no_existing_grants(tmp_path: Path) -> None:
    stack_plans = plans(tmp_path, ("databricks_schema.sales", "create", SALES), grants())

    lines, facts = reviewed(stack_plans, FakeWorkspace(grants={"students": frozenset({"MODIFY"})}))

    assert (lines[-1], facts) == (
        "`analysts` gains `SELECT` on the new schema `main.sales`",
        WorkspaceFacts(),
    )


def test_a_workspace_is_not_opened_without_need(tmp_path: Path) -> None:
    quiet = plans(tmp_path, ("databricks_schema.sales", "no-op", SALES))

    def opened(location: StackLocation) -> WorkspaceReader:
        raise AssertionError(location)

    assert read_workspaces(quiet, None, opened) == WorkspaceFacts()


def test_facts_that_cannot_be_read_become_notes(tmp_path: Path) -> None:
    both = plans(tmp_path, ("databricks_schema.rent", "delete", {**SALES, "name": "rent"}), grants())

    def closed(location: StackLocation) -> WorkspaceReader:
        raise OutsideError("the workspace does not answer: no login\nand more")

    assert read_workspaces(both, None, closed).notes == (
        "contents and existing grants in prod: the workspace does not answer: no login",
    )
    without_mesh = "contents and existing grants in prod: the mesh does not declare this workspace"
    assert read_workspaces(both, None, workspace_opener(None)).notes == (without_mesh,)
    facts = read_workspaces(both, None, lambda location: FakeWorkspace(refuses="PERMISSION_DENIED"))
    assert facts.notes == ("existing grants on schema main.sales: PERMISSION_DENIED",)
    assert facts.contents == {("databricks_schema", "main.rent"): "3 tables"}
