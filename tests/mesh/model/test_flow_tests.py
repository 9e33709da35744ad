"""The tests of flows are not deployed."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.model.code import workspace_code
from mesh.model.flow_tests import is_flow_test

FLOWS = {"p/flows/prep/a", "p/flows/prep/tests", "p/flows/ml/m/tests", "p/flows/ml/m"}


@pytest.mark.parametrize(
    ("path", "is_test"),
    [
        ("p/flows/prep/a/tests/test_x.py", True),
        ("p/flows/prep/a/tests/data/x.csv", True),
        ("p/flows/prep/a/x.py", False),
        ("p/flows/prep/a/sub/tests/x.py", False),
        ("p/flows/prep/tests/x.py", False),
        ("p/flows/prep/tests/tests/x.py", True),
        ("p/flows/ml/m/tests/x.py", False),
        ("p/libs/tests/x.py", False),
    ],
)
def test_a_test_is_in_the_folder_tests_of_a_flow(path: str, is_test: bool) -> None:
    """Which may be a flow itself."""
    assert is_flow_test(path, FLOWS) == is_test


def test_tests_are_not_uploaded(tmp_path: Path) -> None:
    for file in (
        "flows/prep/a/deployment.yml",
        "flows/prep/a/a.py",
        "flows/prep/a/tests/test_a.py",
        "libs/tests/b.py",
    ):
        (tmp_path / "p" / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "p" / file).write_text("")

    code = workspace_code(tmp_path, "p", "/Shared")

    assert [file.path for file in code.files] == ["/Shared/p/flows/prep/a/a.py", "/Shared/p/libs/tests/b.py"]
