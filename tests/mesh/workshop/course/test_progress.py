"""The display names of students."""

from __future__ import annotations

from tests.support.class_progress import class_of, student

import csv as csv_module
import io
import json
import re
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path

import pytest
from rich.console import Console

from mesh.errors import OutsideError
from mesh.workshop.course.evidence import Evidence
from mesh.workshop.course.outcome import DONE, Outcome, not_yet, wrong
from mesh.workshop.course.progress import Progress, class_progress, display_names
from mesh.workshop.course.task import Task
from mesh.workshop.status.as_json import json_text
from mesh.workshop.status.csv import csv_text
from mesh.workshop.status.files import StatusFiles
from mesh.workshop.status.html import progress_page
from mesh.workshop.status.table import progress_table
from mesh.workshop.status.watch import watch
from mesh.workshop.student import Student
from tests.support.classroom import ADA, BO, NOW















@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (["Ada Lovelace", "Bo King"], ["Ada L.", "Bo K."]),
        (["Ada Lovelace", "Ada Lind"], ["Ada Lo.", "Ada Li."]),
        (["Ada Lovelace", "Ada Lovelace", "Ada King"], ["Ada Lovelace 1", "Ada Lovelace 2", "Ada K."]),
        (["Ada", "Ada"], ["Ada 1", "Ada 2"]),
        (["Ada Augusta King"], ["Ada K."]),
        (["ada.lovelace@acme.example"], ["feat-gh1000-oslo"]),
        (["Ada ada@acme.example"], ["feat-gh1000-oslo"]),
        (["x" * 60_000 + " y"], ["x" * 24 + " y"]),
        (["Ada " + "y" * 60_000] * 2, ["Ada " + "y" * 24 + ". 1", "Ada " + "y" * 24 + ". 2"]),
        (["Li Wu", "Li W"], ["Li W.", "Li W"]),
    ],
)
def test_display_names_are_unique(
    names: Sequence[str], shown: Sequence[str]
) -> None:
    people = [student(name, number) for number, name in enumerate(names)]

    assert list(display_names(people).values()) == list(shown)




























