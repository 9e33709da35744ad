"""What the tests of flows know of the mesh survives its way to their process."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.flow_tests.specification import FlowSpecification, Specification, TaskSpecification, read, write

FLOW = FlowSpecification(
    "acme/a/b/prep/c",
    "orgs/acme/c",
    {"x": "1"},
    [TaskSpecification("t", "spark_python_task", "orgs/acme/c/t.py", ["--x", "ø"])],
)


def test_a_specification_is_read_as_it_was_written(tmp_path: Path) -> None:
    specification = Specification(tmp_path, [FLOW])
    write(specification, tmp_path / "s.json")

    assert read(tmp_path / "s.json") == specification


def test_a_test_belongs_to_the_flow_around_its_folder(tmp_path: Path) -> None:
    specification = Specification(tmp_path, [FLOW])

    assert specification.flow_of(tmp_path / "orgs/acme/c/tests/deep/test_a.py") == FLOW
    with pytest.raises(LookupError, match="is not in the folder tests/ of a flow"):
        specification.flow_of(tmp_path / "orgs/acme/c/test_a.py")
