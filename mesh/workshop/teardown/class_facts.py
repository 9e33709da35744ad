"""The facts about a class that decide who owns an object: students, catalogs, policies and schemas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from mesh.model.schema import WORKSHOP_PROPERTY
from mesh.terraform.state import State
from mesh.workshop.teardown.removals import TeardownWorkshop, WorkspaceContents
from mesh.workshop.teardown.workspace_object import WorkspaceObject
from mesh.workshop.workshop import STUDENT_PROPERTY

# Databricks documentation, "Manage groups": the groups that each workspace has
_SYSTEM_GROUPS = frozenset({"admins", "users", "account users"})


@dataclass(frozen=True)
class ClassFacts:
    """The facts about a class, from its roster, its state and its workspace.

    Args:
        workshop: the workshop.
        state: the workshop's own state.
        contents: the contents of the workspace.
    """

    workshop: TeardownWorkshop
    state: State
    contents: WorkspaceContents

    @cached_property
    def students(self) -> frozenset[str]:
        """E-mails of the students on the roster, and of the users in the workshop's state or group."""
        on_roster = {student.email.lower() for student in self.workshop.students}
        in_group = {user for user, groups in self.contents.groups.items() if self._class_groups & groups}
        return frozenset((on_roster | self.invited | in_group - {self.caller}) - {""})

    @cached_property
    def invited(self) -> frozenset[str]:
        """Users and service principals who are in the workspace only because of this workshop."""
        users = (
            str(user.get("user_name")).lower() for user in self.state.of_type("databricks_user").values()
        )
        principals = self.state.of_type("databricks_service_principal").values()
        return frozenset(
            [
                *(user for user in users if not self.other_groups(user)),
                *(str(principal.get("application_id")).lower() for principal in principals),
            ]
        )

    @cached_property
    def deployers(self) -> frozenset[str]:
        """The students and the service principal: they deploy shared objects."""
        principal = self.workshop.service_principal
        return self.students | {principal.application_id.lower() if principal else ""} - {""}

    @cached_property
    def branches(self) -> Mapping[str, str]:
        """The git branch of each student on the roster, by e-mail."""
        return {student.email.lower(): student.branch for student in self.workshop.students}

    @property
    def caller(self) -> str:
        """The logged-in user, in lower case."""
        return self.contents.caller.lower()

    @cached_property
    def catalogs(self) -> frozenset[str]:
        """The catalogs that this workshop created."""
        in_state = {str(one.get("name")) for one in self.state.of_type("databricks_catalog").values()}
        labelled = (
            catalog
            for catalog in self.all_catalogs
            if catalog.tags.get(WORKSHOP_PROPERTY) == self.workshop.name
        )
        # any user may set this property on a catalog
        return frozenset(
            in_state.union(catalog.name for catalog in labelled if self.owner(catalog) == self.caller)
        )

    @cached_property
    def all_catalogs(self) -> list[WorkspaceObject]:
        """All catalogs of the workspace."""
        return [each for each in self.contents.objects if each.type == "databricks_catalog"]

    @cached_property
    def policies(self) -> frozenset[str]:
        """The ids of the cluster policies that this workshop created."""
        return frozenset(
            str(policy.get("id")) for policy in self.state.of_type("databricks_cluster_policy").values()
        )

    @cached_property
    def schemas(self) -> Mapping[str, WorkspaceObject]:
        """All schemas of the workspace, by full name in lower case."""
        return {each.name.lower(): each for each in self.contents.objects if each.type == "databricks_schema"}

    def other_groups(self, user: str) -> frozenset[str]:
        """The groups of a user, without this workshop's groups and the system's groups."""
        return self.contents.groups.get(user, frozenset()) - self._class_groups - _SYSTEM_GROUPS

    def owner(self, target: WorkspaceObject) -> str | None:
        """The owner of an object, in lower case; its creator if the owner is a group."""
        user = target.owner if target.owner and target.owner not in self._groups else None
        return (user or target.creator or "").lower() or None

    def other_workshops(self, user: str | None) -> list[str]:
        """Other workshops that have a schema for this user, in a catalog that this workshop uses too."""
        used = self.catalogs.union(self.workshop.existing_catalogs)
        return sorted(
            {
                name
                for schema in self.schemas.values()
                if (name := schema.tags.get(WORKSHOP_PROPERTY)) and name != self.workshop.name
                if schema.catalog in used
                and user in (schema.tags.get(STUDENT_PROPERTY, "").lower(), self.owner(schema))
            }
        )

    @cached_property
    def _class_groups(self) -> frozenset[str]:
        return frozenset(
            str(group.get("display_name")) for group in self.state.of_type("databricks_group").values()
        )

    @cached_property
    def _groups(self) -> frozenset[str]:
        return frozenset(group for groups in self.contents.groups.values() for group in groups)
