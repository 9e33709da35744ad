"""Policy families: Databricks' own sets of rules, on which cluster policies are based.

The rules are a small selection: nothing here is enforced.
"""

import json
from typing import Any

from fastapi import APIRouter

from local.workspace.errors import invalid, not_found
from local.workspace.store import Json

router = APIRouter(prefix="/api/2.0/policy-families")


def _fixed(value: Any) -> Json:
    return {"type": "fixed", "value": value}


_LATEST = {"spark_version": {"type": "unlimited", "defaultValue": "auto:latest-lts"}}
_STOPS = {"autotermination_minutes": {"type": "unlimited", "defaultValue": 4320, "isOptional": True}}

# Id → name, description and rules, as the documentation of Databricks describes them.
_FAMILIES: dict[str, tuple[str, str, Json]] = {
    "personal-vm": (
        "Personal Compute",
        "A small machine for one user.",
        {
            **_LATEST,
            **_STOPS,
            "data_security_mode": _fixed("SINGLE_USER"),
            "num_workers": _fixed(0),
            "spark_conf.spark.databricks.cluster.profile": _fixed("singleNode"),
        },
    ),
    "power-user": (
        "Power User Compute",
        "Several machines for one user.",
        {**_LATEST, **_STOPS, "data_security_mode": _fixed("SINGLE_USER")},
    ),
    "shared-compute": (
        "Shared Compute",
        "Several machines that users share.",
        {**_LATEST, **_STOPS, "data_security_mode": _fixed("USER_ISOLATION")},
    ),
    "job-cluster": (
        "Job Compute",
        "Machines of one run of a job.",
        {**_LATEST, "cluster_type": _fixed("job"), "num_workers": {"type": "unlimited", "defaultValue": 4}},
    ),
}


@router.get("")
async def list_() -> Json:
    """List the policy families."""
    return {"policy_families": [_response(family_id) for family_id in _FAMILIES]}


@router.get("/{family_id}")
async def get(family_id: str) -> Json:
    """Get a policy family."""
    if family_id not in _FAMILIES:
        raise not_found("Policy family", family_id)
    return _response(family_id)


def default_policies() -> dict[str, str]:
    """Return the id of each family and the name of the cluster policy that each workspace has of it."""
    return {family_id: name for family_id, (name, _, _) in _FAMILIES.items()}


def definition_of(family_id: str, overrides: str | None) -> str:
    """Return the rules of a policy that is based on a family, as JSON.

    Args:
        family_id: the family.
        overrides: the policy's own rules, which replace those of the same attributes; JSON.

    Raises:
        DatabricksError: 400, the family does not exist, or the rules are not a JSON object.
    """
    if family_id not in _FAMILIES:
        raise invalid(f"policy family '{family_id}' does not exist (one of {', '.join(_FAMILIES)})")
    try:
        own = json.loads(overrides or "{}")
    except ValueError as error:
        raise invalid(f"policy_family_definition_overrides must be a JSON document: {error}") from error
    if not isinstance(own, dict):
        raise invalid("policy_family_definition_overrides must be a JSON object")
    return json.dumps({**_FAMILIES[family_id][2], **own})


def _response(family_id: str) -> Json:
    name, description, rules = _FAMILIES[family_id]
    return {
        "policy_family_id": family_id,
        "name": name,
        "description": description,
        "definition": json.dumps(rules),
    }
