"""The resource type of MLflow experiments."""

from __future__ import annotations

from dataclasses import dataclass

from typing_extensions import override

from local.provider.api import ApiError
from local.provider.resource_type import CallContext, ResourceType
from local.provider.values import ObjectValue

_API = "/api/2.0/mlflow/experiments"
_WORKSPACE = "/Workspace/"


@dataclass(frozen=True, kw_only=True)
class ExperimentResource(ResourceType):
    """An experiment; a deleted experiment that could be restored counts as not existing."""

    @override
    def create(self, context: CallContext, planned: ObjectValue) -> str:
        return str(context.api.post(f"{_API}/create", self.body(context, planned))["experiment_id"])

    @override
    def read(self, context: CallContext, resource_id: str, state: ObjectValue) -> ObjectValue:
        answer = context.api.get(f"{_API}/get", experiment_id=resource_id)["experiment"]
        if answer.get("lifecycle_stage") == "deleted":
            raise ApiError(404, "RESOURCE_DOES_NOT_EXIST", f"experiment {resource_id} is deleted", "")
        # A configured path may begin with /Workspace; the workspace returns it without.
        configured = str(state.get("name") or "")
        if configured.removeprefix(_WORKSPACE) == str(answer["name"]).removeprefix("/"):
            answer = {**answer, "name": configured}
        return self.to_state(context, answer, resource_id)

    @override
    def update(self, context: CallContext, resource_id: str, planned: ObjectValue, prior: ObjectValue) -> str:
        key = {"experiment_id": resource_id}
        description = planned.get("description") or ""
        context.api.post(f"{_API}/update", {**key, "new_name": planned["name"], "description": description})
        new, old = (
            {tag["key"]: tag.get("value") or "" for tag in each.get("tags") or []}
            for each in (planned, prior)
        )
        for name in old.keys() - new.keys():
            context.api.post(f"{_API}/delete-experiment-tag", {**key, "key": name})
        for name, value in new.items():
            if old.get(name) != value:
                context.api.post(f"{_API}/set-experiment-tag", {**key, "key": name, "value": value})
        return resource_id

    @override
    def delete(self, context: CallContext, resource_id: str, state: ObjectValue) -> None:
        context.api.post(f"{_API}/delete", {"experiment_id": resource_id})


RESOURCE_TYPES = (
    ExperimentResource(
        type="databricks_mlflow_experiment",
        forces_new=frozenset({"artifact_location"}),
        keep_when_unset=frozenset({"artifact_location"}),
        # Set by the workspace only, although optional in the schema.
        not_sent=frozenset({"creation_time", "experiment_id", "last_update_time", "lifecycle_stage"}),
    ),
)
