"""What `mesh workshop status` and `mesh course check` do."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from mesh.errors import MeshError, UsageError
from mesh.git.checkout import read_git
from mesh.workshop.course.databricks import DatabricksSource, connect
from mesh.workshop.course.evidence_reader import Source, read, wanted
from mesh.workshop.course.outcome import Outcome
from mesh.workshop.course.progress import Progress, progress
from mesh.workshop.course.task import Task
from mesh.workshop.student import Student, branches
from mesh.workshop.workshop import Workshop
from mesh.workshop.workshop_file import FILE, read_workshop


def source(root: Path, *, local: bool, workspace: str | None = None, warehouse: str = "") -> DatabricksSource:
    """The workspace that a class is in.

    Args:
        root: the mesh's root.
        local: whether it is the one on this machine.
        workspace: its address; None leaves it to DATABRICKS_HOST.
        warehouse: the SQL warehouse to ask; by default one that runs.

    Raises:
        OutsideError: it is not up, or nothing says how to log in.
    """
    if not local:
        return DatabricksSource(connect(**({"host": workspace} if workspace else {})), warehouse)
    from local.home import Home, running

    status = running(Home(root))
    return DatabricksSource(connect(host=status.url, token=status.token, auth_type="pat"), warehouse)


def on_this_machine(root: Path, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether a student works in the workspace on this machine: it is up, and no other one is named."""
    from local.home import Home, read_status

    named = any(environ.get(one) for one in ("DATABRICKS_HOST", "DATABRICKS_CONFIG_PROFILE"))
    return not named and read_status(Home(root)) is not None


def look(workshop: Workshop, tasks: Sequence[Task], source: Source) -> Progress:
    """How far a class is now.

    Raises:
        OutsideError: the workspace does not answer.
    """
    evidence = read(source, workshop.students, wanted(tasks), datetime.now(UTC))
    return progress(workshop.name, workshop.students, tasks, evidence)


def check(task: Task, student: Student, source: Source) -> Outcome:
    """How far one student is with one task, without a look at anybody else's.

    Raises:
        OutsideError: the workspace does not answer.
    """
    return task.check(student, read(source, [student], wanted([task]), datetime.now(UTC)))


def whose(
    root: Path, email: str | None, source: DatabricksSource, environ: Mapping[str, str] = os.environ
) -> Student:
    """The student that is meant: who is named, else who works in this checkout, else who is logged in.

    A student has no roster: name and branch follow from the address alone. Where there is one, it says.

    Raises:
        UsageError: that is no student.
    """
    known = email or read_git(root, environ).user or source.user()
    address = known.strip().lower()
    if "@" not in address:
        raise UsageError(f"`{known}` is no student's e-mail (say it with --student)")
    listed = {one.email: one for one in _listed(root)}
    by_rule = Student(address, address.partition("@")[0], None, branches([(address, "")])[address])
    return listed.get(address, by_rule)


def _listed(root: Path) -> tuple[Student, ...]:
    if not (root / FILE).exists():
        return ()
    try:
        return read_workshop(root, local=True).students
    except MeshError:
        return ()  # the roster is the admin's to mend
