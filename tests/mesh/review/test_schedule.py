"""The start of a job as text."""

from __future__ import annotations

from typing import Any

import pytest

from mesh.review.schedule import cron, when


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("0 0 16 ? * Thu", "Thu at 16:00"),
        ("27 0 16 ? * Thu", "Thu at 16:00:27"),
        ("0 30 5 * * ?", "every day at 05:30"),
        ("0 30 5 ? * *", "every day at 05:30"),
        ("0 15 7 ? * MON-FRI", "Mon to Fri at 07:15"),
        ("0 15 7 ? * 2,4", "Mon, Wed at 07:15"),
        ("0 0 6 1 * ?", "on day 1 of every month at 06:00"),
        ("0 0 * * * ?", "every hour"),
        ("0 20 * * * ?", "every hour at :20"),
        ("0 0 6 1 * ? *", "on day 1 of every month at 06:00"),
        ("0 0 6 L * ?", "0 0 6 L * ?"),
        ("0 0 6 ? * 6#3", "0 0 6 ? * 6#3"),
        ("0 0/5 * * * ?", "0 0/5 * * * ?"),
        ("0 0 6 1 1 ?", "0 0 6 1 1 ?"),
        ("0 0 6 1 * ? 2030", "0 0 6 1 * ? 2030"),
        ("nonsense", "nonsense"),
        ("", ""),
    ],
)
def test_a_simple_quartz_expression_is_plain_english(expression: str, text: str) -> None:
    assert cron(expression) == text


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
