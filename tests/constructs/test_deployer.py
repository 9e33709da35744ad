"""Who deploys."""

from __future__ import annotations

from datamesh.deployer import Deployer


def test_names_that_are_made_for_one_user_are_deployed_by_that_user(synth) -> None:
    """Terraform asks the workspace while it plans, and says what to set."""
    made = synth(lambda scope: Deployer(scope, "ola@acme.example"))
    assert made == {
        "data": {
            "databricks_current_user": {
                "deployer": {
                    "lifecycle": {
                        "postcondition": [
                            {
                                "condition": '${lower(self.user_name) == lower("ola@acme.example")}',
                                "error_message": "names are made for ola@acme.example, but ${self.user_name} deploys: "
                                "set MESH_USER=${self.user_name}, or log in as ola@acme.example.",
                            }
                        ]
                    }
                }
            }
        }
    }


def test_a_user_cannot_break_out_of_the_condition(synth) -> None:
    """The condition is an expression, and the name in it is text."""
    made = synth(lambda scope: Deployer(scope, 'a" || true || "'))
    [check] = made["data"]["databricks_current_user"]["deployer"]["lifecycle"]["postcondition"]
    assert check["condition"] == '${lower(self.user_name) == lower("a\\" || true || \\"")}'
