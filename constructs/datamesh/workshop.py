"""A workshop."""

from __future__ import annotations

from datamesh.bindings import Construct
from datamesh.classroom import Classroom
from datamesh.student import Student
from mesh.workshop.workshop import Workshop as Model


class Workshop(Construct):
    """A class: shared resources, and personal resources of each student."""

    def __init__(self, scope: Construct, workshop: Model) -> None:
        """Creates the resources.

        Args:
            scope: the stack.
            workshop: the workshop, with templates escaped.
        """
        super().__init__(scope, "Workshop")
        self.classroom = Classroom(self, workshop)
        for student in workshop.students:
            Student(self, student, self.classroom)
