"""Prints the environment variables for a login without a secret: `login.py >> "$GITHUB_ENV"`.

Source: Databricks documentation, "Enable workload identity federation for GitHub Actions"; Terraform's
documentation of the backend azurerm, "OpenID Connect". VARIABLES contains the variables of the repository
and of the job's environment, as JSON.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping

DATABRICKS = ("DATABRICKS_HOST", "DATABRICKS_CLIENT_ID", "DATABRICKS_TOKEN_AUDIENCE")
AZURE = ("ARM_CLIENT_ID", "ARM_TENANT_ID", "ARM_SUBSCRIPTION_ID")


def login(variables: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The variables that Terraform, its providers and `mesh` read.

    Raises:
        SystemExit: DATABRICKS_CLIENT_ID is not set.
    """
    principal = variables.get("DATABRICKS_CLIENT_ID")
    if not principal:
        raise SystemExit(
            "this environment has no variable DATABRICKS_CLIENT_ID: docs/ci.md lists the required variables"
        )
    yield "DATABRICKS_AUTH_TYPE", "github-oidc"
    yield "MESH_USER", principal  # the user in names, in environments whose names contain one
    yield from ((name, variables[name]) for name in DATABRICKS if variables.get(name))
    if variables.get("ARM_CLIENT_ID"):
        yield "ARM_USE_OIDC", "true"
        yield from ((name, variables[name]) for name in AZURE if variables.get(name))


if __name__ == "__main__":
    for name, value in login(json.loads(os.environ["VARIABLES"])):
        if "\n" in value or "\r" in value:
            raise SystemExit(f"variable {name} has more than one line")
        print(f"{name}={value}")
