"""Schedules: what Quartz refuses is refused where a job or pipeline is created, changed or reset."""

import pytest
from minilake.errors import DatabricksError

from local.workspace.workflows.schedules import check_schedules
from tests.support.quartz_answers import answers

JOBS, PIPELINES = "/api/2.1/jobs", "/api/2.0/pipelines"
WRONG = {"schedule": {"quartz_cron_expression": "0 0 9 * * *", "timezone_id": "UTC"}}
BOTH_DAYS = "Support for specifying both a day-of-week AND a day-of-month parameter is not implemented."


def refusal(settings: dict) -> str | None:
    try:
        check_schedules(settings)
    except DatabricksError as error:
        assert error.status_code == 400
        return error.message
    return None


def test_it_refuses_what_quartz_refuses():
    """For every expression that Quartz was asked about."""
    differ = [
        answer.expression
        for answer in answers()
        if (refusal({"schedule": {"quartz_cron_expression": answer.expression}}) is None)
        != (answer.error is None)
    ]

    assert differ == []


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (WRONG, f"schedule.quartz_cron_expression '0 0 9 * * *' is not a Quartz expression: {BOTH_DAYS}"),
        (
            {"trigger": {"cron": {"quartz_cron_schedule": "0 */90 * * * ?"}}},
            "trigger.cron.quartz_cron_schedule '0 */90 * * * ?' is not a Quartz expression: Increment >= 60 : 90 (in '*/90', position 4)",
        ),
        (
            {"triggers": [{}, {"schedule": {"quartz_cron_expression": "0 5 * * *"}}]},
            "triggers[1].schedule.quartz_cron_expression '0 5 * * *' does not have the 6 or 7 fields of a Quartz expression: Unexpected end of expression.",
        ),
        (
            {"schedule": {"quartz_cron_expression": "0 0 9 * * ?", "timezone_id": "Europe/Nowhere"}},
            "schedule.timezone_id 'Europe/Nowhere' is not a time zone",
        ),
        ({"schedule": {"quartz_cron_expression": "0 0 9 ? * MON/2", "timezone_id": "PST"}}, None),
        ({"trigger": {"periodic": {"interval": 1, "unit": "DAYS"}}}, None),
    ],
)
def test_a_refusal_names_the_field_and_the_position(settings, message):
    assert refusal(settings) == message


@pytest.mark.parametrize("path", ["create", "reset", "update"])
def test_a_job_is_not_changed(workspace, path):
    job_id = workspace.post(f"{JOBS}/create", {"name": "j"})["job_id"]
    body = {"name": "k", **WRONG} if path == "create" else {"job_id": job_id, "new_settings": WRONG}

    error = workspace.post(f"{JOBS}/{path}", body, status=400)

    assert error["error_code"] == "INVALID_PARAMETER_VALUE"
    assert BOTH_DAYS in error["message"]
    assert [job["settings"].get("schedule") for job in workspace.get(f"{JOBS}/list")["jobs"]] == [None]


def test_a_pipeline_is_not_changed(workspace):
    wrong = {"trigger": {"cron": {"quartz_cron_schedule": "0 0 9 * * *"}}}
    pipeline_id = workspace.post(PIPELINES, {"name": "p"})["pipeline_id"]

    workspace.post(PIPELINES, {"name": "q", **wrong}, status=400)
    workspace.put(f"{PIPELINES}/{pipeline_id}", {"name": "p", **wrong}, status=400)

    assert "trigger" not in workspace.get(f"{PIPELINES}/{pipeline_id}")["spec"]
