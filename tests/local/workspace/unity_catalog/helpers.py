"""Helpers for tests of Unity Catalog."""

from typing import Any

UC = "/api/2.1/unity-catalog"


def register_table(workspace, name: str, location: str | None = None) -> dict[str, Any]:
    """Register a Delta table as Spark's catalog does, with an empty data file."""
    folder = workspace.home.warehouse / "cat" / "s" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "part.parquet").touch()
    body = {
        "name": name,
        "catalog_name": "cat",
        "schema_name": "s",
        "table_type": "EXTERNAL",
        "data_source_format": "DELTA",
        "storage_location": location or str(folder),
        "columns": [{"name": "beløp", "type_text": "decimal(10,2)", "type_name": "DECIMAL", "position": 0}],
    }
    return workspace.post(f"{UC}/tables", body)


def create_external_volume(workspace, schema, name: str, location: str, status: int = 200) -> dict:
    """Create an external volume."""
    body = {**schema, "name": name, "volume_type": "EXTERNAL", "storage_location": location}
    return workspace.post(f"{UC}/volumes", body, status=status)
