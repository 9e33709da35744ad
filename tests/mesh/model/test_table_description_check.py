"""What contracts and deployment.yml say about one table; tests/golden/descriptions_wrong has the other findings."""

from __future__ import annotations

import pytest

from mesh.finding import Finding
from mesh.model.table_description_check import description_warnings
from tests.mesh.conftest import FLOW, PRODUCTION, Deployed
from tests.support.contracts import text


def warnings(deployed: Deployed, **second: object) -> list[Finding]:
    """The warnings about a flow with two contracts on one table."""
    column = {"name": "amount", "physicalType": "string"}
    files = {
        f"{FLOW}/contracts/a.yaml": text(columns=[{**column, "description": "Dollars"}]),
        f"{FLOW}/contracts/b.yaml": text(**{"columns": [{**column, "description": "Euros"}], **second}),  # type: ignore[arg-type]
        f"{FLOW}/deployment.yml": "tasks: [{task_key: a, serverless: true}]\n",
    }
    [flow] = [flow for scope in deployed({**PRODUCTION, **files}).scopes for flow in scope.project.flows]
    return [*description_warnings(flow)]


def test_two_contracts_that_describe_one_column_otherwise_are_a_warning(deployed: Deployed) -> None:
    [one] = warnings(deployed, name="tips", id="acme.tips")

    assert (one.severity, one.code, one.file.rpartition("/")[2]) == ("warning", "two-descriptions", "b.yaml")
    assert one.message == (
        "the comment of column `amount` of table `by_borough` is another one in contract revenue 1.0.0, "
        f"{FLOW}/contracts/a.yaml:12 (let both say the same)"
    )


@pytest.mark.parametrize(
    "second",
    [
        {"version": "2.0.0"},  # a later version of the same contract
        {"name": "tips", "id": "acme.tips", "status": "draft"},
        {
            "name": "tips",
            "id": "acme.tips",
            "columns": [{"name": "amount", "physicalType": "string", "description": "Dollars"}],
        },
    ],
)
def test_versions_drafts_and_equal_descriptions_are_fine(
    deployed: Deployed, second: dict[str, object]
) -> None:
    assert warnings(deployed, **second) == []
