"""Where in the mesh a stack belongs: a plan says it by its file's name, and in what it deploys."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal
from urllib.parse import unquote

from mesh.mesh import Mesh
from mesh.model.environment import BUILT_IN
from mesh.model.naming import short_ref
from mesh.model.org import Org
from mesh.model.schema import DEPLOYMENT_PROPERTY
from mesh.review.plan import StackPlan

UNKNOWN = "environment unknown"


@dataclass(frozen=True)
class Place:
    """Where a stack belongs.

    Args:
        where: the environment; of what several environments share on a metastore, `metastore <name>`.
        kind: what the stack is.
        path: the project in the mesh, or the org whose shared things it holds.
        environments: the environments that it is for.
        identity: whose deployment it is, as its name says it; "" where it is everybody's.
        gone: whether the mesh has it no more.
    """

    where: str
    kind: Literal["project", "foundation", "workspace"]
    path: str
    environments: tuple[str, ...] = ()
    identity: str = ""
    gone: bool = False

    @property
    def remedy(self) -> str:
        """How to keep what it holds; "" where it is not gone."""
        if not self.gone or self.kind != "project":
            return ""
        *org, domain, project = self.path.split("/")
        folder = "/".join([*(("orgs", *org) if org else ()), "domains", domain, "projects", project])
        return (
            f"put back {folder}; if it was renamed, say `renamed_from: {domain}/{project}` in its project.yml"
        )

    @property
    def title(self) -> str:
        """What people call it, beside where it is."""
        told = {"foundation": "catalogs and storage", "workspace": "compute and groups"}
        gone = "no more in the mesh" if self.gone else ""
        return " · ".join(part for part in (self.path, told.get(self.kind), self.identity, gone) if part)


@dataclass(frozen=True)
class Places:
    """Tells the places of stacks.

    Args:
        mesh: the mesh that they are of; None where it cannot be read.
    """

    mesh: Mesh | None = None

    def of(self, plan: StackPlan) -> Place:
        """Where a plan's stack belongs: as the mesh says, else what it deploys, else its name."""
        found = [one for one in self._stacks if f"{plan.stack}-".startswith(f"{one}-")]
        if found:
            return _with_identity(self._stacks[max(found, key=len)], plan.stack, max(found, key=len))
        place = _of_deployed(plan, self._environments) or self._of_name(plan.stack)
        return replace(place, gone=self.mesh is not None and place.where != UNKNOWN)

    @cached_property
    def _stacks(self) -> Mapping[str, Place]:
        """Places by how the names of their stacks begin."""
        return dict(one for org in (self.mesh.orgs if self.mesh else ()) for one in _of_org(org))

    @cached_property
    def _environments(self) -> frozenset[str]:
        orgs = self.mesh.orgs if self.mesh else ()
        return frozenset({*BUILT_IN, *(name for org in orgs for name in org.environments)})

    def _of_name(self, stack: str) -> Place:
        """A project that is in the mesh no more, or a stack of a mesh that is not there."""
        names = self._environments
        parts = stack.split("-")
        for index in range(len(parts) - 1, 0, -1):
            if parts[index] in names:
                path, identity = "/".join(map(unquote, parts[:index])), "-".join(parts[index + 1 :])
                return Place(parts[index], "project", path, (parts[index],), unquote(identity))
        return Place(UNKNOWN, "project", unquote(stack))


def _of_org(org: Org) -> Iterator[tuple[str, Place]]:
    """The stacks of an org, by how their names begin."""
    prefix = [org.name] if org.name else []
    metastores: dict[str, list[str]] = {}
    for name, environment in org.environments.items():
        metastores.setdefault(environment.metastore, []).append(name)
        stack = "-".join([*prefix, "workspace", name])
        yield stack, Place(name, "workspace", org.name or "", (name,))
        for domain in org.domains:
            for project in domain.projects:
                stack = "-".join([*project.path.split("/"), name])
                yield stack, Place(name, "project", project.path, (name,))
    for metastore, names in metastores.items():
        stack = "-".join([*prefix, "foundation", metastore])
        where = f"metastore {metastore}"
        yield stack, Place(where, "foundation", org.name or "", tuple(names))


def _with_identity(place: Place, stack: str, prefix: str) -> Place:
    identity = unquote(stack[len(prefix) + 1 :])
    return Place(place.where, place.kind, place.path, place.environments, identity)


def _of_deployed(plan: StackPlan, environments: Container[str]) -> Place | None:
    """What a catalog or schema says of whose deployment it belongs to: the state's key."""
    for one in plan.resources:
        properties = one.arguments.get("properties")
        key = properties.get(DEPLOYMENT_PROPERTY) if isinstance(properties, Mapping) else None
        if isinstance(key, str) and (place := _of_key(key, environments)):
            return place
    return None


def _of_key(key: str, environments: Container[str]) -> Place | None:
    levels = [unquote(part) for part in key.split("/")]
    if levels[-2:-1] == ["foundation"]:
        return Place(f"metastore {levels[-1]}", "foundation", "/".join(levels[:-2]))
    known = [index for index, level in enumerate(levels) if level in environments]
    at = known[0] if known else min(3, len(levels) - 1)
    if at < 2:
        return None
    where, identity = levels[at], "-".join(map(_short, levels[at + 1 :]))
    return Place(where, "project", "/".join(levels[:at]), (where,), identity)


def _short(part: str) -> str:
    """A commit as people quote it; anything else as it is."""
    return short_ref(part) if re.fullmatch("[0-9a-f]{40,64}", part) else part
