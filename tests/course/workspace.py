"""The workspace of a scripted student."""

from __future__ import annotations

from databricks.sdk import WorkspaceClient

from local.home import running_status
from tests.course.student import Student


def client(student: Student) -> WorkspaceClient:
    """A client of the student's local workspace."""
    status = running_status(student.home)
    return WorkspaceClient(host=status.url, token=status.token, auth_type="pat")


def similar_schema(student: Student) -> str:
    """The name of a schema that a student creates by hand."""
    name = student.email.partition("@")[0].replace(".", "_")
    schemas = client(student).schemas
    if name not in {one.name for one in schemas.list("training")}:
        schemas.create(name, "training")
    return name
