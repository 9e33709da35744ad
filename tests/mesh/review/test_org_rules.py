"""The rules of the orgs in a review."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from mesh.load import load
from mesh.model.review_policy import PolicyFile
from mesh.review.org_rules import with_org_rules
from mesh.review.plan import ResourceChange, StackPlan
from mesh.review.review import Review, review
from mesh.review.sentence import plain
from tests.mesh.conftest import ONE_FLOW, PRODUCTION

STACK = "acme-transport-taxinyc-prod"
OTHER = "orgs/acme/domains/sales/projects/shop/flows/prep/orders"
OWN = "orgs/acme/rules/never.py"


@pytest.fixture(autouse=True)
def checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    """The commit of the mesh."""
    checkout = {"URL": "https://github.com/acme/mesh", "BRANCH": "main", "COMMIT": "c" * 40}
    for name, value in checkout.items():
        monkeypatch.setenv(f"MESH_GIT_{name}", value)


def reviewed(
    root: Path,
    rules: str | None,
    policy: PolicyFile | None = None,
    approved: frozenset[str] = frozenset(),
    *,
    run_own: bool = False,
    own: str | None = None,
) -> Review:
    """The review of a plan that changes one of two projects."""
    files = {
        **PRODUCTION,
        **ONE_FLOW,
        f"{OTHER}/deployment.yml": next(iter(ONE_FLOW.values())),
        f"{OTHER}/a.py": "",
    }
    files |= {"orgs/acme/rules.yml": rules} if rules is not None else {}
    files |= {OWN: own} if own else {}
    for file, text in files.items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(text)
    values = {"catalog_name": "transport", "name": "revenue"}
    change = ResourceChange("databricks_schema.s", ("create",), {}, values, kind="databricks_schema")
    mesh, chosen = load(root), policy or PolicyFile()
    gone = ResourceChange("databricks_job.old", ("delete",), {"name": "old"}, {}, kind="databricks_job")
    plans = [StackPlan(STACK, (change, gone))]
    of_plans = review(plans, mesh, chosen)
    today = date(2026, 12, 1)
    return with_org_rules(of_plans, mesh, chosen, approved, today, run_own=run_own, plans=plans)


def test_errors_of_the_projects_that_change_refuse(tmp_path: Path) -> None:
    found = reviewed(tmp_path, "rules: {job-timeout: {}}")
    (ruling,) = found.rulings

    assert found.refused
    assert (ruling.rule, ruling.stack, ruling.environment) == ("org-rules", STACK, "prod")
    assert plain(ruling.sentence) == (
        "`orgs/acme/domains/transport/projects/taxinyc/flows/prep/revenue/deployment.yml:1`: "
        "`the job has no timeout (add `timeout_seconds`, 86400 at most) [job-timeout]`"
    )


def test_warnings_are_told(tmp_path: Path) -> None:
    found = reviewed(tmp_path, "rules: {job-timeout: {level: warning}}")

    assert [one.strictness for one in found.rulings] == ["warn"]
    assert not found.refused


def test_an_approved_or_ignored_rule_refuses_nothing(tmp_path: Path) -> None:
    rules = "rules: {job-timeout: {}}"
    approved = reviewed(tmp_path, rules, approved=frozenset({"org-rules"}))
    ignored = reviewed(tmp_path, rules, PolicyFile(rules={"org-rules": "ignore"}))
    warned = reviewed(tmp_path, rules, PolicyFile(environments={"prod": {"org-rules": "warn"}}))

    assert [one.approved for one in approved.rulings] == [True]
    assert ignored.rulings == ()
    assert [one.strictness for one in warned.rulings] == ["warn"]
    assert not (approved.refused or ignored.refused or warned.refused)


def test_own_rules_that_did_not_run_are_told(tmp_path: Path) -> None:
    own = "def never(job):\n    yield job.violation('no')\n"
    without, run = (reviewed(tmp_path, None, own=own, run_own=run_own) for run_own in (False, True))

    assert without.notes == (f"what {OWN} finds (--own-rules runs this code)",)
    assert not without.refused
    assert (run.notes, run.refused) == ((), True)


def test_an_org_without_rules_changes_nothing(tmp_path: Path) -> None:
    assert reviewed(tmp_path, None).rulings == ()


RESOURCES = """
def never(resource):
    if not resource.arguments.get("comment"):
        yield resource.violation(f"{resource.address} has no comment (add one)")
"""


def test_an_own_rule_about_resources_sees_those_of_the_plan_that_stay(tmp_path: Path) -> None:
    found = reviewed(tmp_path, None, own=RESOURCES, run_own=True)

    assert [plain(one.sentence) for one in found.rulings] == [
        "`orgs/acme/domains/transport/projects/taxinyc/project.yml:1`: "
        "`databricks_schema.s has no comment (add one) [never]`"
    ]


def test_a_waiver_of_a_rule_about_resources_is_not_told_as_unused(tmp_path: Path) -> None:
    waiver = "{rule: never, path: %s, reason: x, owner: y, until: '2027-01-01'}"
    covered, other = (
        reviewed(tmp_path, f"waivers: [{waiver % path}]", own=RESOURCES, run_own=True)
        for path in ("acme/transport", "acme/sales")
    )

    assert covered.rulings == ()
    assert [one.rule for one in other.rulings] == ["org-rules"]
