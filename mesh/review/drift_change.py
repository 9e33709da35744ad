"""What somebody has changed by hand, in sentences: a review's changes, told as what has happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mesh.review.access import OWNER, AccessChange
from mesh.review.compute import ComputeChange
from mesh.review.data import DataChange
from mesh.review.other_changes import OtherChange
from mesh.review.runs import RunChange
from mesh.review.sentence import Name, Sentence, joined, listed

Change = DataChange | AccessChange | RunChange | ComputeChange | OtherChange

# What a review says of a plan, and what is to be said of what has happened
_PAST = {" goes": " is gone", " goes, it was ": " is gone, it was "}


@dataclass(frozen=True)
class DriftChange:
    """What somebody has changed by hand.

    Args:
        of: the same as a plan would change it.
        sentence: what a person reads.
        details: what a person wants to know besides.
    """

    of: Change
    sentence: Sentence
    details: tuple[Sentence, ...] = ()

    @property
    def stack(self) -> str:
        """The stack that it belongs to."""
        return self.of.stack

    @property
    def area(self) -> str:
        """What it is about."""
        return self.of.area

    @property
    def loses(self) -> bool:
        """Whether data was lost."""
        return isinstance(self.of, DataChange) and self.of.loses

    @property
    def loosened(self) -> tuple[Any, ...]:
        """The rules of a policy that allow more than was deployed."""
        return self.of.loosened if isinstance(self.of, ComputeChange) else ()


def happened(change: Change) -> DriftChange:
    """A change from what was deployed to what is there now, as something that somebody has done."""
    match change:
        case DataChange():
            return DriftChange(change, _data(change), tuple(_data_details(change)))
        case AccessChange():
            return DriftChange(change, _access(change), tuple(_access_details(change)))
        case RunChange():
            return DriftChange(change, _runs(change), tuple(map(_past, _run_details(change))))
        case ComputeChange():
            return DriftChange(change, _compute(change), tuple(map(_past, _compute_details(change))))
    return DriftChange(change, _other(change))


def _past(sentence: Sentence) -> Sentence:
    return tuple(part if isinstance(part, Name) else _PAST.get(part, part) for part in sentence)


def _data(one: DataChange) -> Sentence:
    what: Sentence = (f"{one.kind} ", Name.of(one.name))
    if one.happens == "renamed":
        return (*what, " was renamed to ", Name.of(one.becomes))
    return (*what, " was deleted")


def _data_details(one: DataChange) -> list[Sentence]:
    if one.happens == "renamed":
        return [("the next deployment takes that back",)]
    told: list[Sentence] = [("the next deployment makes it anew, without what was in it",)]
    if one.holds:
        told.append(("held ", *listed(one.holds)))
    if one.dependents:
        told.append(("is read by ", *listed(one.dependents)))
    return told


def _access(one: AccessChange) -> Sentence:
    where: Sentence = (f"{one.kind} ", *listed(one.names))
    if len(one.names) > 1:
        where = (f"{len(one.names)} {one.kind}s: ", *listed(one.names))
    who = Name.of(one.called)
    if one.gained == (OWNER,):
        return (who, " became owner of ", *where)
    if one.lost == (OWNER,):
        return (who, " is no longer owner of ", *where)
    parts: list[Sentence] = []
    if one.gained:
        parts.append(("gained ", *_rights(one.gained, one.role)))
    if one.lost:
        parts.append(("lost ", *_rights(one.lost, "" if one.gained else one.role)))
    return (who, " ", *joined(parts, " and "), " on ", *where, "; ", _taken_back(one))


def _rights(rights: tuple[str, ...], role: str) -> Sentence:
    return ("role ", Name.of(role)) if role else listed(rights, len(rights))


def _taken_back(one: AccessChange) -> str:
    if one.gained and one.lost:
        return "the next deployment undoes both"
    return "the next deployment takes it away" if one.gained else "the next deployment gives it back"


def _access_details(one: AccessChange) -> list[Sentence]:
    told: list[Sentence] = [reached.of(one.called) for reached in one.reaches]
    if one.role:
        rights = one.gained or one.lost
        told.append(("role ", Name.of(one.role), " means here ", *listed(rights, len(rights))))
    if one.origins:
        said = listed(origin.rpartition(", ")[2] for origin in one.origins)
        told.append(("what it has in the mesh is said in ", *said))
    return told


def _runs(one: RunChange) -> Sentence:
    every = (one.name, *one.more)
    if one.more:
        what: Sentence = (f"{len(every)} {one.kind}s (", *listed(every), ") were")
    else:
        of_flow: Sentence = (" (", Name.of(one.flow), ")") if one.flow else ()
        what = (f"{one.kind} ", Name.of(one.name), *of_flow, " was")
    if one.happens == "removed":
        return (*what, " deleted")
    if one.happens == "repinned":
        return (*what, " moved to commit ", Name.of(one.commit[:8]))
    return (*what, " changed")


def _run_details(one: RunChange) -> tuple[Sentence, ...]:
    if one.happens == "removed":
        return (("the next deployment makes it anew",),)
    if one.happens == "repinned":
        return ()
    moves: tuple[Sentence, ...] = (("moved to commit ", Name.of(one.commit[:8])),) if one.commit else ()
    return (*one.points, *moves) or (("in what tells of its commit: tags or parameters",),)


def _compute(one: ComputeChange) -> Sentence:
    if one.happens == "removed":
        how = "was deleted"
    elif one.loosened:
        how = "was loosened"
    else:
        how = "was enlarged" if one.bigger else "was changed"
    return (f"{one.kind} ", Name.of(one.name), f" {how}")


def _compute_details(one: ComputeChange) -> tuple[Sentence, ...]:
    return (("the next deployment makes it anew",),) if one.happens == "removed" else one.details


def _other(one: OtherChange) -> Sentence:
    kind, many = one.type.replace("_", " "), len(one.names) > 1
    names = listed(one.names, len(one.names))
    how = f"{'were' if many else 'was'} {'deleted' if one.happens == 'delete' else 'changed'}"
    attributes: Sentence = (" (", *listed(one.attributes), ")") if one.attributes else ()
    if many:
        return (f"{len(one.names)} ", Name.of(kind), f"s {how}: ", *names, *attributes)
    return (Name.of(kind), " ", *names, f" {how}", *attributes)
