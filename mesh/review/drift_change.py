"""Changes made by hand, as sentences: the changes of a review, in the past tense."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from mesh.review.access import OWNER, AccessChange, privileges_or_role, role_privileges
from mesh.review.access_policies import PolicyChange
from mesh.review.compute import ComputeChange
from mesh.review.data import DataChange
from mesh.review.other_changes import OtherChange
from mesh.review.runs import RunChange
from mesh.review.sentence import Name, Sentence, joined, listed

PlanChange = DataChange | AccessChange | PolicyChange | RunChange | ComputeChange | OtherChange

# The parts of a review's sentences that a drift report puts into the past tense
_PAST = {
    " is added": " was added",
    " is changed": " was changed",
    " is added: ": " was added: ",
    " is added after ": " was added after ",
    " is removed": " was removed",
    " are removed": " were removed",
    "is renamed to ": "was renamed to ",
}


@dataclass(frozen=True)
class DriftChange:
    """A change made by hand.

    Args:
        of: the same change as a plan would make it.
        sentence: the change as a sentence.
        details: further sentences.
        told_by: `refresh` if Terraform's refresh shows it, `workspace` if only the workspace does.
        next_deployment: the effect of the next deployment.
        declared_in: the position of the declaration of the changed object; "" if unknown.
    """

    of: PlanChange
    sentence: Sentence
    details: tuple[Sentence, ...] = ()
    told_by: Literal["refresh", "workspace"] = "refresh"
    next_deployment: Literal["reverts", "leaves"] = "reverts"
    declared_in: str = ""

    @property
    def stack(self) -> str:
        """The stack of the changed resource."""
        return self.of.stack

    @property
    def area(self) -> str:
        """The area of the report."""
        return self.of.area

    @property
    def loses(self) -> bool:
        """True if data was lost."""
        return isinstance(self.of, DataChange) and self.of.loses

    @property
    def loosened(self) -> tuple[Any, ...]:
        """The rules of a policy that allow more than was deployed."""
        return self.of.loosened if isinstance(self.of, ComputeChange) else ()


def drift_change(change: PlanChange, *, reverted: bool = True) -> DriftChange:
    """Converts a change (from the deployed to the existing resource) into a change made by hand.

    Args:
        change: the change.
        reverted: True if the next deployment reverts it.
    """
    match change:
        case DataChange():
            return DriftChange(change, _data(change), tuple(_data_details(change)))
        case AccessChange():
            return DriftChange(change, _access(change, reverted), tuple(_access_details(change)))
        case PolicyChange():
            return DriftChange(change, _past(change.sentence), change.details)
        case RunChange():
            return DriftChange(change, _runs(change), tuple(map(_past, _run_details(change))))
        case ComputeChange():
            return DriftChange(change, _compute(change), tuple(map(_past, _compute_details(change))))
    return DriftChange(change, _other(change))


def _past(sentence: Sentence) -> Sentence:
    return tuple(part if isinstance(part, Name) else _PAST.get(part, part) for part in sentence)


def _data(change: DataChange) -> Sentence:
    subject: Sentence = (f"{change.kind} ", Name.of(change.name))
    if change.happens == "renamed":
        return (*subject, " was renamed to ", Name.of(change.becomes))
    return (*subject, " was deleted")


def _data_details(change: DataChange) -> list[Sentence]:
    if change.happens == "renamed":
        return [("the next deployment renames it back",)]
    lines: list[Sentence] = [("the next deployment recreates it empty",)]
    if change.holds:
        lines.append(("contained ", *listed(change.holds)))
    if change.dependents:
        lines.append(("is read by ", *listed(change.dependents)))
    return lines


def _access(change: AccessChange, reverted: bool) -> Sentence:
    objects: Sentence = (f"{change.kind} ", *listed(change.names))
    if len(change.names) > 1:
        objects = (f"{len(change.names)} {change.kind}s: ", *listed(change.names))
    principal = Name.of(change.called)
    if change.gained == (OWNER,):
        return (principal, " became the owner of ", *objects)
    if change.lost == (OWNER,):
        return (principal, " is no longer the owner of ", *objects)
    parts: list[Sentence] = []
    if change.gained:
        parts.append(("gained ", *privileges_or_role(change.gained, change.role)))
    if change.lost:
        parts.append(("lost ", *privileges_or_role(change.lost, "" if change.gained else change.role)))
    remedy = f"; {_remedy(change)}" if reverted else ""
    return (principal, " ", *joined(parts, " and "), " on ", *objects, *((remedy,) if remedy else ()))


def _remedy(change: AccessChange) -> str:
    several = len(change.gained or change.lost) > 1 and not change.role
    if change.gained and change.lost:
        return "the next deployment reverts both"
    if change.gained:
        return f"the next deployment revokes {'them' if several else 'it'}"
    return f"the next deployment grants {'them' if several else 'it'} again"


def _access_details(change: AccessChange) -> list[Sentence]:
    lines: list[Sentence] = [access.sentence(change.called) for access in change.reaches]
    if change.role:
        lines.append(role_privileges(change.role, change.gained or change.lost))
    if change.origins:
        origins = listed(origin.rpartition(", ")[2] for origin in change.origins)
        lines.append(("its declared grants are in ", *origins))
    return lines


def _runs(change: RunChange) -> Sentence:
    names = (change.name, *change.more)
    if change.more:
        subject: Sentence = (f"{len(names)} {change.kind}s (", *listed(names), ") were")
    else:
        of_flow: Sentence = (" (", Name.of(change.flow), ")") if change.flow else ()
        subject = (f"{change.kind} ", Name.of(change.name), *of_flow, " was")
    if change.happens == "removed":
        return (*subject, " deleted")
    if change.happens == "repinned":
        return (*subject, " moved to commit ", Name.of(change.commit[:8]))
    return (*subject, " changed")


def _run_details(change: RunChange) -> tuple[Sentence, ...]:
    if change.happens == "removed":
        return (("the next deployment recreates it",),)
    if change.happens == "repinned":
        return ()
    commit: tuple[Sentence, ...] = (
        (("moved to commit ", Name.of(change.commit[:8])),) if change.commit else ()
    )
    return (*change.points, *commit) or (("only tags or parameters that name its commit differ",),)


def _compute(change: ComputeChange) -> Sentence:
    if change.happens == "removed":
        predicate = "was deleted"
    elif change.loosened:
        predicate = "now allows more"
    else:
        predicate = "was enlarged" if change.bigger else "was changed"
    return (f"{change.kind} ", Name.of(change.name), f" {predicate}")


def _compute_details(change: ComputeChange) -> tuple[Sentence, ...]:
    return (("the next deployment recreates it",),) if change.happens == "removed" else change.details


def _other(change: OtherChange) -> Sentence:
    kind, many = change.type.replace("_", " "), len(change.names) > 1
    names = listed(change.names, len(change.names))
    predicate = f"{'were' if many else 'was'} {'deleted' if change.happens == 'delete' else 'changed'}"
    attributes: Sentence = (" (", *listed(change.attributes), ")") if change.attributes else ()
    if many:
        return (f"{len(change.names)} ", Name.of(kind), f" resources {predicate}: ", *names, *attributes)
    return (Name.of(kind), " ", *names, f" {predicate}", *attributes)
