"""Consumers of contracts: the grants that `reads` and `consumers` make together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from mesh.mesh import MeshDeployment
from mesh.model.grant import Grant
from tests.mesh.conftest import FLOW, Deployed, Findings
from tests.support.contracts import text

READER = "orgs/acme/domains/finance/projects/costs/flows/prep/monthly"
OTHER = f"{Path(FLOW).parent}/other"
JOB = "tasks: [{task_key: a, serverless: true}]\n"
READS = 'reads: {taxi: {flow: transport/taxinyc/prep/revenue, contract: revenue, version: "1"}}\n'


def files(consumers: str, reader: str = "owner: finance-team\n", reads: str = READS) -> Mapping[str, str]:
    """The files of a flow with a contract, and of a flow of another domain that reads it."""
    return {
        f"{FLOW}/contracts/revenue.yaml": text(),
        f"{FLOW}/deployment.yml": f"consumers: {consumers}\n{JOB}",
        f"{READER}/deployment.yml": f"{reader}{reads}{JOB}",
        f"{READER}/a.py": "",
    }


def on_tables(deployed: MeshDeployment) -> dict[str, tuple[Grant, ...]]:
    """The grants on tables, by the table's name."""
    return {table.name: table.grants for one in deployed.deployments for table in one.tables}


@pytest.mark.parametrize(
    "consumers",
    ["finance", "[finance]", "[logistics, acme/finance]", "[finance/costs]", "[finance/costs/prep/monthly]"],
)
def test_an_accepted_reader_may_read_the_tables_of_the_contract(consumers: str, deployed: Deployed) -> None:
    mesh = deployed(
        {
            **files(consumers),
            f"{OTHER}/deployment.yml": JOB,
            f"{OTHER}/a.py": "",
            "orgs/acme/domains/logistics/projects/x/flows/a/b/deployment.yml": JOB,
            "orgs/acme/domains/logistics/projects/x/flows/a/b/a.py": "",
        },
        env="local",
    )

    [grant] = on_tables(mesh)["by_borough"]
    assert (grant.principal, grant.privileges) == ("finance-team", ("SELECT",))
    assert [origin.partition(", ")[0] for origin in grant.origins] == ["reads", "consumers"]
    assert grant.origins[0].endswith("monthly/deployment.yml:2")
    [schema] = [one for each in mesh.deployments for one in each.schemas if one.db == "revenue"]
    assert [(one.principal, one.privileges) for one in schema.grants] == [("finance-team", ("USE_SCHEMA",))]


@pytest.mark.parametrize(
    ("consumers", "reads"),
    [
        ("[]", READS),
        ("[transport]", READS),
        ("[finance]", "reads: {taxi: transport/taxinyc/prep/revenue}\n"),
    ],
)
def test_a_reader_that_is_not_accepted_or_names_no_contract_gets_nothing(
    consumers: str, reads: str, deployed: Deployed
) -> None:
    assert on_tables(deployed(files(consumers, reads=reads), env="local")) == {}


def test_who_the_jobs_of_the_reader_run_as_may_read_too(deployed: Deployed) -> None:
    reader = "run_as: {user_name: ada@acme.example}\n"
    [grant] = on_tables(deployed(files("finance", reader), env="local"))["by_borough"]
    assert grant.principal == "ada@acme.example"


def test_a_consumer_that_is_nowhere_is_a_finding(findings: Findings) -> None:
    assert findings(files("[finanse]"), env="local") == [
        "unknown-consumer: `finanse` in `consumers` is no domain, project or flow of the org "
        "(did you mean `finance`?)"
    ]
