"""The report as JSON for scripts: a stable interface, documented in docs/review.md."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from mesh.review.drift import DriftReport
from mesh.review.drift_change import DriftChange
from mesh.review.policy import Ruling
from mesh.review.review import EnvironmentReview, ReportChange, Review, StackReview
from mesh.review.sentence import plain

VERSION = 1


def text(review: Review) -> str:
    """The report as JSON text, ASCII only."""
    return json.dumps(as_json(review), indent=2) + "\n"


def as_json(review: Review) -> dict[str, Any]:
    """The report as JSON values."""
    if isinstance(review, DriftReport):
        return _drift(review)
    return {
        "version": VERSION,
        "refused": review.refused,
        "environments": [_environment(one) for one in review.environments],
        "rulings": [_ruling(one) for one in review.rulings],
        "stacks": [_stack(one) for one in review.stacks],
        "notes": list(review.notes),
    }


def _drift(drift: DriftReport) -> dict[str, Any]:
    """A drift report has no rulings, and counts projects that are not deployed."""
    environments = [_environment(one) | {"not_deployed": one.absent} for one in drift.environments]
    stacks = [_stack(one) for one in drift.stacks]
    for stack in stacks:
        del stack["add"]
    return {
        "version": VERSION,
        "drifted": drift.drifted,
        "environments": environments,
        "stacks": stacks,
        "notes": list(drift.notes),
    }


def _environment(one: EnvironmentReview) -> dict[str, Any]:
    return {
        "name": one.environment,
        "projects": one.projects,
        "changed": one.changed,
        "failed": one.failed,
        "shared_changed": one.shared,
        "summary": one.summary,
    }


def _ruling(one: Ruling) -> dict[str, Any]:
    return {
        "rule": one.rule,
        "stack": one.stack,
        "environment": one.environment,
        "strictness": one.strictness,
        "approved": one.approved,
        "refused": one.refused,
        "text": plain(one.sentence),
        "details": [plain(detail) for detail in one.details],
    }


def _stack(one: StackReview) -> dict[str, Any]:
    added, changed, destroyed = one.counts
    return {
        "stack": one.stack,
        "environment": one.location.environment,
        "kind": one.location.kind,
        "path": one.location.path,
        "identity": one.location.identity,
        "error": one.error,
        "add": added,
        "change": changed,
        "destroy": destroyed,
        "changes": [_change(change) for change in one.changes],
        "terraform": [
            {
                "address": resource.address,
                "action": resource.action,
                "former": resource.previous_address,
                "edits": [asdict(edit) for edit in resource.edits],
            }
            for resource in one.resources
        ],
    }


def _change(one: ReportChange) -> dict[str, Any]:
    of = one.of if isinstance(one, DriftChange) else one
    fields = {name: value for name, value in asdict(of).items() if name not in ("stack", "points")}
    texts = {"text": plain(one.sentence), "details": [plain(detail) for detail in one.details]}
    source = (
        {
            "told_by": one.told_by,
            "next_deployment": one.next_deployment,
            "declared_in": one.declared_in or None,
        }
        if isinstance(one, DriftChange)
        else {}
    )
    return {"area": one.area, **texts, **source, **fields}
