"""Reads the objects of a state from the workspace: settings, grants, permissions and members.

Terraform's refresh compares only what the state holds: the provider does not store settings that the code
does not set. Source: Databricks Terraform provider 1.99.0, observed with changed jobs, pipelines and schemas.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from mesh.errors import OutsideError
from mesh.terraform.api_defaults import OBJECT_APIS, ObjectApi
from mesh.terraform.workspace import SECURABLES

Answer = Mapping[str, Any]
Ask = Callable[[str, Mapping[str, str]], "Answer | None"]
Held = Mapping[str, Mapping[str, Any]]  # attributes by address

_WORKERS = 8
_SECONDS = 120.0  # for all reads of a stack
_CREATORS = ("created_by", "creator_user_name", "creator_name")
_PRINCIPALS = ("user_name", "group_name", "service_principal_name")


@dataclass(frozen=True)
class LiveObject:
    """An object of a state as the workspace returns it.

    Args:
        address: its Terraform address.
        settings: its settings in the API's spelling; empty if they were not read.
        creator: its creator; "" if unknown.
        runs_as: the principal that it runs as; "" if the API does not return it.
        grants: the privileges of each principal.
        permissions: the permission levels of each principal that are not inherited.
        members: the names of a group's members, by id.
        preset: the settings that its cluster policy sets, as attributes of the policy.
    """

    address: str
    settings: Answer = field(default_factory=dict)
    creator: str = ""
    runs_as: str = ""
    grants: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    permissions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    members: Mapping[str, str] = field(default_factory=dict)
    preset: frozenset[str] = frozenset()

    @property
    def type(self) -> str:
        """The Terraform type."""
        return self.address.partition(".")[0]


@dataclass(frozen=True)
class LiveObjects:
    """The objects of a state as the workspace returns them.

    Args:
        objects: the objects that exist.
        notes: the reads that failed, with the reason.
    """

    objects: tuple[LiveObject, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Read:
    """One request.

    Args:
        address: the address of the object.
        about: what is read: `settings`, `grants`, `permissions` or `policy`.
        path: the path of the request.
        query: its query parameters.
    """

    address: str
    about: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)


def read_live_objects(held: Held, ask: Ask, seconds: float = _SECONDS) -> LiveObjects:
    """Reads the objects of a state, several at once; a read that fails does not stop the others.

    Args:
        held: the attributes of the state's resources, by address.
        ask: sends a GET request with a path and query parameters; None if the object does not exist.
        seconds: the time limit for all reads.
    """
    reads = [one for address, attributes in held.items() for one in _reads(address, attributes, held)]
    pool = ThreadPoolExecutor(_WORKERS)
    try:
        futures = [(one, pool.submit(ask, one.path, one.query)) for one in reads]
        wait([future for _, future in futures], timeout=seconds)
        return _collected(futures, seconds)
    finally:
        # a thread that still waits ends with the time limit of its request
        pool.shutdown(wait=False, cancel_futures=True)


def _reads(address: str, attributes: Answer, held: Held) -> Iterator[_Read]:
    """The requests for one resource, without grants and permissions that Terraform manages completely."""
    api = OBJECT_APIS.get(address.partition(".")[0])
    id = str(attributes.get("id") or "")
    if api is None or not id:
        return
    if api.path:
        query = {api.query: id} if api.query else {}
        yield _Read(address, "settings", api.path.replace("{id}", quote(id, safe="")), query)
    if policy := attributes.get("policy_id") if address.startswith("databricks_cluster.") else None:
        yield _Read(address, "policy", "/api/2.0/policies/clusters/get", {"policy_id": str(policy)})
    if api.securable and not _has_grants(api.securable, id, held):
        kind = SECURABLES.get(api.securable, api.securable)
        path = f"/api/2.1/unity-catalog/permissions/{kind}/{quote(id, safe='')}"
        yield _Read(address, "grants", path)
    if api.permissions and not _has_permissions(address, api, attributes, held):
        id = str(attributes.get(api.permissions_id) or id)
        yield _Read(address, "permissions", f"/api/2.0/permissions/{api.permissions}/{quote(id, safe='')}")


def _has_grants(kind: str, name: str, held: Held) -> bool:
    """True if the state has the authoritative grants on a securable."""
    return any(
        address.startswith("databricks_grants.")
        and (str(one.get(kind) or "").lower() == name.lower() or one.get("id") == f"{kind}/{name}")
        for address, one in held.items()
    )


def _has_permissions(address: str, api: ObjectApi, attributes: Answer, held: Held) -> bool:
    """True if the state has the authoritative permissions of an object."""
    ids = {f"/{api.permissions}/{attributes.get(name)}" for name in ("id", api.permissions_id)}
    paths = {attributes.get("path")} - {None}
    return any(
        other.startswith("databricks_permissions.")
        and (one.get("id") in ids or one.get("directory_path") in paths)
        for other, one in held.items()
    )


def _collected(futures: Sequence[tuple[_Read, Future[Answer | None]]], seconds: float) -> LiveObjects:
    parts: dict[str, dict[str, Any]] = {}
    notes: list[str] = []
    for read, future in futures:
        if not future.done():
            notes.append(f"{read.about} of {read.address}: no answer in {seconds:g} seconds")
            continue
        try:
            answer = future.result()
        except OutsideError as error:
            notes.append(f"{read.about} of {read.address}: {str(error).splitlines()[0]}")
            continue
        if answer is not None:
            parts.setdefault(read.address, {}).update(_PARTS[read.about](read.address, answer))
    return LiveObjects(tuple(LiveObject(address, **part) for address, part in parts.items()), tuple(notes))


def _settings(address: str, answer: Answer) -> dict[str, Any]:
    type = address.partition(".")[0]
    section = OBJECT_APIS[type].section
    settings = answer.get(section) if section else answer
    settings = settings if isinstance(settings, Mapping) else {}
    creators = (str(one[name]) for one in (answer, settings) for name in _CREATORS if one.get(name))
    members = answer.get("members") if type == "databricks_group" else None
    return {
        "settings": settings,
        "creator": next(creators, ""),
        "runs_as": _runs_as(settings) or str(answer.get("run_as_user_name") or ""),
        "members": {
            str(one.get("value")): str(one.get("display") or one.get("value")) for one in members or ()
        },
    }


def _runs_as(settings: Answer) -> str:
    block = settings.get("run_as")
    values = block if isinstance(block, Mapping) else {}
    return next((str(values[name]) for name in _PRINCIPALS if values.get(name)), "")


def _grants(_: str, answer: Answer) -> dict[str, Any]:
    assignments = answer.get("privilege_assignments") or ()
    return {
        "grants": {
            str(one.get("principal")): tuple(sorted(map(str, one.get("privileges") or ())))
            for one in assignments
        }
    }


def _permissions(_: str, answer: Answer) -> dict[str, Any]:
    levels: dict[str, tuple[str, ...]] = {}
    for one in answer.get("access_control_list") or ():
        principal = next((str(one[name]) for name in _PRINCIPALS if one.get(name)), "")
        direct = [
            str(each.get("permission_level"))
            for each in one.get("all_permissions") or ()
            if not each.get("inherited")
        ]
        if principal and direct:
            levels[principal] = tuple(sorted(direct))
    return {"permissions": levels}


def _policy(_: str, answer: Answer) -> dict[str, Any]:
    try:
        rules = json.loads(answer.get("definition") or "{}")
    except (TypeError, ValueError, RecursionError):
        rules = {}
    return {"preset": frozenset(rules if isinstance(rules, dict) else ())}


_PARTS: Mapping[str, Callable[[str, Answer], dict[str, Any]]] = {
    "settings": _settings,
    "grants": _grants,
    "permissions": _permissions,
    "policy": _policy,
}
