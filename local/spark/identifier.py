"""Names as Spark SQL reads them, whatever characters they contain."""


def quoted(*parts: str) -> str:
    """Return a name in backticks; its parts, such as catalog, schema and table, are joined by points."""
    return ".".join("`" + part.replace("`", "``") + "`" for part in parts)
