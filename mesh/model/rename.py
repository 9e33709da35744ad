"""What was called otherwise before, and keeps its data under the new name."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from mesh.finding import Finding
from mesh.model.project import Project


@dataclass(frozen=True)
class Rename:
    """A Terraform resource that has another address than before.

    Args:
        kind: the resource's type, without the provider's name.
        former: the Terraform name that it had.
        id: the one that it has.
    """

    kind: str
    former: str
    id: str


def chain(kind: str, names: Sequence[str]) -> Iterator[Rename]:
    """The renames that lead from the oldest of `names` to the last, for states of any age."""
    for former, later in pairwise(names):
        if former != later:  # a part that was renamed keeps what it shares with the others
            yield Rename(kind, former, later)


def check_flow_renames(project: Project) -> Iterator[Finding]:
    """A former name is nobody else's."""
    claimed: dict[str, str] = {}
    present = {flow.path_in_project for flow in project.flows}
    for flow in project.flows:
        for index, former in enumerate(flow.former):
            at, old = ("renamed_from", index), "/".join(former)
            if len(former) < 2 or not all(former):
                message = f"`{old}` is no flow's path (write `flow` or `flowtype/flow`)"
                yield flow.document.finding("bad-rename", at, message)
            elif message := _taken(old, flow.path_in_project, present, claimed):
                yield flow.document.finding("bad-rename", at, message)


def check_project_renames(projects: Sequence[Project]) -> Iterator[Finding]:
    """A former project is not there any more, and became one project only."""
    claimed: dict[str, str] = {}
    present = {project.path for project in projects}
    for project in projects:
        former, at = project.declared.renamed_from, ("renamed_from",)
        if former is None:
            continue
        if former.count("/") > 1 or "" in former.split("/"):
            message = f"`{former}` is no project (write `project` or `domain/project`)"
            yield project.document.finding("bad-rename", at, message)
        elif message := _taken(project.former_path, project.path, present, claimed):
            yield project.document.finding("bad-rename", at, message)


def _taken(old: str, new: str, present: Collection[str], claimed: dict[str, str]) -> str:
    """Why `new` was not renamed from `old`; "" when it may have been, which `claimed` then remembers."""
    if old in present:
        return f"`{old}` is still there, so {new} was not renamed from it (remove one of the two)"
    first = claimed.setdefault(old, new)
    return "" if first == new else f"`{old}` became {first} already (remove one of the two)"
