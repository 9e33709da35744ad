"""Values that look like misspelled known values are reported.

Values that may be newer than the tables are not.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mesh.documents.document import read
from mesh.documents.provider_fields import Field, Shape, check, intended_value, names, shape
from mesh.model.job import job_shape

RUN_IF = (
    "ALL_DONE",
    "ALL_FAILED",
    "ALL_SUCCESS",
    "AT_LEAST_ONE_FAILED",
    "AT_LEAST_ONE_SUCCESS",
    "NONE_FAILED",
)


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("ALL_SUCESS", "ALL_SUCCESS"),
        ("ALL_SUCCES", "ALL_SUCCESS"),
        ("all_done", "ALL_DONE"),
        ("All_Failed", "ALL_FAILED"),
        ("AT_LEAST_ONE_SUCESS", "AT_LEAST_ONE_SUCCESS"),
        ("NONE_FAILD", "NONE_FAILED"),
        ("NONE-FAILED", "NONE_FAILED"),
        ("NONE_FIALED", "NONE_FAILED"),
    ],
)
def test_a_misspelled_value_is_reported(written: str, right: str) -> None:
    assert intended_value(written, RUN_IF, any_case=False) == right


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("AT_LEAST_TWO_FAILED", RUN_IF),
        ("ANY_SUCCESS", RUN_IF),
        ("", RUN_IF),
        ("{{job.parameters.run_if}}", RUN_IF),
        ("SCD_TYPE_3", ("SCD_TYPE_1", "SCD_TYPE_2")),
        ("UNLOCKED", ("LOCKED",)),
        ("DAY", ("DAYS",)),
        ("TUESDAY", ("MONDAY", "THURSDAY")),
        ("STREAMING_BACKLOG_RECORDS", ("STREAMING_BACKLOG_SECONDS",)),
        ("SPOT_AWS", ("SPOT", "SPOT_AZURE")),
    ],
)
def test_a_possibly_new_value_is_not_reported(written: str, known: tuple[str, ...]) -> None:
    assert intended_value(written, known, any_case=False) is None


def test_case_counts_only_where_databricks_compares_it() -> None:
    assert intended_value("github", ["gitHub"], any_case=True) is None
    assert intended_value("github", ["gitHub"], any_case=False) == "gitHub"


def fields(of: Shape) -> Iterator[Field]:
    for field in of.fields.values():
        yield field
        if isinstance(field.type, Shape):
            yield from fields(field.type)


def test_no_known_value_looks_like_a_misspelling_of_another() -> None:
    """So values that Databricks adds later are probably accepted, too."""
    known = {field.values for name in names("resources") for field in fields(shape(name)) if field.values}
    closed = {field.values for field in fields(job_shape()) if field.closed}

    assert len(known) > 20
    wrong = [
        (value, near)
        for values in known - closed
        for value in values
        if (near := intended_value(value, [one for one in values if one != value], any_case=False))
    ]
    assert wrong == []


def test_a_misspelled_value_is_reported_with_its_position(tmp_path: Path) -> None:
    file = tmp_path / "deployment.yml"
    file.write_text("""\
git_source: {git_url: u, git_provider: github}
trigger: {pause_status: paused, periodic: {interval: 1, unit: days}}
health: {rules: [{metric: RUN_DURATION_SECOND, op: GREATER_THEN, value: 1}]}
tasks:
- {task_key: a, run_if: ALL_SUCESS, notebook_task: {notebook_path: a, source: GITT}}
- {task_key: b, run_if: MOST_DONE, new_cluster: {spark_version: x, data_security_mode: USER_ISOLATON}}
""")
    document, _ = read(file, tmp_path)

    told = sorted(f"{one} [{one.code}]" for one in check(document.data, job_shape(), document, ()))

    assert told == [
        "deployment.yml:2:25: `paused` is not a value of `pause_status` (one of 'PAUSED' or 'UNPAUSED') [wrong-value]",
        "deployment.yml:2:63: `unit` is `days`, which is not a value of Databricks (did you mean `DAYS`?) [misspelled-value]",
        "deployment.yml:3:27: `metric` is `RUN_DURATION_SECOND`, which is not a value of Databricks (did you mean `RUN_DURATION_SECONDS`?) [misspelled-value]",
        "deployment.yml:3:52: `op` is `GREATER_THEN`, which is not a value of Databricks (did you mean `GREATER_THAN`?) [misspelled-value]",
        "deployment.yml:5:25: `run_if` is `ALL_SUCESS`, which is not a value of Databricks (did you mean `ALL_SUCCESS`?) [misspelled-value]",
        "deployment.yml:5:79: `GITT` is not a value of `source` (one of 'GIT' or 'WORKSPACE') [wrong-value]",
        "deployment.yml:6:88: `data_security_mode` is `USER_ISOLATON`, which is not a value of Databricks (did you mean `USER_ISOLATION`?) [misspelled-value]",
    ]
