"""`mesh contracts`."""

from __future__ import annotations

from pathlib import Path

from mesh.commands.contracts import as_json, provided_contracts, review_contracts
from mesh.commands.review import review_plans
from mesh.load import load
from tests.mesh.commands.conftest import CONTRACT, RENAMED, RULES
from tests.support.contracts import text
from tests.support.git_repository import Repository


def test_contracts_are_listed_with_their_readers(contract_repository: Repository) -> None:
    [listed] = as_json(provided_contracts(load(contract_repository.path)))

    assert (listed["flow"], listed["contract"], listed["version"]) == (
        "acme/transport/taxinyc/prep/revenue",
        "revenue",
        "1.0.0",
    )
    assert listed["tables"]["by_borough"][1] == {"name": "amount", "type": "decimal(18,2)"}
    assert [(one["flow"], one["version"]) for one in listed["readers"]] == [
        ("acme/finance/costs/prep/monthly", "1")
    ]


def test_a_commit_whose_mesh_has_errors_is_unknown(contract_repository: Repository) -> None:
    contract_repository.commit({CONTRACT: "kind: DataContract"})
    contract_repository.write({CONTRACT: text()})

    report = review_contracts(load(contract_repository.path), "HEAD", RULES)

    assert report.contracts
    assert report.contracts.unknown.startswith(
        f"the mesh had errors at {contract_repository.head[:8]}: {CONTRACT}:1:"
    )
    assert [one.rule for one in report.rulings] == ["unknown-change"]
    assert report.refused


def test_a_review_of_plans_compares_contracts_with_a_base(
    contract_repository: Repository, tmp_path: Path
) -> None:
    plan = tmp_path / "acme-finance-costs-dev.json"
    plan.write_text('{"format_version": "1.2", "resource_changes": []}')
    contract_repository.write({CONTRACT: text("1.1.0", RENAMED)})

    without = review_plans([plan], contract_repository.path)
    compared = review_plans([plan], contract_repository.path, base="HEAD")
    approved = review_plans([plan], contract_repository.path, approved=["contract-broken"], base="HEAD")

    assert (without.refused, compared.refused, approved.refused) == (False, True, False)


def test_a_review_without_a_mesh_refuses_to_judge_contracts(
    contract_repository: Repository, tmp_path: Path
) -> None:
    plan = tmp_path / "acme-finance-costs-dev.json"
    plan.write_text('{"format_version": "1.2", "resource_changes": []}')
    contract_repository.write({CONTRACT: "kind: DataContract"})

    report = review_plans([plan], contract_repository.path, base="HEAD")

    assert [(one.rule, one.refused) for one in report.rulings] == [("unknown-change", True)]
