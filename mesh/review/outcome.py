"""The outcome of a change for a resource, and the predicate that describes it in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from mesh.review.plan import Action

Outcome = Literal[
    "created",
    "changed",
    "replaced",
    "recreated",
    "removed",
    "destroyed",
    "released",
    "renamed",
    "moved",
    "adopted",
    "repinned",
]

_OUTCOMES: Mapping[Action, Outcome] = {
    "create": "created",
    "update": "changed",
    "replace": "replaced",
    "recreate": "recreated",
    "delete": "removed",
    "forget": "released",
    "move": "moved",
    "import": "adopted",
    "no-op": "changed",
}
# Fit one resource as well as several
_PREDICATES: Mapping[Outcome, str] = {
    "created": "will be created",
    "changed": "will be changed",
    "replaced": "will be destroyed and recreated",
    "recreated": "will be created again; the existing one stays, but Terraform will no longer manage it",
    "removed": "will be removed",
    "destroyed": "will be destroyed",
    "released": "will no longer be managed by Terraform",
    "moved": "will get a new Terraform address",
    "adopted": "will be imported into the Terraform state",
}


def outcome(action: Action) -> Outcome:
    """The outcome of a Terraform action."""
    return _OUTCOMES[action]


def predicate(happens: Outcome) -> str:
    """The predicate of an outcome: `will be created`."""
    return _PREDICATES[happens]
