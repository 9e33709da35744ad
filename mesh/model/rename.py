"""Renamed flows and projects, which keep their data."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from mesh.finding import Finding
from mesh.model.project import Project


@dataclass(frozen=True)
class Rename:
    """A Terraform resource whose address changed.

    Args:
        kind: the resource's type, without the provider's name.
        former: the old Terraform name.
        id: the new Terraform name.
    """

    kind: str
    former: str
    id: str


def chain(kind: str, names: Sequence[str]) -> Iterator[Rename]:
    """Returns the renames from the oldest of `names` to the last, for states of any age."""
    for former, later in pairwise(names):
        if former != later:  # an unchanged name needs no rename
            yield Rename(kind, former, later)


def check_flow_renames(project: Project) -> Iterator[Finding]:
    """Checks that a former name of a flow is not a current or former name of another flow."""
    claimed: dict[str, str] = {}
    present = {flow.path_in_project for flow in project.flows}
    for flow in project.flows:
        for index, former in enumerate(flow.former):
            steps = former if flow.flowtype or former[0] else former[1:]
            at, old = ("renamed_from", index), "/".join(steps)
            if not all(steps) or (len(steps) < 2 and steps is former):
                message = f"`{old}` is not a path of a flow (write `flow` or `flowtype/flow`)"
                yield flow.document.finding("bad-rename", at, message)
            elif message := _taken(old, flow.path_in_project, present, claimed):
                yield flow.document.finding("bad-rename", at, message)


def check_project_renames(projects: Sequence[Project]) -> Iterator[Finding]:
    """Checks that a former project no longer exists, and that only one project declares it."""
    claimed: dict[str, str] = {}
    present = {project.path for project in projects}
    for project in projects:
        former, at = project.declared.renamed_from, ("renamed_from",)
        if former is None:
            continue
        if former.count("/") > 1 or "" in former.split("/"):
            message = f"`{former}` is not a project (write `project` or `domain/project`)"
            yield project.document.finding("bad-rename", at, message)
        elif message := _taken(project.former_path, project.path, present, claimed):
            yield project.document.finding("bad-rename", at, message)


def _taken(old: str, new: str, present: Collection[str], claimed: dict[str, str]) -> str:
    """Returns why `old` cannot be a former name of `new`, or ""; records valid renames in `claimed`."""
    if old in present:
        return f"`{old}` still exists, so {new} was not renamed from it (remove one of the two)"
    first = claimed.setdefault(old, new)
    return "" if first == new else f"`{old}` was already renamed to {first} (remove one of the two)"
