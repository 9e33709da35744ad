"""Typical mistakes with pipelines, contracts and quality rules, for the scripted student."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from databricks.sdk.service.pipelines import RunAs

from tests.course.pages import Block, page
from tests.course.student import Student
from tests.course.workspace import client, similar_schema

_TRIPS = Path("course/03-Deploy-Pipelines/08-pipeline-by-hand/trips.py")
_BY_HAND = _TRIPS.with_name("by_hand.py")
_QUALITY = Path("orgs/acme/domains/transport/projects/taxinyc/flows/prep/revenue/quality.yml")
_PIPELINE = "transport_taxinyc_prod_dlt"


def pipeline_into_a_schema_typed_by_hand(student: Student) -> None:
    """Task 8 into a schema with a similar name."""
    student.type(f"mesh local notebook {_BY_HAND} --param schema={similar_schema(student)}")


def refunds_dropped(student: Student) -> None:
    """Task 9 with refunds dropped instead of counted."""
    student.task("09-expectations", lambda block: block.language == "diff")
    file = student.clone / _TRIPS
    file.write_text(file.read_text().replace('expect("was not', 'expect_or_drop("was not'))
    student.type(f"mesh local notebook {_BY_HAND} --param schema={student.user}")


def only_the_change_deployed(student: Student) -> None:
    """Task 10 without the first deployment."""
    blocks = page("10-deploy-pipeline").steps()
    first = next(block for block in blocks if "mesh deploy" in block.text)
    student.task("10-deploy-pipeline", lambda block: block != first and _prints_nothing(block))


def pipeline_runs_as_student(student: Student) -> None:
    """Task 11 with a pipeline that the student changed by hand to run as the student."""
    student.task("11-pipeline-to-prod", _prints_nothing)
    pipelines = client(student).pipelines
    [found] = [one for one in pipelines.list_pipelines() if one.name == _PIPELINE]
    spec = pipelines.get(found.pipeline_id or "").spec
    assert spec is not None
    settings = {name: getattr(spec, name) for name in ("name", "catalog", "schema", "libraries", "tags")}
    settings |= {"configuration": spec.configuration, "run_as": RunAs(user_name=student.email)}
    pipelines.update(found.pipeline_id or "", **settings)


def contract_not_corrected(student: Student) -> None:
    """Task 12 up to the run that fails."""
    student.task("12-contract", lambda block: not block.follows_answer and block.language != "diff")


def bad_rows_fail_the_run(student: Student) -> None:
    """Task 13 with a rule of level `error`."""
    _rule_for_boroughs(student, "{column: pickup_borough, rule: is_in_list, allowed: [Bronx]}")
    student.type("if mesh local run prep/revenue --env dev; then exit 99; fi")


def rule_without_bad_rows(student: Student) -> None:
    """Task 13 with a rule that every row follows."""
    _rule_for_boroughs(student, "{column: pickup_borough, rule: is_not_null}")
    student.type("mesh local run prep/revenue --env dev")


def all_applied_by_hand(student: Student) -> None:
    """Task 14 by hand instead of the workflow."""
    blocks = [block.text for block in page("14-all-from-actions").steps() if block.language == "bash"]
    student.type("\n".join(line for text in blocks for line in text.splitlines() if "MESH_USER" not in line))


# by the folder of the task
LATER_MISTAKES: Mapping[str, tuple[Callable[[Student], None], ...]] = {
    "08-pipeline-by-hand": (pipeline_into_a_schema_typed_by_hand,),
    "09-expectations": (refunds_dropped,),
    "10-deploy-pipeline": (only_the_change_deployed,),
    "11-pipeline-to-prod": (pipeline_runs_as_student,),
    "12-contract": (contract_not_corrected,),
    "13-quality": (bad_rows_fail_the_run, rule_without_bad_rows),
    "14-all-from-actions": (all_applied_by_hand,),
}


def _rule_for_boroughs(student: Student, rule: str) -> None:
    """Deploys a rule for `revenue_by_borough`."""
    with (student.clone / _QUALITY).open("a") as file:
        file.write(f"  revenue_by_borough:\n  - {rule}\n")
    student.type("git commit --quiet --all --message 'Five boroughs'; mesh deploy --env dev transport/taxinyc")


def _prints_nothing(block: Block) -> bool:
    return not block.promised
