"""Files that are views and functions, and no code that tasks run."""

from __future__ import annotations

import pytest

from mesh.model.sql_folder import is_object_file

FLOWS = {"p/flows/prep/trips", "p/flows/prep/views"}


@pytest.mark.parametrize(
    ("path", "is_object"),
    [
        ("p/flows/prep/trips/views/dear.sql", True),
        ("p/flows/prep/trips/functions/hidden.sql", True),
        ("p/flows/prep/trips/views/notes.md", False),
        ("p/flows/prep/trips/views/more/dear.sql", False),
        ("p/flows/prep/trips/dear.sql", False),
        ("p/flows/prep/views/dear.sql", False),  # the flow's own code
        ("p/flows/prep/other/views/dear.sql", False),
        ("views/dear.sql", False),
    ],
)
def test_sql_files_in_the_folders_of_a_flow_are_its_objects(path: str, is_object: bool) -> None:
    assert is_object_file(path, FLOWS) == is_object
