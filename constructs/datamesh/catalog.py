"""A Unity Catalog catalog."""

from __future__ import annotations

from datamesh.access_policy import AccessPolicy
from datamesh.bindings import Construct, databricks
from datamesh.grants import Grants
from datamesh.protection import lifecycle
from mesh.deployment import catalog as model


class Catalog(Construct):
    """A catalog, its workspace bindings, its grants and its policies."""

    def __init__(self, scope: Construct, catalog: model.Catalog, keeper: str | None = None) -> None:
        """Creates the catalog.

        Args:
            scope: the construct of its level.
            catalog: the catalog.
            keeper: the principal that may manage it besides its owner.
        """
        super().__init__(scope, catalog.name)
        self.resource = databricks.catalog.Catalog(
            self,
            "Resource",
            name=catalog.name,
            comment=catalog.comment,
            owner=catalog.owner,
            isolation_mode=catalog.isolation_mode,
            storage_root=catalog.storage_root,
            properties=dict(catalog.properties),
            lifecycle=lifecycle(protected=catalog.protected),
        )
        self.resource.override_logical_id(catalog.id)
        for workspace, access in sorted(catalog.workspaces.items()):
            self._bind(catalog.id, workspace, access)
        kept = keeper if catalog.owner else None
        self.grants = Grants(self, catalog.id, catalog.grants, kept, catalog=self.resource.name)
        # the deployer of a catalog that a group owns may manage it by these grants
        manageable = [self.resource, *(self.grants.resources if catalog.owner else ())]
        self.policies = [AccessPolicy(self, policy, manageable) for policy in catalog.policies]

    def _bind(self, catalog: str, workspace: str, access: str) -> None:
        binding = databricks.workspace_binding.WorkspaceBinding(
            self,
            f"Binding {workspace}",
            securable_name=self.resource.name,
            securable_type="catalog",
            workspace_id=int(workspace),
            binding_type=f"BINDING_TYPE_{access}",
        )
        binding.override_logical_id(f"{catalog}_{workspace}")
