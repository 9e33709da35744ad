"""The start of a job as text."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from mesh.review.schedule import upcoming, when


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({}, ""),
        ({"schedule": []}, ""),
        (
            {
                "triggers": [
                    {"schedule": [{"quartz_cron_expression": "0 0 6 * * ?"}], "pause_status": "PAUSED"},
                    {"periodic": [{"interval": 2, "unit": "HOURS"}], "pause_status": "UNPAUSED"},
                    {"continuous": [{"task_retry_mode": "NEVER"}]},
                    {"sql_condition": [{"sql_query_id": "1"}]},
                ]
            },
            "every day at 06:00 (paused); every 2 hours; continuously; on a trigger",
        ),
        (
            {"schedule": [{"quartz_cron_expression": "0 0 6 * * ?", "timezone_id": "UTC"}]},
            "every day at 06:00 (UTC)",
        ),
        (
            {
                "schedule": [
                    {
                        "quartz_cron_expression": "0 0 6 * * ?",
                        "timezone_id": "UTC",
                        "pause_status": "PAUSED",
                    }
                ]
            },
            "every day at 06:00 (UTC, paused)",
        ),
        (
            {"schedule": [{"quartz_cron_expression": "0 0 6 * * ?", "pause_status": "PAUSED"}]},
            "every day at 06:00 (paused)",
        ),
        ({"schedule": [{"quartz_cron_expression": "nonsense", "timezone_id": "UTC"}]}, "nonsense (UTC)"),
        (
            {"schedule": [{"quartz_cron_expression": "0 0 6 L * ?", "timezone_id": "UTC"}]},
            "at 06:00, on the last day of the month (UTC)",
        ),
        (
            {"trigger": [{"cron": [{"quartz_cron_schedule": "15 30 * * * ?", "timezone_id": "UTC"}]}]},
            "every hour at :30:15 (UTC)",
        ),
        ({"trigger": [{"periodic": [{"interval": 2, "unit": "HOURS"}]}]}, "every 2 hours"),
        (
            {"trigger": [{"file_arrival": [{"url": "s3://drop"}], "pause_status": "PAUSED"}]},
            "when files arrive in s3://drop (paused)",
        ),
        ({"trigger": [{"table_update": [{"table_names": ["a.b.c"]}]}]}, "when a.b.c changes"),
        ({"continuous": [{"pause_status": "UNPAUSED"}]}, "continuously"),
    ],
)
def test_schedules_and_triggers_are_plain_english(arguments: dict[str, Any], text: str) -> None:
    assert when(arguments) == text


DAILY = {"quartz_cron_expression": "0 30 2 * * ?", "timezone_id": "Europe/Oslo"}
THREE = "2027-03-27 02:30+01:00, 2027-03-29 02:30+02:00, 2027-03-30 02:30+02:00"


@pytest.mark.parametrize(
    ("arguments", "runs"),
    [
        ({"schedule": [DAILY]}, THREE),
        ({"schedule": [{**DAILY, "pause_status": "PAUSED"}]}, ""),
        (
            {"trigger": [{"cron": [{"quartz_cron_schedule": "0 0 12 1 * ? 2028"}]}]},
            "2028-01-01 12:00+00:00, 2028-02-01 12:00+00:00, 2028-03-01 12:00+00:00",
        ),
        (
            {
                "triggers": [
                    {"schedule": [DAILY]},
                    {"schedule": [{"quartz_cron_expression": "0 0 12 * * ?"}], "pause_status": "PAUSED"},
                    {"schedule": [{"quartz_cron_expression": "0 0 12 28 3 ?"}]},
                ]
            },
            "2027-03-27 02:30+01:00, 2027-03-28 12:00+00:00, 2027-03-29 02:30+02:00",
        ),
        ({"schedule": [{"quartz_cron_expression": "0 0 12 30 2 ?"}]}, ""),
        ({"schedule": [{"quartz_cron_expression": "nonsense"}]}, ""),
        ({"continuous": [{}]}, ""),
    ],
)
def test_the_next_three_runs_in_the_zone_of_the_schedule(arguments: dict[str, Any], runs: str) -> None:
    assert upcoming(arguments, datetime(2027, 3, 26, 12, tzinfo=UTC)) == runs
