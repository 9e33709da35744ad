"""The privileges and entitlements of a class.

Students cannot write to the schemas with the course's data. They write to their own schemas, and to the
schemas of their deployments, which they own.

Source: Databricks documentation, "Unity Catalog privileges reference".
"""

from __future__ import annotations

# Of the class and the service principal on the catalog `training`; its schemas have their own grants
TRAINING_CATALOG = ("USE_CATALOG",)

# Of both on the schemas with the course's data
DATA_SCHEMAS = ("READ_VOLUME", "SELECT", "USE_SCHEMA")

# Of both on a catalog that students deploy to: each student creates schemas, and may read those of others
DOMAIN_CATALOG = ("CREATE_SCHEMA", "EXECUTE", "READ_VOLUME", "SELECT", "USE_CATALOG", "USE_SCHEMA")

# Of a student on the own schema; the deployer stays its owner, so that students cannot transfer it
STUDENT_SCHEMA = ("ALL_PRIVILEGES",)


def catalog_privileges(name: str, training: str) -> tuple[str, ...]:
    """The privileges of the class on a catalog.

    Args:
        name: the catalog.
        training: the catalog with the course's data.
    """
    return TRAINING_CATALOG if name == training else DOMAIN_CATALOG


# Of the class in the workspace; Databricks documentation, "Manage entitlements".
ENTITLEMENTS = ("databricks_sql_access", "workspace_access")
