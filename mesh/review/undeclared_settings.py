"""Settings in the workspace that the mesh does not declare, as changes of resources.

The provider does not read a setting that the code does not set, and keeps the state's value of a setting that
somebody removed by hand. So neither a refresh nor a plan shows these changes; the workspace itself does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mesh.documents.provider_fields import names, shape, terraform_arguments
from mesh.review.plan import ResourceChange, resource_change
from mesh.terraform.api_defaults import CREATOR, OBJECT_APIS, WORKSPACE
from mesh.terraform.live_objects import LiveObject
from mesh.terraform.workspace import RESOURCE_KINDS

_MLFLOW = "mlflow."  # Databricks and MLflow add tags with this prefix


@dataclass(frozen=True)
class DeclaredObject:
    """A resource as the code declares it and as the last deployment left it.

    Args:
        declared: the attributes that the code sets.
        held: its attributes in the state.
        refreshed: the attributes that Terraform's refresh reports as changed.
    """

    declared: frozenset[str]
    held: Mapping[str, Any]
    refreshed: frozenset[str] = frozenset()


def undeclared_settings(live: LiveObject, known: DeclaredObject) -> ResourceChange | None:
    """The settings of an object that differ from the declaration; None if all settings are equal.

    Args:
        live: the object as the workspace returns it.
        known: its declaration.
    """
    api = OBJECT_APIS[live.type]
    if not live.settings or not api.fields:
        return None
    settings = _in_terraform(live, known.held)
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for name, defaults in api.fields.items():
        declared = name in known.declared
        if name in known.refreshed or _is_chosen_by_workspace(name, declared, live, known.held):
            continue
        was = known.held.get(name)
        if CREATOR in defaults and not declared:
            was = _block(live.creator, name)
        for old, new in _difference(declared, was, settings.get(name), defaults):
            before[name], after[name] = old, new
    if not after:
        return None
    identity = _identity(live, known.held)
    change = {"actions": ["update"], "before": {**identity, **before}, "after": {**identity, **after}}
    return resource_change({"address": live.address, "type": live.type, "change": change})


def _is_chosen_by_workspace(name: str, declared: bool, live: LiveObject, held: Mapping[str, Any]) -> bool:
    """True if the workspace chooses the value of a setting that is not declared."""
    if declared:
        return False
    defaults = OBJECT_APIS[live.type].fields[name]
    if (CREATOR in defaults and not live.creator) or (WORKSPACE in defaults and held.get(name) is None):
        return True
    # Pipelines API: serverless compute always uses Photon
    return live.type == "databricks_pipeline" and name == "photon" and bool(live.settings.get("serverless"))


def _difference(declared: bool, was: Any, now: Any, defaults: tuple[Any, ...]) -> Iterator[tuple[Any, Any]]:
    """The deployed and the existing value of a setting, where Terraform's refresh misses the difference.

    The provider treats a declared 0, false or empty value as not set.
    """
    usual = [_substance(one) for one in defaults if one not in (CREATOR, WORKSPACE)]
    old, new = _substance(was), _substance(now)
    if new is None:
        # the provider keeps the state's value of a setting that the API no longer returns
        if declared and old is not None and old not in usual:
            yield was, None
        return
    expected = usual if usual and not declared else [*usual, old]
    if new in expected or (declared and old is not None):
        return
    usual_value = next((one for one in defaults if one not in (CREATOR, WORKSPACE)), None)
    before = was if declared or old not in (None, new) else usual_value
    yield before, [now] if isinstance(before, list) and isinstance(now, Mapping) else now


def _substance(value: Any) -> Any:
    """A value without its unset parts; None if nothing is left. A list of one block equals the block."""
    if isinstance(value, Mapping):
        parts = {key: kept for key, inner in value.items() if (kept := _substance(inner)) is not None}
        return parts or None
    if isinstance(value, list | tuple):
        items = [kept for inner in value if (kept := _substance(inner)) is not None]
        return items[0] if len(items) == 1 and isinstance(items[0], Mapping) else items or None
    return value if value not in (None, "", False, 0) else None


def _block(principal: str, name: str) -> Any:
    """The value of a setting whose default is the creator."""
    return [{"user_name": principal}] if name == "run_as" else principal


def _in_terraform(live: LiveObject, held: Mapping[str, Any]) -> dict[str, Any]:
    """The settings in Terraform's spelling, without those that the workspace sets by itself."""
    resource = live.type.removeprefix("databricks_")
    known = shape(resource) if resource in names("resources") else None
    settings = terraform_arguments(live.settings, known) if known else dict(live.settings)
    if live.runs_as:
        settings["run_as"] = _block(live.runs_as, "run_as")
    if live.type == "databricks_mlflow_experiment":
        # the description is such a tag, too
        deployed = {one.get("key") for one in held.get("tags") or ()}
        settings["tags"] = [
            one
            for one in settings.get("tags") or ()
            if one.get("key") in deployed or not str(one.get("key")).startswith(_MLFLOW)
        ]
    for rule in live.preset:
        field, _, key = rule.partition(".")
        value = settings.get(field)
        if isinstance(value, Mapping) and key:
            settings[field] = {name: one for name, one in value.items() if name != key}
        elif not key:
            settings.pop(field, None)
    return settings


def _identity(live: LiveObject, held: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes that name the object in sentences."""
    kind = RESOURCE_KINDS.get(live.type)
    fields = ("id", *(kind.name if kind else ("name",)))
    return {name: held[name] for name in fields if name in held}
