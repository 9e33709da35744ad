"""What hangs on tables and functions that jobs create: deployed once they exist."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from databricks.sdk.service.catalog import PermissionsChange, Privilege

from tests.system.deploy.conftest import Mesh, served, write_flow

DOMAINS = "orgs/acme/domains"
REVENUE = f"{DOMAINS}/transport/projects/taxinyc/flows/prep/revenue"
MONTHLY = f"{DOMAINS}/finance/projects/costs/flows/prep/monthly"
TABLE = "transport.local_olanordmann_revenue.by_borough"
CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: acme.transport.taxinyc.revenue
name: revenue
version: 1.0.0
status: active
schema:
- name: by_borough
  properties:
  - {name: borough, physicalType: string}
"""


@pytest.fixture
def mesh(tmp_path: Path) -> Iterator[Mesh]:
    """A flow that provides a contract and declares a table, and a flow of another domain that reads it."""
    for flow in (REVENUE, MONTHLY):
        write_flow(tmp_path / flow)
    (tmp_path / ".brickopscfg").mkdir()
    (tmp_path / ".brickopscfg/config.yml").write_text(
        'naming: {db: {prod: "{db}", other: "{env}_{username}_{db}"}}\n'
    )
    (tmp_path / REVENUE / "contracts").mkdir()
    (tmp_path / REVENUE / "contracts/revenue.yaml").write_text(CONTRACT)
    (tmp_path / REVENUE / "deployment.yml").write_text(
        "consumers: [finance]\n"
        "tables:\n"
        "  by_borough:\n"
        "    grants: [{principal: auditors, role: reader}]\n"
        "    tags: {product: revenue}\n"
        "    columns: {borough: {tags: {open: ''}}}\n"
        "policies:\n"
        "  hide:\n"
        "    to_principals: [auditors]\n"
        "    match_columns: [{condition: has_tag('open'), alias: open}]\n"
        "    column_mask: {function_name: hidden, on_column: open}\n"
        "tasks: [{task_key: a, serverless: true}]\n"
    )
    (tmp_path / DOMAINS / "transport/domain.yml").write_text(
        "catalog:\n"
        "  policies:\n"
        "    hide_everywhere:\n"
        "      to_principals: [account users]\n"
        "      match_columns: [{condition: has_tag('personal'), alias: personal}]\n"
        "      column_mask: {function_name: local_olanordmann_revenue.hidden, on_column: personal}\n"
    )
    (tmp_path / MONTHLY / "deployment.yml").write_text(
        "owner: finance-team\n"
        'reads: {taxi: {flow: transport/taxinyc/prep/revenue, contract: revenue, version: "1"}}\n'
        "tasks: [{task_key: a, serverless: true}]\n"
    )
    yield from served(tmp_path)


def deployed(mesh: Mesh) -> str:
    """What a deployment prints; fails unless it succeeds."""
    done = mesh.run("deploy", "--auto-approve")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def granted(mesh: Mesh, kind: str, name: str) -> dict[str, set[str]]:
    """The privileges on a securable, by principal."""
    found = mesh.workspace().granted(kind, name)
    return {principal: set(privileges) for principal, privileges in found.items()}


def create_table(mesh: Mesh) -> None:
    """Creates the table and the function, as a run of the job would."""
    names = dict(zip(("catalog_name", "schema_name", "name"), TABLE.split("."), strict=True))
    column = {"name": "borough", "type_name": "STRING", "type_text": "string"}
    body = {**names, "table_type": "MANAGED", "data_source_format": "DELTA", "columns": [column]}
    mesh.client.api_client.do("POST", "/api/2.1/unity-catalog/tables", body=body)
    create_function(mesh, "hidden")


def create_function(mesh: Mesh, name: str) -> None:
    """Creates a function in the schema of the table, as a run of the job would."""
    body = dict(zip(("catalog_name", "schema_name"), TABLE.split("."), strict=False)) | {"name": name}
    mesh.client.api_client.do("POST", "/api/2.1/unity-catalog/functions", body=body)


