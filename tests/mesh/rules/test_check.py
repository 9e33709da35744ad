"""The rules of all orgs, on a mesh in an environment."""

from __future__ import annotations

from tests.mesh.rules.conftest import ORDERS, TASKS, Checked, Found, told


def test_an_org_without_rules_has_no_findings(found: Found) -> None:
    assert found("") == []


def test_all_findings_come_at_once_and_name_the_rule(checked: Checked) -> None:
    report = checked("packs: {owners: error, descriptions: warning, jobs: warning}")

    assert len(report.findings) == 6
    assert {one.code for one in report.findings} == {
        "has-description",
        "has-owner",
        "job-failure-notification",
        "job-timeout",
    }
    assert all(one.message.endswith(f"[{one.code}]") for one in report.findings)
    assert {one.path for one in report.found} == {
        "acme/sales",
        "acme/sales/shop",
        "acme/sales/shop/prep/orders",
    }


def test_rules_check_what_an_environment_deploys(found: Found) -> None:
    overridden = "timeout_seconds: 60\nenvironments: {prod: {timeout_seconds: 99999}}\n" + TASKS

    (message,) = found("rules: {job-timeout: {longest: 60}}", {ORDERS: overridden})
    assert "may run for 99999 s" in message


def test_several_jobs_of_a_flow_are_told_apart(checked: Checked) -> None:
    jobs = (
        "jobs:\n- {name: hourly, timeout_seconds: 60, "
        + TASKS.strip()
        + "}\n- {name: nightly, "
        + TASKS.strip()
        + "}\n"
    )
    (finding,) = checked("rules: {job-timeout: {}}", {ORDERS: jobs}).findings

    assert told(finding).startswith("deployment.yml:3: job `nightly` has no timeout")
