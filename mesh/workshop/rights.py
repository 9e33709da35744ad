"""Who may do what with the data of a class.

Students never write where the course's data is: what a student makes is in the own schema, or in a schema
that the student's own deployment makes, and owns.

Source: Databricks documentation, "Unity Catalog privileges reference".
"""

from __future__ import annotations

# Of the class, and of the service principal, in `training`: what lies below says the rest.
TRAINING = ("USE_CATALOG",)

# Of both in the schemas that the course's data is in.
DATA = ("READ_VOLUME", "SELECT", "USE_SCHEMA")

# Of both in a catalog that is deployed to: each makes schemas, and may read those of others.
DEPLOYED_TO = ("CREATE_SCHEMA", "EXECUTE", "READ_VOLUME", "SELECT", "USE_CATALOG", "USE_SCHEMA")

# Of a student in the own schema; the one who deploys stays its owner, so that nobody can give it away.
OWN_SCHEMA = ("ALL_PRIVILEGES",)


def of_catalog(name: str, training: str) -> tuple[str, ...]:
    """What the class may do in a catalog.

    Args:
        name: the catalog.
        training: the one that holds the course's data.
    """
    return TRAINING if name == training else DEPLOYED_TO


# Of the class in a workspace; Databricks documentation, "Manage entitlements".
ENTITLEMENTS = ("databricks_sql_access", "workspace_access")
