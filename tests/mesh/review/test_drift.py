"""The drift report of an environment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mesh.mesh import Mesh
from mesh.review.drift import EnvironmentDrift, report_drift
from mesh.review.plan import StackPlan, resource_change
from mesh.review.sentence import plain
from mesh.review.workspace_drift import StackLook
from mesh.terraform.live_objects import LiveObject, LiveObjects


@pytest.mark.parametrize(
    ("counts", "line"),
    [
        ({"projects": 98, "changed": 1}, "1 project changed, 97 unchanged"),
        ({"projects": 3, "changed": 0, "absent": 2}, "no changes, 1 unchanged, 2 not deployed"),
        (
            {"projects": 4, "changed": 2, "shared": True, "failed": 1},
            "2 projects changed, shared resources changed, 1 unchanged, 1 failed",
        ),
        ({"projects": 0}, "no changes"),
    ],
)
def test_the_summary_of_an_environment_is_one_line(counts: dict[str, Any], line: str) -> None:
    none: dict[str, Any] = {"projects": 0, "changed": 0, "failed": 0, "shared": False}

    assert EnvironmentDrift("prod", (), **{**none, **counts}).summary == line


STACK, JOB = "acme-transport-taxinyc-dev", "databricks_job.a"
CHANGED = StackPlan(
    STACK,
    (
        resource_change(
            {
                "address": JOB,
                "type": "databricks_job",
                "change": {
                    "actions": ["update"],
                    "before": {"name": "revenue", "max_concurrent_runs": 1},
                    "after": {"name": "revenue", "max_concurrent_runs": 2},
                },
            }
        ),
    ),
)


@pytest.mark.parametrize(
    ("updated", "effect", "last"),
    [
        (frozenset({JOB}), "reverts", "`max_concurrent_runs`: `2` instead of `1`"),
        (frozenset(), "leaves", "no deployment reverts it; to undo it, reset it in the workspace"),
    ],
)
def test_the_next_plan_shows_whether_a_change_is_reverted(
    tmp_path: Path, updated: frozenset[str], effect: str, last: str
) -> None:
    report = report_drift([CHANGED], [], Mesh(tmp_path, ()), "dev", updated_next={STACK: updated})

    [change] = report.stacks[0].changes
    assert (change.told_by, change.next_deployment) == ("refresh", effect)
    assert plain(change.details[-1]) == last


def test_what_only_the_workspace_shows_is_drift_too(tmp_path: Path) -> None:
    live = LiveObjects((LiveObject(JOB, {"description": "x"}),), ("grants of databricks_schema.a: refused",))
    look = StackLook(live, {JOB: {"name": "revenue"}}, {JOB: frozenset({"name"})})

    report = report_drift([StackPlan(STACK, ())], [], Mesh(tmp_path, ()), "dev", looks={STACK: look})

    assert report.drifted
    [stack] = report.stacks
    assert stack.counts == (0, 1, 0)
    assert [plain(one.sentence) for one in stack.changes] == ["job `revenue` was changed"]
    assert report.notes[-1] == f"grants of databricks_schema.a: refused ({STACK})"
