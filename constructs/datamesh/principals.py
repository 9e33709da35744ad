"""Groups, users and service principals that a workspace stack creates."""

from __future__ import annotations

from cdktf import TerraformResource
from cdktf_cdktf_provider_databricks.data_databricks_user import DataDatabricksUser
from cdktf_cdktf_provider_databricks.group import Group as GroupResource
from cdktf_cdktf_provider_databricks.group_member import GroupMember
from cdktf_cdktf_provider_databricks.service_principal import ServicePrincipal as ServicePrincipalResource
from cdktf_cdktf_provider_databricks.user import User as UserResource
from constructs import Construct

from mesh.deployment.workspace_foundation import WorkspaceFoundation
from mesh.model.naming import identifier


class Principals(Construct):
    """The principals that an org creates in a workspace; account principals are referenced by name."""

    def __init__(self, scope: Construct, foundation: WorkspaceFoundation) -> None:
        super().__init__(scope, "Principals")
        self.users: dict[str, UserResource] = {}
        self.resources: list[TerraformResource] = []
        for user in foundation.users:
            created = UserResource(
                self, f"User {user.id}", user_name=user.email, display_name=user.display_name
            )
            created.override_logical_id(user.id)
            self.users[user.email] = created
            self.resources.append(created)
        for principal in foundation.service_principals:
            resource = ServicePrincipalResource(
                self,
                f"ServicePrincipal {principal.id}",
                display_name=principal.display_name,
                application_id=principal.application_id,
            )
            resource.override_logical_id(principal.id)
            self.resources.append(resource)
        for group in foundation.groups:
            group_resource = GroupResource(self, f"Group {group.id}", display_name=group.name)
            group_resource.override_logical_id(group.id)
            self.resources.append(group_resource)
            for email in group.members:
                self._member(group.id, group_resource, email)

    def _member(self, group: str, resource: GroupResource, email: str) -> None:
        name = f"{group}_{identifier(email)}"
        member = GroupMember(self, f"Member {name}", group_id=resource.id, member_id=self._user_id(email))
        member.override_logical_id(name)

    def _user_id(self, email: str) -> str:
        if created := self.users.get(email):
            return created.id
        looked_up = self.node.try_find_child(f"Known {email}")
        existing = looked_up or DataDatabricksUser(self, f"Known {email}", user_name=email)
        assert isinstance(existing, DataDatabricksUser)
        existing.override_logical_id(identifier(email))
        return existing.id
