"""The personal resources of a student."""

from __future__ import annotations

import json

from datamesh.bindings import Construct, databricks
from datamesh.classroom import Classroom
from datamesh.permissions import Permissions
from datamesh.schema import Schema
from mesh.model import schema as schema_model
from mesh.model.grant import Grant
from mesh.model.permission import MANAGER, Permission
from mesh.workshop import cluster_policies, rights
from mesh.workshop.student import Student as Model
from mesh.workshop.workshop import STUDENT_PROPERTY, STUDENT_TAG


class Student(Construct):
    """A member of the class: personal folder, Git folder, schema and policy.

    Terraform names contain the e-mail address. Resources refer only to the classroom and to this student, so
    changes of other students do not affect them.
    """

    def __init__(self, scope: Construct, student: Model, classroom: Classroom) -> None:
        """Creates the resources.

        Args:
            scope: the workshop's construct.
            student: the student, with templates escaped.
            classroom: the shared resources.
        """
        super().__init__(scope, f"Student {student.email}")
        self.student = student
        self.workshop = classroom.workshop
        self.user = self._user()
        if self.workshop.creates_group:
            member = databricks.group_member.GroupMember(
                self, "Member", group_id=classroom.group.id, member_id=self.user.id
            )
            member.override_logical_id(student.id)
        self._folder()
        self._schema(classroom.training)
        self._policy()

    def _user(self) -> databricks.user.User | databricks.data_databricks_user.DataDatabricksUser:
        email = self.student.email
        user: databricks.user.User | databricks.data_databricks_user.DataDatabricksUser
        if self.workshop.users == "existing":
            user = databricks.data_databricks_user.DataDatabricksUser(self, "User", user_name=email)
        else:
            # a user invited for this class is deleted with home and Git folders
            user = databricks.user.User(
                self,
                "User",
                user_name=email,
                display_name=self.student.name,
                force_delete_home_dir=True,
                force_delete_repos=True,
            )
        user.override_logical_id(self.student.id)
        return user

    def _may(self, level: str) -> list[Permission]:
        return [Permission("user_name", self.user.user_name, level)]

    def _folder(self) -> None:
        """Creates the folder and, in it, the Git folder, which inherits its permissions."""
        # the workspace creates the home folder together with the user
        path = f"{self.user.home}/{self.workshop.name}"
        folder = databricks.directory.Directory(self, "Folder", path=path, delete_recursive=True)
        folder.override_logical_id(self.student.id)
        Permissions(folder, f"folder-{self.student.id}", self._may(MANAGER), directory_path=folder.path)
        if repository := self.workshop.git_folders:
            git_folder = databricks.repo.Repo(
                self,
                "GitFolder",
                url=repository.url,
                git_provider=repository.provider,
                path=f"{folder.path}/{repository.name}",
                branch=self.student.branch,
            )
            git_folder.override_logical_id(self.student.id)

    def _schema(self, catalog: str) -> None:
        schema = schema_model.Schema(
            id=self.student.id,
            db=self.student.schema_name,
            name=self.student.schema_name,
            catalog=catalog,
            comment=f"What {self.student.email} tries",
            owner=None,
            storage_root=None,
            properties={**self.workshop.properties, STUDENT_PROPERTY: self.student.email},
            grants=(Grant(self.user.user_name, rights.STUDENT_SCHEMA),),
            protected=False,
        )
        Schema(self, schema)

    def _policy(self) -> None:
        tags = {**self.workshop.tags, STUDENT_TAG: self.student.schema_name}
        policy = databricks.cluster_policy.ClusterPolicy(
            self,
            "Policy",
            name=self.workshop.policy_name(f"jobs-{self.student.schema_name}"),
            definition=json.dumps(
                cluster_policies.job_policy(self.workshop.limits, tags), sort_keys=True, ensure_ascii=False
            ),
        )
        policy.override_logical_id(self.student.id)
        Permissions(policy, f"policy-{self.student.id}", self._may("CAN_USE"), cluster_policy_id=policy.id)
