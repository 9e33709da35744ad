"""The own rules of an org."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mesh.rules.conftest import Checked, Found

FILE = "orgs/acme/rules/few_tasks.py"
RULE = '''
def few_tasks(job):
    """A job has one task at most."""
    if len(job.tasks) >= 1:
        yield job.violation("has too many tasks (split it)", "tasks", 0)
'''


def test_an_own_rule_finds_what_its_function_yields(found: Found) -> None:
    message = "deployment.yml:1: has too many tasks (split it) [few_tasks]"

    assert found("", {FILE: RULE}, run_own=True) == [message]


def test_own_rules_have_a_level(found: Found) -> None:
    (warned,) = found("own: {few_tasks: {level: warning}}", {FILE: RULE}, run_own=True)

    assert warned.startswith("deployment.yml:1: warning: ")
    assert found("own: {few_tasks: {level: ignore}}", {FILE: "raise SystemExit"}, run_own=True) == []


def test_own_rules_run_only_if_the_user_says_so(checked: Checked, tmp_path: Path) -> None:
    code = f"open({str(tmp_path / 'ran')!r}, 'w')\n{RULE}"
    report = checked("", {FILE: code})

    assert report.findings == []
    assert report.not_run == (FILE,)
    assert not (tmp_path / "ran").exists()


def test_own_rules_that_did_not_run_make_no_waiver_unused(found: Found) -> None:
    waiver = "{rule: few_tasks, path: acme, reason: x, owner: y, until: '2027-01-01'}"

    assert found(f"waivers: [{waiver}]", {FILE: RULE}) == []
    assert found(f"waivers: [{waiver}]", {FILE: RULE}, run_own=True) == []


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("def few_tasks(job:\n", "few_tasks.py:1: fails: SyntaxError"),
        ("\nimport sys\nsys.exit(0)\n", "few_tasks.py:3: fails: SystemExit: 0 (correct the rule)"),
        ("def other(job): ...\n", "few_tasks.py:1: defines no function `few_tasks`"),
        (
            "\ndef few_tasks(task): ...\n",
            "few_tasks.py:2: `few_tasks` should take one parameter, not `task` (para",
        ),
        (
            "def few_tasks(job, flow): ...\n",
            "few_tasks.py:1: `few_tasks` should take one parameter, not `2 para",
        ),
        (
            "def few_tasks(job):\n    return job.nothing\n",
            "few_tasks.py:2: fails for acme/sales/shop/prep/orders: AttributeError",
        ),
        (
            "def few_tasks(job):\n    yield 'x'\n",
            "few_tasks.py:1: yields a str (yield `job.violation(message, …)`)",
        ),
        ("def few_tasks(job): return 5\n", "few_tasks.py:1: "),
    ],
)
def test_a_wrong_rule_is_a_finding_in_its_file(code: str, message: str, found: Found) -> None:
    (told,) = found("", {FILE: code}, run_own=True)

    assert told.startswith(message)


@pytest.mark.parametrize("subject", ["domain", "project", "flow", "job", "grant"])
def test_a_rule_is_about_what_its_parameter_names(subject: str, found: Found) -> None:
    code = f"def few_tasks({subject}):\n    yield {subject}.violation({subject}.path)\n"
    project = "orgs/acme/domains/sales/projects/shop/project.yml"
    files = {FILE: code, project: "grants: [{principal: analysts, role: reader}]"}
    path = {"domain": "acme/sales", "project": "acme/sales/shop", "grant": "acme/sales/shop"}

    (told,) = found("", files, run_own=True)

    assert told.endswith(f": {path.get(subject, 'acme/sales/shop/prep/orders')} [few_tasks]")


def test_a_level_for_a_rule_without_a_file_is_an_error(found: Found) -> None:
    assert found("own: {few_taks: {}}", {FILE: RULE}) == [
        "rules.yml:1: `few_taks` has no file rules/few_taks.py (did you mean `few_tasks`?)"
    ]


def test_a_link_out_of_the_repository_is_not_run(checked: Checked, tmp_path: Path) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}-outside.py"
    outside.write_text(RULE)
    (tmp_path / "orgs/acme/rules").mkdir(parents=True)
    (tmp_path / FILE).symlink_to(outside)

    assert [one.code for one in checked("", run_own=True).findings] == ["link-outside"]


def test_running_a_rule_writes_nothing(found: Found, tmp_path: Path) -> None:
    found("", {FILE: RULE}, run_own=True)

    assert [path.name for path in (tmp_path / FILE).parent.iterdir()] == ["few_tasks.py"]
