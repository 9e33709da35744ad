"""The location of a stack in the mesh, from the stack's name and from the resources that it deploys."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal
from urllib.parse import unquote

from mesh.deployment.state_key import parse_foundation_key, parse_state_key
from mesh.mesh import Mesh
from mesh.model.environment import BUILT_IN_ENVIRONMENTS
from mesh.model.naming import short_ref
from mesh.model.org import Org
from mesh.model.schema import DEPLOYMENT_PROPERTY
from mesh.review.plan import StackPlan

UNKNOWN = "environment unknown"


@dataclass(frozen=True)
class StackLocation:
    """The location of a stack in the mesh.

    Args:
        environment: the environment; `metastore <name>` for resources that several environments share.
        kind: the kind of stack.
        path: the project's path, or the org whose shared resources the stack holds.
        environments: the environments that use the stack.
        identity: user, branch and commit of the deployment, from the stack's name; "" for a shared stack.
        removed: True if the mesh no longer declares the stack.
    """

    environment: str
    kind: Literal["project", "foundation", "workspace"]
    path: str
    environments: tuple[str, ...] = ()
    identity: str = ""
    removed: bool = False

    @property
    def removed_project(self) -> bool:
        """True for the stack of a project that the mesh no longer declares."""
        return self.removed and self.kind == "project"

    @property
    def folder(self) -> str:
        """The project's folder, relative to the mesh's root."""
        *org, domain, project = self.path.split("/")
        return "/".join([*(("orgs", *org) if org else ()), "domains", domain, "projects", project])

    @property
    def remedy(self) -> str:
        """How to keep the data of a removed project, without evidence that it was renamed; else ""."""
        if not self.removed_project:
            return ""
        former = "/".join(self.path.split("/")[-2:])
        return (
            f"if the project was renamed, set `renamed_from: {former}` in the new project's project.yml; "
            f"if it shall stay, restore {self.folder}"
        )

    @property
    def title(self) -> str:
        """The stack's title in a report, without the environment."""
        contents = {"foundation": "catalogs and storage", "workspace": "compute and groups"}
        removed = "removed from the mesh" if self.removed else ""
        parts = (self.path, contents.get(self.kind), self.identity, removed)
        return " · ".join(part for part in parts if part)


@dataclass(frozen=True)
class StackLocator:
    """Locates stacks in a mesh.

    Args:
        mesh: the mesh; None where it cannot be read.
    """

    mesh: Mesh | None = None

    def locate(self, plan: StackPlan) -> StackLocation:
        """The location of a plan's stack: from the mesh, else from its resources, else from its name."""
        prefixes = [prefix for prefix in self._stacks if f"{plan.stack}-".startswith(f"{prefix}-")]
        if prefixes:
            longest = max(prefixes, key=len)
            return _with_identity(self._stacks[longest], plan.stack, longest)
        location = _from_resources(plan, self._environments) or self._from_name(plan.stack)
        return replace(location, removed=self.mesh is not None and location.environment != UNKNOWN)

    @cached_property
    def _stacks(self) -> Mapping[str, StackLocation]:
        """Locations by the prefix of their stacks' names."""
        return dict(one for org in (self.mesh.orgs if self.mesh else ()) for one in _of_org(org))

    @cached_property
    def _environments(self) -> frozenset[str]:
        orgs = self.mesh.orgs if self.mesh else ()
        return frozenset({*BUILT_IN_ENVIRONMENTS, *(name for org in orgs for name in org.environments)})

    def _from_name(self, stack: str) -> StackLocation:
        """The location from the name of a stack, for removed projects and if the mesh cannot be read."""
        names = self._environments
        parts = stack.split("-")
        for index in range(len(parts) - 1, 0, -1):
            if parts[index] in names:
                path, identity = "/".join(map(unquote, parts[:index])), "-".join(parts[index + 1 :])
                return StackLocation(parts[index], "project", path, (parts[index],), unquote(identity))
        return StackLocation(UNKNOWN, "project", unquote(stack))


def _of_org(org: Org) -> Iterator[tuple[str, StackLocation]]:
    """The stacks of an org: the prefix of the name, and the location."""
    prefix = [org.name] if org.name else []
    metastores: dict[str, list[str]] = {}
    for name, environment in org.environments.items():
        metastores.setdefault(environment.metastore, []).append(name)
        stack = "-".join([*prefix, "workspace", name])
        yield stack, StackLocation(name, "workspace", org.name or "", (name,))
        for domain in org.domains:
            for project in domain.projects:
                stack = "-".join([*project.path.split("/"), name])
                yield stack, StackLocation(name, "project", project.path, (name,))
    for metastore, names in metastores.items():
        stack = "-".join([*prefix, "foundation", metastore])
        shared = f"metastore {metastore}"
        yield stack, StackLocation(shared, "foundation", org.name or "", tuple(names))


def _with_identity(location: StackLocation, stack: str, prefix: str) -> StackLocation:
    return replace(location, identity=unquote(stack[len(prefix) + 1 :]))


def _from_resources(plan: StackPlan, environments: Container[str]) -> StackLocation | None:
    """The location from the state key, which is a property of catalogs and schemas."""
    for resource in plan.resources:
        properties = resource.arguments.get("properties")
        key = properties.get(DEPLOYMENT_PROPERTY) if isinstance(properties, Mapping) else None
        if isinstance(key, str) and (location := _from_state_key(key, environments)):
            return location
    return None


def _from_state_key(text: str, environments: Container[str]) -> StackLocation | None:
    if foundation := parse_foundation_key(text):
        org, metastore = foundation
        return StackLocation(f"metastore {metastore}", "foundation", org)
    by_levels = {at: part for at, part in enumerate(text.split("/")) if at in (2, 3)}
    levels = next((at for at, part in by_levels.items() if part in environments), None)
    key = parse_state_key(text, levels)
    if key.project is None:
        key = parse_state_key(text, levels=3)
    if key.project is None:
        return None
    identity = "-".join(map(_short, key.identity))
    return StackLocation(key.environment, "project", key.project, (key.environment,), identity)


def _short(part: str) -> str:
    """A commit in its short form; any other text unchanged."""
    return short_ref(part) if re.fullmatch("[0-9a-f]{40,64}", part) else part
