"""Groups, users and service principals that a workspace stack creates."""

from __future__ import annotations

from constructs import Construct

from datamesh.bindings import cdktf, databricks
from mesh.deployment.workspace_foundation import WorkspaceFoundation
from mesh.model.naming import identifier


class Principals(Construct):
    """The principals that an org creates in a workspace; account principals are referenced by name."""

    def __init__(self, scope: Construct, foundation: WorkspaceFoundation) -> None:
        super().__init__(scope, "Principals")
        self.users: dict[str, databricks.user.User] = {}
        self.resources: list[cdktf.TerraformResource] = []
        for user in foundation.users:
            made = databricks.user.User(
                self, f"User {user.id}", user_name=user.email, display_name=user.display_name
            )
            made.override_logical_id(user.id)
            self.users[user.email] = made
            self.resources.append(made)
        for one in foundation.service_principals:
            principal = databricks.service_principal.ServicePrincipal(
                self,
                f"ServicePrincipal {one.id}",
                display_name=one.display_name,
                application_id=one.application_id,
            )
            principal.override_logical_id(one.id)
            self.resources.append(principal)
        for group in foundation.groups:
            resource = databricks.group.Group(self, f"Group {group.id}", display_name=group.name)
            resource.override_logical_id(group.id)
            self.resources.append(resource)
            for email in group.members:
                self._member(group.id, resource, email)

    def _member(self, group: str, resource: databricks.group.Group, email: str) -> None:
        name = f"{group}_{identifier(email)}"
        member = databricks.group_member.GroupMember(
            self, f"Member {name}", group_id=resource.id, member_id=self._user_id(email)
        )
        member.override_logical_id(name)

    def _user_id(self, email: str) -> str:
        if made := self.users.get(email):
            return made.id
        found = self.node.try_find_child(f"Known {email}")
        known = found or databricks.data_databricks_user.DataDatabricksUser(
            self, f"Known {email}", user_name=email
        )
        assert isinstance(known, databricks.data_databricks_user.DataDatabricksUser)
        known.override_logical_id(identifier(email))
        return known.id
