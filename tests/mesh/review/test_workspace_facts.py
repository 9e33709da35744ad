"""What only the workspace tells: what lies in data that goes, and who has rights of no state."""

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
from mesh.review.stack_location import Place
from mesh.review.workspace_facts import Seen, Workspace, look, workspaces

STACK = "acme-transport-taxinyc-prod"
SALES = {"catalog_name": "main", "name": "sales"}
READS = [{"principal": "analysts", "privileges": ["SELECT"]}]


@dataclass(frozen=True)
class There:
    """A workspace that holds and grants what a test tells it."""

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
    """A plan of resources: address, Terraform's word for what happens, and arguments."""
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


def told(found: tuple[StackPlan, ...], workspace: Workspace) -> tuple[list[str], Seen]:
    """The report's sentences, and what was seen."""
    seen = look(found, None, lambda place: workspace)
    made = review(found, None, PolicyFile(), seen=seen)
    changes = [change for stack in made.stacks for change in stack.changes]
    lines = [
        line for one in changes for line in (plain(one.sentence), *(f"  {plain(d)}" for d in one.details))
    ]
    return lines, seen


def grants(**more: Any) -> tuple[str, str, dict[str, Any]]:
    return ("databricks_grants.sales", "create", {"schema": "main.sales", "grant": READS, **more})


def test_what_goes_says_what_lies_in_it(tmp_path: Path) -> None:
    lost = plans(tmp_path, ("databricks_schema.sales", "delete", SALES))

    assert told(lost, There())[0] == ["destroys schema `main.sales`", "  3 tables in it now"]
    assert told(lost, There("empty"))[0] == ["destroys schema `main.sales`", "  it is empty"]
    lines, seen = told(lost, There(""))
    assert lines == ["destroys schema `main.sales`"]
    assert seen.notes == ("what lies in schema main.sales: the workspace does not tell",)


def test_first_grants_on_what_is_there_take_away_what_others_have(tmp_path: Path) -> None:
    made = plans(tmp_path, ("databricks_schema.sales", "no-op", SALES), grants())
    there = There(grants={"students": frozenset({"MODIFY"}), "analysts": frozenset({"SELECT"})})

    lines, _ = told(made, there)

    assert lines == [
        "`students` loses `MODIFY` on schema `main.sales`",
        "  granted by hand, not in the mesh: `MODIFY`; an apply takes it away",
    ]


def test_what_is_made_by_the_plan_has_no_rights_yet(tmp_path: Path) -> None:
    made = plans(tmp_path, ("databricks_schema.sales", "create", SALES), grants())

    lines, seen = told(made, There(grants={"students": frozenset({"MODIFY"})}))

    assert (lines[-1], seen) == ("`analysts` gains `SELECT` on the new schema `main.sales`", Seen())


def test_nobody_is_asked_where_nothing_depends_on_it(tmp_path: Path) -> None:
    quiet = plans(tmp_path, ("databricks_schema.sales", "no-op", SALES))

    def opened(place: Place) -> Workspace:
        raise AssertionError(place)

    assert look(quiet, None, opened) == Seen()


def test_a_look_that_is_not_possible_is_said_and_the_rest_is_told(tmp_path: Path) -> None:
    both = plans(tmp_path, ("databricks_schema.rent", "delete", {**SALES, "name": "rent"}), grants())

    def closed(place: Place) -> Workspace:
        raise OutsideError("the workspace does not answer: no login\nand more")

    assert look(both, None, closed).notes == (
        "what only the workspace of prod tells: the workspace does not answer: no login",
    )
    without_mesh = "what only the workspace of prod tells: the mesh does not say which workspace that is"
    assert look(both, None, workspaces(None)).notes == (without_mesh,)
    seen = look(both, None, lambda place: There(refuses="PERMISSION_DENIED"))
    assert seen.notes == ("who has rights on schema main.sales already: PERMISSION_DENIED",)
    assert seen.holds == {("databricks_schema", "main.rent"): "3 tables"}
