"""The privileges and entitlements of a class.

Students cannot write to the schemas with the course's data. They write to their own schemas, and to the
schemas of their deployments, which they own.

Source: Databricks documentation, "Unity Catalog privileges reference".
"""

from __future__ import annotations

# Privileges of the class and the service principal on the catalog `training`, not on its schemas
TRAINING_CATALOG = ("USE_CATALOG",)

# Privileges of both on the schemas with the course's data
DATA_SCHEMAS = ("READ_VOLUME", "SELECT", "USE_SCHEMA")

# Privileges of both on a catalog that students deploy to: students create schemas and read all schemas
DOMAIN_CATALOG = ("CREATE_SCHEMA", "EXECUTE", "READ_VOLUME", "SELECT", "USE_CATALOG", "USE_SCHEMA")

# Privileges of a student on the personal schema. The deployer owns it, so students cannot transfer it.
STUDENT_SCHEMA = ("ALL_PRIVILEGES",)


def catalog_privileges(name: str, training: str) -> tuple[str, ...]:
    """The privileges of the class on a catalog.

    Args:
        name: the catalog.
        training: the catalog with the course's data.
    """
    return TRAINING_CATALOG if name == training else DOMAIN_CATALOG


# Entitlements of the class in the workspace; Databricks documentation, "Manage entitlements".
ENTITLEMENTS = ("databricks_sql_access", "workspace_access")
