"""The effect of the next deployment on a change by hand, and how to keep or to undo the change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from mesh.documents.provider_fields import names, shape
from mesh.review.declarations import Declaration
from mesh.review.plan import ResourceChange
from mesh.review.sentence import Name, Sentence, listed
from mesh.terraform.api_defaults import OBJECT_APIS
from mesh.terraform.workspace import RESOURCE_KINDS

NextDeployment = Literal["reverts", "leaves"]

_DATA_FIELDS = ("comment", "owner", "properties")
# The fields that files of the mesh have, where they do not pass every field of the provider on
_FIELDS_OF_FILES: Mapping[str, Sequence[str]] = {
    "databricks_catalog": (*_DATA_FIELDS, "isolation_mode"),
    "databricks_schema": _DATA_FIELDS,
    "databricks_volume": ("comment", "owner"),
    "databricks_registered_model": ("comment", "owner"),
    "databricks_external_location": ("comment", "owner", "read_only"),
    "databricks_storage_credential": ("comment", "owner", "read_only"),
}
# Settings that stay although a declaration of them was removed: the provider sends no empty comment of these
# types, and leaves a list with one empty address in the e-mails of a job. Tried with provider 1.99.0.
_STAYING: Mapping[str, frozenset[str]] = {
    "databricks_external_location": frozenset({"comment"}),
    "databricks_job": frozenset({"email_notifications"}),
    "databricks_storage_credential": frozenset({"comment"}),
}
_READ: Sentence = ("read from the workspace: ",)


def settings_effect(
    change: ResourceChange, fields: Sequence[str], place: Declaration | None, updated: bool
) -> tuple[NextDeployment, list[Sentence]]:
    """The effect on settings that Terraform's refresh does not compare, and the sentences about it.

    Args:
        change: the change of the settings.
        fields: the settings to describe.
        place: the declaration of the object.
        updated: True if the next deployment updates the object for another reason.
    """
    api, kind = OBJECT_APIS[change.type], RESOURCE_KINDS[change.type].label
    removed = [name for name in fields if change.after.get(name) is None]
    added = [name for name in fields if name not in removed]
    kept = [name for name in added if not api.replaces_all or name in api.kept]
    replaced = [name for name in added if name not in kept]
    sentences: list[Sentence] = []
    for settings, until_update in ((replaced, True), (kept, False)):
        if settings and not (until_update and updated):
            left = _left(kind, until_update)
            sentences.append((*_READ, "Terraform does not compare ", *listed(settings), *left))
            sentences.append(_ways_out(change.type, settings, place, _removable(change.type, settings)))
    if removed and not updated:
        missing = listed(removed)
        sentences.append(
            (*_READ, "Terraform does not notice that ", *missing, *_missing(removed, change.type))
        )
        if place:
            sentences.append(("declared in ", *listed(place.position(name) for name in removed)))
    reverts = updated and not kept
    if updated and (replaced or removed):
        what: Sentence = ("it",) if reverts else listed([*replaced, *removed])
        because = f", because it updates the {kind} anyway"
        sentences.append(("the next deployment reverts ", *what, because))
    return "reverts" if reverts else "leaves", sentences


def _left(kind: str, until_update: bool) -> Sentence:
    if until_update:
        return (f"; the next deployment leaves it, unless it updates the {kind} for another reason",)
    return ("; no deployment removes it",)


def _missing(removed: Sequence[str], type: str) -> Sentence:
    verb, them = ("is", "it") if len(removed) == 1 else ("are", "them")
    # the owner of data is sent alone
    other = "another reason than its owner" if OBJECT_APIS[type].securable else "another reason"
    return (
        f" {verb} missing; the next deployment does not restore {them}, unless it updates the "
        f"{RESOURCE_KINDS[type].label} for {other}; to restore {them}, set {them} in the workspace",
    )


def _ways_out(
    type: str, added: Sequence[str], place: Declaration | None, removable: Sequence[str]
) -> Sentence:
    """How to keep settings, and how to remove them.

    Args:
        type: the type of the object.
        added: the settings.
        place: the declaration of the object.
        removable: the settings that the provider removes where they were declared before.
    """
    declarable = [name for name in added if _is_declarable(type, name)]
    keep: Sentence = ()
    if declarable:
        fields = listed(_in_files(type, name) for name in declarable)
        keep = ("to keep it, declare ", *fields, *_at(place), "; ")
    undo = "to undo it, reset it in the workspace"
    if not declarable:
        return (*keep, f"the mesh has no field for it; {undo}")
    if not removable:
        return (*keep, undo)
    them: Sentence = (
        ("it",) if removable == declarable else listed(_in_files(type, name) for name in removable)
    )
    again = ", deploy, remove the declaration and deploy again: two deployments"
    return (*keep, undo, ", or declare ", *them, again)


def _is_declarable(type: str, name: str) -> bool:
    known = _FIELDS_OF_FILES.get(type)
    return known is None or name in known


def _removable(type: str, added: Sequence[str]) -> list[str]:
    """The settings that two deployments remove: one that declares them, and one that no longer does."""
    api, staying = OBJECT_APIS[type], _STAYING.get(type, frozenset())
    replaced = [name for name in added if name not in api.kept] if api.replaces_all else []
    comments = [name for name in added if name == "comment" and not api.replaces_all]
    return [name for name in (*replaced, *comments) if name not in staying and _is_declarable(type, name)]


def _in_files(type: str, name: str) -> str:
    """The name of a Terraform attribute in files of the mesh."""
    resource = type.removeprefix("databricks_")
    fields = shape(resource).fields if resource in names("resources") else {}
    return next((one.name for one in fields.values() if one.terraform == name), name)


def _at(place: Declaration | None) -> Sentence:
    return (" in ", Name.of(place.position())) if place else ()


def access_effect(kind: str, gained: Sequence[str], place: Declaration | None) -> list[Sentence]:
    """The sentences about access on an object for which the state holds no access.

    Args:
        kind: `grants`, `permissions` or `members`.
        gained: the privileges or permission levels.
        place: the declaration of the object.
    """
    it = "it" if len(gained) == 1 else "them"
    if kind == "members":
        why = "Terraform compares only the members that the mesh declares"
    else:
        why = f"Terraform does not compare {kind}, because the mesh declares none on it"
    until = "" if kind == "members" else f" until the mesh declares {kind} on it"
    return [
        (*_READ, f"{why}; no deployment revokes {it}{until}"),
        (f"to keep {it}, declare {kind}", *_at(place), f"; to undo it, revoke {it} in the workspace"),
    ]


def ignored_effect() -> list[Sentence]:
    """The sentence about a change that Terraform's refresh reports and no plan reverts."""
    return [("no deployment reverts it; to undo it, reset it in the workspace",)]
