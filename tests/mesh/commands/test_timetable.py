"""`mesh ls --schedule`: a week of runs."""

from __future__ import annotations

from datetime import UTC, datetime
from io import StringIO

from rich.console import Console

from mesh.commands.timetable import as_json, as_trees, timetable
from tests.mesh.conftest import FLOW, PRODUCTION, Deployed

NOW = datetime(2027, 3, 26, 12, tzinfo=UTC)


def files(expression: str, zone: str = "Europe/Oslo") -> dict[str, str]:
    schedule = f"schedule: {{quartz_cron_expression: '{expression}', timezone_id: {zone}}}"
    return {**PRODUCTION, f"{FLOW}/deployment.yml": f"tasks: [{{task_key: a, serverless: true}}]\n{schedule}"}


def tree(deployed: Deployed, expression: str, env: str = "prod") -> list[str]:
    text = StringIO()
    mesh = deployed(files(expression), env)
    Console(file=text, width=200).print(*as_trees(timetable(mesh, NOW), mesh.name, NOW))
    return [line.strip("│├└─ ") for line in text.getvalue().splitlines()]


def test_scripts_read_the_runs_in_the_zone(deployed: Deployed) -> None:
    [entry] = as_json(timetable(deployed(files("0 30 2 * * ?")), NOW))

    assert entry["path"] == "acme/transport/taxinyc/prep/revenue"
    assert (entry["in_words"], entry["paused"]) == ("every day at 02:30", False)
    # none on the 28th, when the clock skips that hour
    assert entry["runs"][:2] == ["2027-03-27T02:30:00+01:00", "2027-03-29T02:30:00+02:00"]
    assert entry["runs"][-1] == "2027-04-02T02:30:00+02:00"


def test_runs_are_listed_by_day(deployed: Deployed) -> None:
    lines = tree(deployed, "30 0 6 ? * MON,WED")

    flow = "06:00:30 Europe/Oslo  acme/transport/taxinyc/prep/revenue  transport_taxinyc_prod"
    assert lines == [
        "prod · runs until Fri 2027-04-02 12:00 UTC",
        "Mon 2027-03-29",
        flow,
        "Wed 2027-03-31",
        flow,
    ]


def test_frequent_absent_and_paused_runs_are_told_in_words(deployed: Deployed) -> None:
    assert tree(deployed, "0 0/30 * * * ?")[1:] == [
        "more than 28 runs",
        "acme/transport/taxinyc/prep/revenue  transport_taxinyc_prod  every 30 minutes (Europe/Oslo)",
    ]
    assert tree(deployed, "0 0 6 1 1 ?")[1] == "not in this week"
    assert tree(deployed, "0 0 6 * * ?", "dev")[1] == "paused"


def test_a_mesh_without_schedules_says_so(deployed: Deployed) -> None:
    assert list(timetable(deployed(PRODUCTION), NOW)) == []
    text = StringIO()
    Console(file=text, width=200).print(*as_trees([], "prod", NOW))
    assert "nothing has a schedule" in text.getvalue()
