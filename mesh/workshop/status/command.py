"""Implements `mesh workshop status` and `mesh course check`."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from mesh.errors import MeshError, UsageError
from mesh.git.checkout import read_git
from mesh.workshop.course.databricks import DatabricksSource, connect
from mesh.workshop.course.evidence_reader import EvidenceSource, evidence_request, read_evidence
from mesh.workshop.course.outcome import Outcome
from mesh.workshop.course.progress import Progress, class_progress
from mesh.workshop.course.task import Task
from mesh.workshop.student import Student, assign_branches
from mesh.workshop.workshop import Workshop
from mesh.workshop.workshop_file import FILE, read_workshop


def evidence_source(
    root: Path, *, local: bool, workspace: str | None = None, warehouse: str = ""
) -> DatabricksSource:
    """Connects to the workspace of a class.

    Args:
        root: the mesh's root.
        local: whether to use the local workspace.
        workspace: the workspace's address; None for DATABRICKS_HOST.
        warehouse: the name of the SQL warehouse for queries; by default any running warehouse.

    Raises:
        OutsideError: the local workspace is not running, or the login is not configured.
    """
    if not local:
        return DatabricksSource(connect(**({"host": workspace} if workspace else {})), warehouse)
    from local.home import Home, running_status

    status = running_status(Home(root))
    return DatabricksSource(connect(host=status.url, token=status.token, auth_type="pat"), warehouse)


def uses_local_workspace(root: Path, environ: Mapping[str, str] = os.environ) -> bool:
    """True if the local workspace is running and the environment variables name no other workspace."""
    from local.home import Home, read_status

    other = any(environ.get(name) for name in ("DATABRICKS_HOST", "DATABRICKS_CONFIG_PROFILE"))
    return not other and read_status(Home(root)) is not None


def read_progress(workshop: Workshop, tasks: Sequence[Task], source: EvidenceSource) -> Progress:
    """Reads the current progress of a class.

    Raises:
        OutsideError: the workspace does not answer.
    """
    evidence = read_evidence(source, workshop.students, evidence_request(tasks), datetime.now(UTC))
    return class_progress(workshop.name, workshop.students, tasks, evidence)


def check_task(task: Task, student: Student, source: EvidenceSource) -> Outcome:
    """Checks one task for one student, without reading the work of others.

    Raises:
        OutsideError: the workspace does not answer.
    """
    evidence = read_evidence(source, [student], evidence_request([task]), datetime.now(UTC))
    return task.check(student, evidence)


def find_student(
    root: Path, email: str | None, source: DatabricksSource, environ: Mapping[str, str] = os.environ
) -> Student:
    """Finds a student: by e-mail, else the user of this checkout, else the logged-in user.

    A student's checkout has no roster; name and branch are then derived from the address. If there is a
    roster, its entry is used.

    Raises:
        UsageError: the user has no e-mail address.
    """
    user = email or read_git(root, environ).user or source.user()
    address = user.strip().lower()
    if "@" not in address:
        raise UsageError(f"`{user}` is not a student's e-mail (use --student)")
    on_roster = {student.email: student for student in _roster(root)}
    derived = Student(address, address.partition("@")[0], None, assign_branches([(address, "")])[address])
    return on_roster.get(address, derived)


def _roster(root: Path) -> tuple[Student, ...]:
    if not (root / FILE).exists():
        return ()
    try:
        return read_workshop(root, local=True).students
    except MeshError:
        return ()  # a student cannot correct the admin's roster
