"""The resource type of MLflow experiments."""

from __future__ import annotations

from dataclasses import dataclass

from typing_extensions import override

from local.provider.behaviour import Behaviour
from local.provider.difference import Difference, Path
from local.provider.resource_type import CallContext, Known, ResourceType
from local.provider.suppression import platform_default
from local.provider.values import ObjectValue

_API = "/api/2.0/mlflow/experiments"
_WORKSPACE = "/Workspace"


def _same_path(path: Path, difference: Difference) -> bool:
    """Suppress the prefix `/Workspace` and a slash at the end."""
    old, new = (
        str(name or "").removeprefix(_WORKSPACE).removesuffix("/")
        for name in (difference.old, difference.new)
    )
    return old == new


@dataclass(frozen=True, kw_only=True)
class ExperimentResource(ResourceType):
    """An experiment; only its name can change."""

    @override
    def create(self, context: CallContext, planned: ObjectValue) -> str:
        body = self.body(context, planned, ("name", "artifact_location", "tags"))
        return str(context.api.post(f"{_API}/create", body)["experiment_id"])

    @override
    def read(self, context: CallContext, resource_id: str, known: Known) -> ObjectValue:
        answer = context.api.get(f"{_API}/get", experiment_id=resource_id)
        return self.written(context, answer["experiment"], known)

    @override
    def update(self, context: CallContext, resource_id: str, planned: ObjectValue, prior: ObjectValue) -> str:
        context.api.post(f"{_API}/update", {"experiment_id": resource_id, "new_name": planned["name"]})
        return resource_id

    @override
    def delete(self, context: CallContext, resource_id: str, state: ObjectValue) -> None:
        context.api.post(f"{_API}/delete", {"experiment_id": resource_id})


RESOURCE_TYPES: tuple[ResourceType, ...] = (
    ExperimentResource(
        type="databricks_mlflow_experiment",
        behaviour=Behaviour(
            forces_new=frozenset({"artifact_location"}),
            computed_blocks=frozenset({"tags"}),
            suppressed={"artifact_location": platform_default("artifact_location"), "name": _same_path},
        ),
        not_read=frozenset({"description"}),
    ),
)