def tags(mesh: Mesh, kind: str, name: str) -> dict[str, str | None]:
    """The tags of a table or column, by key."""
    found = mesh.client.entity_tag_assignments.list(kind, name)
    return {one.tag_key: one.tag_value for one in found}


def test_grants_follow_when_the_table_exists(mesh: Mesh) -> None:
    first = deployed(mesh)

    schema, catalog = TABLE.rpartition(".")[0], TABLE.partition(".")[0]
    for principal in ("auditors", "finance-team"):
        assert granted(mesh, "schema", schema)[principal] == {"USE_SCHEMA"}
        assert granted(mesh, "catalog", catalog)[principal] == {"USE_CATALOG"}

    assert "2 grants wait for tables that do not exist yet" in first
    for policy in (f"{schema}.hide", f"{catalog}.hide_everywhere"):
        assert f"1 policy waits for functions that do not exist yet: column mask {policy}" in first
    create_table(mesh)
    assert mesh.run("contracts", "--tables", "local").stdout == "the tables in local keep their contracts\n"
    second = deployed(mesh)
    assert f"finance-team gains SELECT on table {TABLE}" in second
    assert tags(mesh, "tables", TABLE) == {"product": "revenue"}
    assert tags(mesh, "columns", f"{TABLE}.borough") == {"open": None}
    assert granted(mesh, "table", TABLE) == {"auditors": {"SELECT"}, "finance-team": {"SELECT"}}
    assert f"column mask hide is added: auditors see what {schema}.hidden returns" in second
    policies = mesh.client.policies
    assert policies.get_policy("SCHEMA", schema, "hide").to_principals == ["auditors"]
    assert policies.get_policy("CATALOG", catalog, "hide_everywhere").to_principals == ["account users"]
    assert "Nothing to change" in deployed(mesh)

    declared = mesh.root / REVENUE / "deployment.yml"
    declared.write_text(declared.read_text().replace("hidden", "masked"))
    waiting = deployed(mesh)
    assert f"keeps function `{schema}.hidden` until `{schema}.masked` exists" in waiting
    assert "Nothing to change" in waiting
    (mesh.root / "review.yml").write_text("rules: {sees-more: warn}\n")
    create_function(mesh, "masked")
    assert f"function: {schema}.masked instead of {schema}.hidden" in deployed(mesh)
    mask = policies.get_policy("SCHEMA", schema, "hide").column_mask
    assert mask is not None
    assert mask.function_name == f"{schema}.masked"

    mesh.client.grants.update(
        "table", TABLE, changes=[PermissionsChange(principal="auditors", remove=[Privilege.SELECT])]
    )
    mesh.client.entity_tag_assignments.delete("tables", TABLE, "product")
    policies.delete_policy("SCHEMA", schema, "hide")
    drift = mesh.run("drift")
    assert "auditors" in drift.stdout
    assert f"product=revenue on table {TABLE} was deleted" in drift.stdout

    assert "column mask hide was removed: auditors see the values" in drift.stdout
    assert "Deployed" in deployed(mesh)  # makes the grants, tags and policies again

    for state in mesh.states():
        state.unlink()
    adopted = mesh.run("adopt", "--auto-approve")
    assert adopted.returncode == 0, adopted.stdout + adopted.stderr
    assert f"tag `columns.{TABLE}.borough.open`" in adopted.stdout
    for policy in (f"SCHEMA.{schema}.hide", f"CATALOG.{catalog}.hide_everywhere"):
        assert f"policy `{policy}`" in adopted.stdout
    assert "Deployed" in deployed(mesh)
    assert tags(mesh, "tables", TABLE) == {"product": "revenue"}

    mesh.client.api_client.do("DELETE", f"/api/2.1/unity-catalog/tables/{TABLE}")
    assert "Nothing to change" in deployed(mesh)
    destroyed = mesh.run("destroy", "--auto-approve")
    assert destroyed.returncode == 0, destroyed.stdout + destroyed.stderr
    assert mesh.in_state() == set()
