"""Names of tables."""


def full_name(catalog: str, schema: str, table: str) -> str:
    """A table's name as SQL and Spark take it: in backticks, for names with characters such as `-` or `ø`."""
    return ".".join("`" + part.replace("`", "``") + "`" for part in (catalog, schema, table))
