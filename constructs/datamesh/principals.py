"""Groups, users and service principals that a workspace stack creates."""

from __future__ import annotations

from datamesh.bindings import Construct, cdktf, databricks
from mesh.deployment.workspace_foundation import WorkspaceFoundation
from mesh.model.naming import identifier


class Principals(Construct):
    """The principals that an org creates in a workspace; account principals are referenced by name."""

    def __init__(self, scope: Construct, foundation: WorkspaceFoundation) -> None:
        super().__init__(scope, "Principals")
        self.users: dict[str, databricks.user.User] = {}
        self.resources: list[cdktf.TerraformResource] = []
        for user in foundation.users:
            created = databricks.user.User(
                self, f"User {user.id}", user_name=user.email, display_name=user.display_name
            )
            created.override_logical_id(user.id)
            self.users[user.email] = created
            self.resources.append(created)
        for principal in foundation.service_principals:
            resource = databricks.service_principal.ServicePrincipal(
                self,
                f"ServicePrincipal {principal.id}",
                display_name=principal.display_name,
                application_id=principal.application_id,
            )
            resource.override_logical_id(principal.id)
            self.resources.append(resource)
        for group in foundation.groups:
            group_resource = databricks.group.Group(self, f"Group {group.id}", display_name=group.name)
            group_resource.override_logical_id(group.id)
            self.resources.append(group_resource)
            for email in group.members:
                self._member(group.id, group_resource, email)

    def _member(self, group: str, resource: databricks.group.Group, email: str) -> None:
        name = f"{group}_{identifier(email)}"
        member = databricks.group_member.GroupMember(
            self, f"Member {name}", group_id=resource.id, member_id=self._user_id(email)
        )
        member.override_logical_id(name)

    def _user_id(self, email: str) -> str:
        if created := self.users.get(email):
            return created.id
        looked_up = self.node.try_find_child(f"Known {email}")
        existing = looked_up or databricks.data_databricks_user.DataDatabricksUser(
            self, f"Known {email}", user_name=email
        )
        assert isinstance(existing, databricks.data_databricks_user.DataDatabricksUser)
        existing.override_logical_id(identifier(email))
        return existing.id
