"""MLflow experiments."""

from __future__ import annotations

from dataclasses import dataclass

from typing_extensions import override

from local.provider.api import ApiError
from local.provider.resource import Resource, Target
from local.provider.values import Object

_API = "/api/2.0/mlflow/experiments"
_WORKSPACE = "/Workspace/"


@dataclass(frozen=True, kw_only=True)
class Experiment(Resource):
    """An experiment; one that was deleted, but could be restored, is gone for Terraform."""

    @override
    def create(self, on: Target, wanted: Object) -> str:
        return str(on.api.post(f"{_API}/create", self.body(on, wanted))["experiment_id"])

    @override
    def read(self, on: Target, identity: str, state: Object) -> Object:
        answer = on.api.get(f"{_API}/get", experiment_id=identity)["experiment"]
        if answer.get("lifecycle_stage") == "deleted":
            raise ApiError(404, "RESOURCE_DOES_NOT_EXIST", f"experiment {identity} is deleted", "")
        # The workspace knows a path without the name of its root, which may be written.
        known = str(state.get("name") or "")
        if known.removeprefix(_WORKSPACE) == str(answer["name"]).removeprefix("/"):
            answer = {**answer, "name": known}
        return self.found(on, answer, identity)

    @override
    def update(self, on: Target, identity: str, wanted: Object, prior: Object) -> str:
        key = {"experiment_id": identity}
        described = wanted.get("description") or ""
        on.api.post(f"{_API}/update", {**key, "new_name": wanted["name"], "description": described})
        new, old = (
            {tag["key"]: tag.get("value") or "" for tag in each.get("tags") or []} for each in (wanted, prior)
        )
        for name in old.keys() - new.keys():
            on.api.post(f"{_API}/delete-experiment-tag", {**key, "key": name})
        for name, value in new.items():
            if old.get(name) != value:
                on.api.post(f"{_API}/set-experiment-tag", {**key, "key": name, "value": value})
        return identity

    @override
    def delete(self, on: Target, identity: str, state: Object) -> None:
        on.api.post(f"{_API}/delete", {"experiment_id": identity})


RESOURCES = (
    Experiment(
        type="databricks_mlflow_experiment",
        forces_new=frozenset({"artifact_location"}),
        kept=frozenset({"artifact_location"}),
        # What only the workspace decides, though the schema lets it be written.
        unsent=frozenset({"creation_time", "experiment_id", "last_update_time", "lifecycle_stage"}),
    ),
)
