"""rules.yml as its files declare it."""

from __future__ import annotations

from tests.mesh.conftest import PRODUCTION, Deployed, Findings

RULES = "orgs/acme/rules.yml"


def test_all_mistakes_are_found_at_once_for_every_command(findings: Findings) -> None:
    text = """
packs: {owner: error}
rules: {job-timeout: {longest: 0}, job-timout: {}, has-owner: {inherited_form: org}}
waivers:
- {rule: has-owner, path: acme, reason: "", owner: team, until: 1 May}
"""
    assert findings({**PRODUCTION, RULES: text}) == [
        "wrong-value: `owner` is not a value of `owner` (one of 'names', 'owners', 'descriptions', 'tags', "
        "'access' or 'jobs')",
        "wrong-type: `longest` is `0`: should be greater than or equal to 1",
        "unknown-field: unknown field `job-timout` in rules (did you mean `job-timeout`?)",
        "unknown-field: unknown field `inherited_form` in has-owner (did you mean `inherited_from`?)",
        "wrong-type: `reason` is ``: string should have at least 1 character",
        "wrong-value: `1 May` is not a date (write it as 2027-01-31)",
    ]


def test_own_rules_are_python_files_without_a_leading_underscore(
    deployed: Deployed, tmp_path: object
) -> None:
    files = {f"orgs/acme/rules/{name}": "raise" for name in ("b.py", "a.py", "_shared.py", "notes.md")}
    mesh = deployed({**PRODUCTION, RULES: "", **files})

    assert mesh.scopes[0].org.rules.own == ("orgs/acme/rules/a.py", "orgs/acme/rules/b.py")
