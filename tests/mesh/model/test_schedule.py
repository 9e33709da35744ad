"""Schedules of jobs and pipelines: findings and warnings."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from mesh.commands.validate import warnings
from mesh.load import load
from mesh.model.schedule import Schedule, schedules
from mesh.quartz.expression import misread_parts, parse
from mesh.quartz.field import QuartzError
from tests.mesh.conftest import FLOW, Findings
from tests.support.quartz_answers import answers

NOW = datetime(2026, 11, 29, tzinfo=UTC)
JOB = "tasks: [{task_key: a, serverless: true}]\n"


def of_job(expression: str, zone: str = "UTC") -> dict[str, str]:
    schedule = f"schedule: {{quartz_cron_expression: '{expression}', timezone_id: {zone}}}\n"
    return {f"{FLOW}/deployment.yml": JOB + schedule, f"{FLOW}/a.py": ""}


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, []),
        (
            {"schedule": {"quartz_cron_expression": "a", "timezone_id": "PST", "pause_status": "PAUSED"}},
            [Schedule("a", "PST", True, ("schedule", "quartz_cron_expression"))],
        ),
        (
            {"trigger": {"cron": {"quartz_cron_schedule": "a"}}},
            [Schedule("a", "UTC", False, ("trigger", "cron", "quartz_cron_schedule"))],
        ),
        (
            {
                "triggers": [
                    {"periodic": {}},
                    {"schedule": {"quartz_cron_expression": "a"}, "pause_status": "PAUSED"},
                ]
            },
            [Schedule("a", "UTC", True, ("triggers", 1, "schedule", "quartz_cron_expression"))],
        ),
        ({"schedule": {"quartz_cron_expression": 7}, "trigger": "x", "triggers": ["y"]}, []),
    ],
)
def test_schedules_of_jobs_and_pipelines(settings: dict[str, object], expected: list[Schedule]) -> None:
    assert list(schedules(settings)) == expected


@pytest.mark.parametrize(
    ("expression", "zone", "code"),
    [
        ("0 9 * * *", "UTC", "wrong-schedule"),
        ("0 0 9 * * *", "UTC", "wrong-schedule"),
        ("0 0/90 * * * ?", "UTC", "wrong-schedule"),
        ("0 0 12 ? * MON, THU", "UTC", "wrong-schedule"),
        ("0 0 12 ? * MON/2", "UTC", "misread-schedule"),
        ("0 0 12 1 JAN/3 ?", "UTC", "misread-schedule"),
        ("0 0 12 * * ?", "Europe/Nowhere", "unknown-time-zone"),
    ],
)
def test_what_quartz_refuses_or_misreads_is_a_finding(
    findings: Findings, expression: str, zone: str, code: str
) -> None:
    [found] = findings(of_job(expression, zone))

    assert found.startswith(f"{code}: ")


def test_an_environment_may_have_a_schedule_of_its_own(findings: Findings) -> None:
    files = of_job("0 0 12 * * ?")
    files[f"{FLOW}/deployment.yml"] += "environments: {prod: {schedule: {quartz_cron_expression: 0 9 * * *}}}"

    [found] = findings(
        {**files, "orgs/acme/org.yml": "environments: {dev: {}, prod: {run_as: {service_principal_name: a}}}"}
    )
    assert found.startswith("wrong-schedule: Quartz refuses `0 9 * * *`")


def test_the_schedule_of_each_listed_job_is_checked(findings: Findings) -> None:
    jobs = f"jobs:\n- {{name: x, {JOB.strip()}, schedule: {{quartz_cron_expression: '@daily', timezone_id: UTC}}}}\n"

    [found] = findings({f"{FLOW}/deployment.yml": jobs})
    assert found.startswith("wrong-schedule: Quartz refuses `@daily` in the seconds: Unexpected character: @")


def told(root: Path, files: dict[str, str]) -> list[str]:
    for file, text in files.items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(text)
    mesh = load(root)
    found = warnings(mesh, mesh.in_environment("local", looking=True), NOW)
    return [f"{one.severity} {one.code}:{one.line}" for one in found]


@pytest.mark.parametrize(
    ("expression", "zone", "code"),
    [
        ("0 0 12 1 JAN ? 2020", "UTC", "schedule-never-runs"),
        ("0 0 12 30 2 ?", "UTC", "schedule-never-runs"),
        ("0 30 2 * * ?", "Europe/Oslo", "schedule-clock-change"),
        ("0 0/30 * * * ?", "Europe/Oslo", "schedule-clock-change"),
        ("0 0/7 * * * ?", "UTC", "schedule-uneven-step"),
        ("0 0 12 31 * ?", "UTC", "schedule-short-months"),
        ("0 0 12 ? * 7", "UTC", "schedule-weekday-number"),
    ],
)
def test_what_is_hardly_meant_is_a_warning(tmp_path: Path, expression: str, zone: str, code: str) -> None:
    assert told(tmp_path, of_job(expression, zone)) == [f"warning {code}:2"]


def test_a_plain_schedule_has_no_warning(tmp_path: Path) -> None:
    assert told(tmp_path, of_job("0 30 5 ? * MON-FRI", "Europe/Oslo")) == []


def test_warnings_about_one_place_are_told_once(tmp_path: Path) -> None:
    files = of_job("0 0 12 ? * 7")
    files[f"{FLOW}/deployment.yml"] += "environments: {dev: {max_concurrent_runs: 2}}"

    assert told(tmp_path, {**files, "orgs/acme/org.yml": "environments: {dev: {}}"}) == [
        "warning schedule-weekday-number:2"
    ]


def test_every_expression_that_quartz_accepts_is_valid_unless_quartz_misreads_it() -> None:
    """The findings are those of `parse` and `misread_parts`."""
    accepted = [answer.expression for answer in answers() if answer.error is None]
    misread = [text for text in accepted if list(misread_parts(parse(text)))]

    assert len(accepted) > 800
    assert 0 < len(misread) < len(accepted) / 4
    for answer in answers():
        if answer.error is not None:
            with pytest.raises(QuartzError):
                parse(answer.expression)
