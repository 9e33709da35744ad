"""The deployer of a stack."""

from __future__ import annotations

from datamesh.deployer import Deployer


def test_only_the_user_in_the_names_may_deploy(synth) -> None:
    """Terraform checks the logged-in user during the plan, and prints the setting."""
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


def test_a_user_name_in_the_condition_is_escaped(synth) -> None:
    """The condition is an expression that contains the name as a string."""
    made = synth(lambda scope: Deployer(scope, 'a" || true || "'))
    [check] = made["data"]["databricks_current_user"]["deployer"]["lifecycle"]["postcondition"]
    assert check["condition"] == '${lower(self.user_name) == lower("a\\" || true || \\"")}'
