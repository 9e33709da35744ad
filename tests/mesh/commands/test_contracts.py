"""`mesh contracts`."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.commands.contracts import as_json, compare_contracts, provided_contracts, review_contracts
from mesh.commands.review import review_plans
from mesh.errors import OutsideError
from mesh.load import load
from tests.mesh.commands.conftest import COSTS, RULES, TWO_PROJECTS
from tests.mesh.conftest import FLOW, ONE_FLOW
from tests.support.contracts import text
from tests.support.git_repository import Repository

CONTRACT = f"{FLOW}/contracts/revenue.yaml"
READS = 'reads: {taxi: {flow: prep/revenue, contract: revenue, version: "1"}}'
FILES = {
    **ONE_FLOW,
    **TWO_PROJECTS,
    CONTRACT: text(),
    f"{COSTS}/deployment.yml": f"{READS}\n{ONE_FLOW[f'{FLOW}/deployment.yml']}",
    f"{COSTS}/a.py": "# Databricks notebook source\nx = spark.table(t).amount\n" + "# amount\n" * 9,
}
RENAMED = [{"name": "borough", "physicalType": "string"}, {"name": "sum", "physicalType": "decimal(18,2)"}]


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository.new(tmp_path / "mesh", {**FILES, f"{FLOW}/a.py": "# Databricks notebook source"})


def test_contracts_are_listed_with_their_readers(repository: Repository) -> None:
    [listed] = as_json(provided_contracts(load(repository.path)))

    assert (listed["flow"], listed["contract"], listed["version"]) == (
        "acme/transport/taxinyc/prep/revenue",
        "revenue",
        "1.0.0",
    )
    assert listed["tables"]["by_borough"][1] == {"name": "amount", "type": "decimal(18,2)"}
    assert [(one["flow"], one["version"]) for one in listed["readers"]] == [
        ("acme/finance/costs/prep/monthly", "1")
    ]


def test_the_working_tree_is_compared_with_a_commit(repository: Repository) -> None:
    assert compare_contracts(load(repository.path), "HEAD").differences == ()

    repository.write({CONTRACT: text("1.1.0", RENAMED)})
    comparison = compare_contracts(load(repository.path), "HEAD")

    [found] = comparison.differences
    assert (comparison.base, comparison.unknown) == (repository.head[:8], "")
    assert found.verdict == "broken"
    assert found.readers[0].mentions == {"amount": tuple(f"{COSTS}/a.py:{line}" for line in range(2, 7))}


def test_a_commit_whose_mesh_has_errors_is_unknown(repository: Repository) -> None:
    repository.commit({CONTRACT: "kind: DataContract"})
    repository.write({CONTRACT: text()})

    report = review_contracts(load(repository.path), "HEAD", RULES)

    assert report.contracts
    assert report.contracts.unknown.startswith(f"the mesh had errors at {repository.head[:8]}: {CONTRACT}:1:")
    assert [one.rule for one in report.rulings] == ["unknown-change"]
    assert report.refused


def test_a_commit_without_a_mesh_has_no_contracts(tmp_path: Path) -> None:
    repository = Repository.new(tmp_path / "mesh", {"README.md": "empty"})
    repository.write({**FILES, f"{FLOW}/a.py": "# Databricks notebook source"})
    [found] = compare_contracts(load(repository.path), "HEAD").differences
    assert found.verdict == "new"


def test_a_commit_that_git_does_not_know_is_an_error(repository: Repository) -> None:
    with pytest.raises(OutsideError, match="commit `nowhere` is not in this checkout"):
        compare_contracts(load(repository.path), "nowhere")


def test_a_review_of_plans_compares_contracts_with_a_base(repository: Repository, tmp_path: Path) -> None:
    plan = tmp_path / "acme-finance-costs-dev.json"
    plan.write_text('{"format_version": "1.2", "resource_changes": []}')
    repository.write({CONTRACT: text("1.1.0", RENAMED)})

    without = review_plans([plan], repository.path)
    compared = review_plans([plan], repository.path, base="HEAD")
    approved = review_plans([plan], repository.path, approved=["contract-broken"], base="HEAD")

    assert (without.refused, compared.refused, approved.refused) == (False, True, False)


def test_a_review_without_a_mesh_refuses_to_judge_contracts(repository: Repository, tmp_path: Path) -> None:
    plan = tmp_path / "acme-finance-costs-dev.json"
    plan.write_text('{"format_version": "1.2", "resource_changes": []}')
    repository.write({CONTRACT: "kind: DataContract"})

    report = review_plans([plan], repository.path, base="HEAD")

    assert [(one.rule, one.refused) for one in report.rulings] == [("unknown-change", True)]
