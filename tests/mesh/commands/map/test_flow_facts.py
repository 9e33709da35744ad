"""What a map tells about a flow."""

from __future__ import annotations

from mesh.commands.map.flow_facts import Access, Facts, Runnable
from tests.mesh.commands.map.conftest import Mapped, flow


def facts(mapped: Mapped, text: str) -> Facts:
    """The facts of one flow."""
    (one,) = mapped(flow("sales/shop/orders", text)).flows
    return one.facts


def test_schedules_are_in_words(mapped: Mapped) -> None:
    found = facts(mapped, "schedule: {quartz_cron_expression: 0 0 6 * * ?, timezone_id: Europe/Oslo}\n")

    assert found.runnables == (Runnable("job", "sales_shop_prod", ("every day at 06:00 (Europe/Oslo)",)),)


def test_a_paused_schedule_says_so(mapped: Mapped) -> None:
    paused = "schedule: {quartz_cron_expression: 0 0 6 * * ?, timezone_id: UTC, pause_status: PAUSED}\n"

    assert facts(mapped, paused).runnables[0].schedules == ("every day at 06:00 (UTC, paused)",)


def test_triggers_other_than_schedules_are_named(mapped: Mapped) -> None:
    arrival = "trigger: {file_arrival: {url: s3://bucket/in/}}\n"

    assert facts(mapped, arrival).runnables[0].schedules == ("file arrival",)


def test_grants_on_the_catalog_count_for_its_schemas(mapped: Mapped) -> None:
    """A grant of the project is on the catalog, a grant of the flow on the schema."""
    project = {
        "orgs/acme/domains/sales/projects/shop/project.yml": "grants: [{principal: analysts, role: reader}]"
    }
    text = "grants: [{principal: shop-team, privileges: [MODIFY]}]\n"
    (one,) = mapped({**project, **flow("sales/shop/orders", text)}).flows
    by_name = {access.principal: access for access in one.facts.access}

    assert by_name["analysts"].reads and not by_name["analysts"].runs_jobs
    assert by_name["shop-team"] == Access("shop-team", ("MODIFY",), reads=False, runs_jobs=False)
    assert by_name["sp-acme"].runs_jobs, "named as in org.yml, not by its application id"


def test_who_may_read_a_single_table_reads(mapped: Mapped) -> None:
    text = "tables: {daily: {grants: [{principal: analysts, role: reader}]}, raw: {}}\n"
    by_name = {access.principal: access for access in facts(mapped, text).access}

    assert by_name["analysts"].reads
    assert by_name["analysts"].tables == ("daily",)


def test_tags_are_those_that_people_declare(mapped: Mapped) -> None:
    assert facts(mapped, "tags: {cost_center: '4711'}\n").tags == (("cost_center", "4711"),)
