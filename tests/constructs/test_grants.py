"""Grants in Terraform."""

from __future__ import annotations

from datamesh.grants import Grants
from mesh.model.grant import Grant

ANALYSTS = Grant("analysts", ("SELECT", "USE_SCHEMA"))


def test_all_grants_on_a_securable_are_in_one_resource(synth) -> None:
    grants = [ANALYSTS, Grant("taxi-team", ("MODIFY",))]

    assert synth(lambda scope: Grants(scope, "sales", grants, schema="main.sales")) == {
        "resource": {
            "databricks_grants": {
                "sales": {
                    "schema": "main.sales",
                    "grant": [
                        {"principal": "analysts", "privileges": ["SELECT", "USE_SCHEMA"]},
                        {"principal": "taxi-team", "privileges": ["MODIFY"]},
                    ],
                }
            }
        }
    }


def test_the_keeper_gets_manage_after_all_other_grants(synth) -> None:
    stack = synth(lambda scope: Grants(scope, "sales", [ANALYSTS], "deployer", catalog="sales"))

    assert stack["resource"]["databricks_grants"]["sales"] == {
        "catalog": "sales",
        "grant": [
            {"principal": "analysts", "privileges": ["SELECT", "USE_SCHEMA"]},
            {"principal": "deployer", "privileges": ["MANAGE"]},
        ],
    }


def test_terraform_merges_the_keeper_with_the_same_user_among_the_grants(synth) -> None:
    """Only the plan knows who deploys; of two blocks for one principal, the provider would send one."""
    grants = [ANALYSTS, Grant("ada@acme.example", ("SELECT",))]
    keeper = "${data.databricks_current_user.deployer.user_name}"
    stack = synth(lambda scope: Grants(scope, "sales", grants, keeper, catalog="sales"))

    assert stack["resource"]["databricks_grants"]["sales"] == {
        "catalog": "sales",
        "grant": [{"principal": "analysts", "privileges": ["SELECT", "USE_SCHEMA"]}],
        "dynamic": {
            "grant": {
                "for_each": (
                    '${{for one in [{principal = "ada@acme.example", privileges = ["SELECT"]}, '
                    f'{{principal = "{keeper}", privileges = ["MANAGE"]}}] : lower(one.principal) => one...}}}}'
                ),
                "content": {
                    "principal": "${grant.value[0].principal}",
                    "privileges": "${distinct(flatten(grant.value[*].privileges))}",
                },
            }
        },
    }


def test_a_keeper_alone_is_enough_for_a_grants_resource(synth) -> None:
    stack = synth(lambda scope: Grants(scope, "sales", [], "deployer", catalog="sales"))

    assert stack["resource"]["databricks_grants"]["sales"]["grant"] == [
        {"principal": "deployer", "privileges": ["MANAGE"]}
    ]


def test_without_grants_and_keeper_no_resource_revokes_grants_of_others(synth) -> None:
    assert synth(lambda scope: Grants(scope, "sales", [], schema="main.sales")) == {}
