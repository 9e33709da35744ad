"""What was called otherwise before, and keeps its data under the new name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from mesh.finding import Finding
from mesh.flow import Flow
from mesh.project import Project


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
        yield Rename(kind, former, later)


def check_flow_renames(project: Project) -> Iterator[Finding]:
    """A former name is nobody else's."""
    paths = {flow.path_in_project: flow for flow in project.flows}
    claimed: dict[str, Flow] = {}
    for flow in project.flows:
        for index, former in enumerate(flow.former):
            at, old = ("renamed_from", index), "/".join(former)
            if len(former) < 2 or not all(former):
                message = f"`{old}` is no flow's path (write `flow` or `flowtype/flow`)"
                yield flow.document.finding("bad-rename", at, message)
            elif old in paths:
                message = f"`{old}` is still there, so {flow.path_in_project} was not renamed from it"
                yield flow.document.finding("bad-rename", at, f"{message} (remove one of the two)")
            elif (first := claimed.setdefault(old, flow)) is not flow:
                message = f"`{old}` became {first.path_in_project} already (remove one of the two)"
                yield flow.document.finding("bad-rename", at, message)


def check_project_renames(projects: Sequence[Project]) -> Iterator[Finding]:
    """A former project is not there any more, and became one project only."""
    paths = {project.path: project for project in projects}
    claimed: dict[str, Project] = {}
    for project in projects:
        if project.declared.renamed_from is None:
            continue
        at, old = ("renamed_from",), project.former_path
        if project.declared.renamed_from.count("/") > 1 or "" in project.declared.renamed_from.split("/"):
            message = f"`{project.declared.renamed_from}` is no project (write `project` or `domain/project`)"
            yield project.document.finding("bad-rename", at, message)
        elif old in paths:
            message = f"`{old}` is still there, so {project.path} was not renamed from it"
            yield project.document.finding("bad-rename", at, f"{message} (remove one of the two)")
        elif (first := claimed.setdefault(old, project)) is not project:
            message = f"`{old}` became {first.path} already (remove one of the two)"
            yield project.document.finding("bad-rename", at, message)
