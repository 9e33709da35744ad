"""A Databricks workspace, as far as a deployment has to look into it beforehand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mesh.errors import OutsideError
from mesh.schema import DEPLOYMENT_PROPERTY
from mesh.unclaimed import Found


class DatabricksWorkspace:
    """The workspace that the environment variables name; see the documentation of the Databricks SDK.

    Raises:
        OutsideError: on use, when it cannot be reached or does not let the caller in.
    """

    def __init__(self, **config: Any) -> None:
        """Connect at first use.

        Args:
            config: what would otherwise come from the environment variables, such as `host`.
        """
        from databricks.sdk import WorkspaceClient
        from databricks.sdk.errors import NotFound
        from databricks.sdk.errors.base import DatabricksError

        self._not_found = NotFound
        self._errors = (DatabricksError, ValueError, OSError)
        self._client = self._answer(lambda: WorkspaceClient(**config))

    def catalogs(self, name: str) -> list[Found]:
        """The catalog of this name."""
        return self._named(lambda: self._client.catalogs.get(name), "name")

    def schemas(self, full_name: str) -> list[Found]:
        """The schema of this name."""
        return self._named(lambda: self._client.schemas.get(full_name), "full_name")

    def volumes(self, full_name: str) -> list[Found]:
        """The volume of this name."""
        return self._named(lambda: self._client.volumes.read(full_name), "full_name")

    def jobs(self, name: str) -> list[Found]:
        """All jobs of this name."""
        return [
            Found(str(job.job_id)) for job in self._answer(lambda: list(self._client.jobs.list(name=name)))
        ]

    def cluster_policies(self, name: str) -> list[Found]:
        """The cluster policy of this name."""
        policies = self._answer(lambda: list(self._client.cluster_policies.list()))
        return [Found(str(policy.policy_id)) for policy in policies if policy.name == name]

    def _named(self, look_up: Callable[[], Any], identifier: str) -> list[Found]:
        thing = self._answer(look_up)
        if thing is None:
            return []
        properties = getattr(thing, "properties", None) or {}
        return [Found(getattr(thing, identifier), properties.get(DEPLOYMENT_PROPERTY))]

    def _answer(self, ask: Callable[[], Any]) -> Any:
        try:
            return ask()
        except self._not_found:
            return None
        except self._errors as error:
            first_line = str(error).strip().split("\n")[0]
            raise OutsideError(
                f"the workspace does not answer: {first_line} (check DATABRICKS_HOST and your login)"
            ) from error
