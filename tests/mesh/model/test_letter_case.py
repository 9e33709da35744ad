"""Names that differ in case only."""

from __future__ import annotations

import pytest

from tests.mesh.conftest import FLOW, ONE_FLOW, PROJECT, Findings

TASKS = ONE_FLOW[f"{FLOW}/deployment.yml"]


@pytest.mark.parametrize(
    ("other", "differs"),
    [
        ("prep/Revenue", ("`prep/revenue` differs from `prep/Revenue`", "prep/Revenue")),
        ("Prep/costs", ("`prep` differs from `Prep`", "Prep/costs")),
    ],
)
def test_two_folders_of_flows_name_both_files(
    findings: Findings, other: str, differs: tuple[str, str]
) -> None:
    message, file = differs
    found = findings({f"{PROJECT}/flows/{other}/deployment.yml": TASKS, f"{PROJECT}/flows/{other}/a.py": ""})

    remedy = "only in case (rename one; Unity Catalog ignores case)"
    assert f"differ-in-case: {message} of {PROJECT}/flows/{file}/deployment.yml {remedy}" in found


@pytest.mark.parametrize(
    ("folder", "other"),
    [
        ("acme", "orgs/ACME"),
        ("transport", "orgs/acme/domains/Transport"),
        ("taxinyc", f"{PROJECT[:-7]}Taxinyc"),
    ],
)
def test_two_folders_above_flows_name_both_folders(findings: Findings, folder: str, other: str) -> None:
    remedy = "only in case (rename one; Unity Catalog ignores case)"

    assert findings({f"{other}/README.md": ""}) == [
        f"differ-in-case: `{folder}` differs from `{other}` {remedy}"
    ]


def test_two_schemas_of_one_flow(findings: Findings) -> None:
    files = {f"{FLOW}/deployment.yml": f"{TASKS}\nschemas: {{Tips: {{}}, tips: {{}}}}\n"}

    assert findings(files)[0] == (
        "differ-in-case: `tips` differs from `Tips` only in case (rename one; Unity Catalog ignores case)"
    )
