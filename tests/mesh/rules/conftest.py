"""A mesh of a few files, and what the rules of its org find."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest

from mesh.finding import Finding
from mesh.git.checkout import GitContext
from mesh.load import load
from mesh.rules.check import RuleReport, check_rules

ORG = """
owner: platform-team
groups: {platform-team: {}, analysts: {}}
service_principals: {sp-acme: {application_id: 7f1c0d6e-2f5b-4d0c-9a58-3c1e6b7d9a10}}
environments: {prod: {run_as: {service_principal_name: sp-acme}}}
"""
SHOP = "orgs/acme/domains/sales/projects/shop"
ORDERS = f"{SHOP}/flows/prep/orders/deployment.yml"
TASKS = "tasks: [{task_key: a, serverless: true}]\n"
TODAY = date(2026, 12, 1)
Checked = Callable[..., RuleReport]
Found = Callable[..., list[str]]


@pytest.fixture
def checked(tmp_path: Path) -> Checked:
    """The report on a mesh of these files and one flow, `sales/shop/prep/orders`."""

    def check(rules: str, files: Mapping[str, str] | None = None, *, run_own: bool = False) -> RuleReport:
        written = {
            "orgs/acme/org.yml": ORG,
            "orgs/acme/rules.yml": rules,
            ORDERS: TASKS,
            f"{SHOP}/flows/prep/orders/a.py": "",
            **(files or {}),
        }
        for file, text in written.items():
            (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / file).write_text(text)
        url = "https://github.com/acme/mesh"
        git = GitContext(tmp_path, "ola@acme.example", url, "main", commit="c" * 40, lenient=True)
        mesh = load(tmp_path)
        return check_rules(mesh, mesh.in_environment("prod", git), TODAY, run_own=run_own)

    return check


def told(finding: Finding) -> str:
    """The place of a finding, its severity if it is a warning, and its message, without the folders above."""
    file = finding.file.rpartition("/")[2]
    mark = "" if finding.severity == "error" else "warning: "
    return f"{file}:{finding.line}: {mark}{finding.message}"


@pytest.fixture
def found(checked: Checked) -> Found:
    """The findings about a mesh of these files, as texts."""

    def find(rules: str, files: Mapping[str, str] | None = None, *, run_own: bool = False) -> list[str]:
        return [told(finding) for finding in checked(rules, files, run_own=run_own).findings]

    return find
