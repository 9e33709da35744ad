"""Row filters and column masks with the names of an environment."""

from __future__ import annotations

from mesh.deployment.access_policies import access_policies
from tests.mesh.conftest import Deployed

FLOW = "orgs/acme/domains/transport/projects/taxinyc/flows/prep/revenue"
FILES = {
    "orgs/acme/org.yml": "service_principals: {sp: {application_id: 7f1c0d6e-0000-4000-8000-000000000001}}\n",
    f"{FLOW}/deployment.yml": (
        "policies:\n"
        "  hide:\n"
        "    to_principals: [account users]\n"
        "    except_principals: [sp]\n"
        "    match_columns: [{condition: has_tag('pii'), alias: a}]\n"
        "    column_mask: {function_name: hidden, on_column: a}\n"
        "  own: {to_principals: [account users], row_filter: {function_name: a.b.c}}\n"
        "tasks: [{task_key: a, serverless: true}]\n"
    ),
    f"{FLOW}/a.py": "# Databricks notebook source\n",
}


def test_a_policy_on_a_catalog_is_for_its_level(deployed: Deployed) -> None:
    policy = "to_principals: [account users], row_filter: {function_name: rules.own}"
    domain = {"orgs/acme/domains/transport/domain.yml": f"catalog: {{policies: {{own: {{{policy}}}}}}}\n"}
    mesh = deployed(FILES | domain, env="local")
    [catalog] = [one for each in mesh.foundations for one in getattr(each, "catalogs", ())]
    [own] = catalog.policies
    assert (own.securable_type, own.securable, own.parent) == ("CATALOG", "transport", "transport")
    assert own.function_name == "transport.rules.own"
    assert own.id == "transport_policy_own"


def test_functions_are_in_the_schema_of_the_flow_or_have_a_full_name(deployed: Deployed) -> None:
    mesh = deployed(FILES, env="local")
    [one] = mesh.deployments
    [schema] = one.schemas
    hide, own = access_policies(mesh.scopes[0], {schema.db: schema})
    assert (hide, own) == one.policies
    assert hide.function_name == f"{schema.full_name}.hidden"
    assert own.function_name == "a.b.c"
    assert hide.except_principals == ("7f1c0d6e-0000-4000-8000-000000000001",)
    assert (hide.kind, own.kind) == ("column mask", "row filter")
    assert hide.position == f"{FLOW}/deployment.yml:2"
    assert hide.id == f"{schema.id}_policy_hide"
