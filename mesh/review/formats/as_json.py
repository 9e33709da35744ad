"""The report as JSON for scripts: a stable interface, documented in docs/review.md."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from mesh.model.contract_difference import ContractDifference
from mesh.review import contracts
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
        "contracts": [_contract(one) for one in review.contract_changes],
        "notes": list(review.notes),
    }


def _contract(one: ContractDifference) -> dict[str, Any]:
    texts = {
        "text": plain(contracts.sentence(one)),
        "details": [plain(one) for one in contracts.details(one)],
    }
    fields = asdict(one)
    for reader in fields["readers"]:
        del reader["folder"]
    return {**texts, **fields}


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


def _environment(environment: EnvironmentReview) -> dict[str, Any]:
    return {
        "name": environment.environment,
        "projects": environment.projects,
        "changed": environment.changed,
        "failed": environment.failed,
        "shared_changed": environment.shared,
        "summary": environment.summary,
    }


def _ruling(ruling: Ruling) -> dict[str, Any]:
    return {
        "rule": ruling.rule,
        "stack": ruling.stack,
        "environment": ruling.environment,
        "strictness": ruling.strictness,
        "approved": ruling.approved,
        "refused": ruling.refused,
        "text": plain(ruling.sentence),
        "details": [plain(detail) for detail in ruling.details],
    }


def _stack(stack: StackReview) -> dict[str, Any]:
    added, changed, destroyed = stack.counts
    return {
        "stack": stack.stack,
        "environment": stack.location.environment,
        "kind": stack.location.kind,
        "path": stack.location.path,
        "identity": stack.location.identity,
        "error": stack.error,
        "add": added,
        "change": changed,
        "destroy": destroyed,
        "changes": [_change(change) for change in stack.changes],
        "terraform": [
            {
                "address": resource.address,
                "action": resource.action,
                "former": resource.previous_address,
                "deposed": resource.deposed or None,
                "edits": [asdict(edit) for edit in resource.edits],
            }
            for resource in stack.resources
        ],
    }


def _change(change: ReportChange) -> dict[str, Any]:
    of = change.of if isinstance(change, DriftChange) else change
    fields = {name: value for name, value in asdict(of).items() if name not in ("stack", "points")}
    texts = {"text": plain(change.sentence), "details": [plain(detail) for detail in change.details]}
    source = (
        {
            "told_by": change.told_by,
            "next_deployment": change.next_deployment,
            "declared_in": change.declared_in or None,
        }
        if isinstance(change, DriftChange)
        else {}
    )
    return {"area": change.area, **texts, **source, **fields}
