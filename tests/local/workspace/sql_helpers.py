"""Helpers for tests of SQL on Delta tables."""

import json
from pathlib import Path
from typing import Any

import duckdb


def execute(workspace, statement: str, **more: Any) -> dict[str, Any]:
    """Run a statement."""
    return workspace.post(
        "/api/2.0/sql/statements", {"warehouse_id": "starter", "statement": statement, **more}
    )


def write_delta(folder: Path, query: str) -> None:
    """Write the first version of a Delta table with the rows of a query."""
    (folder / "_delta_log").mkdir(parents=True, exist_ok=True)
    file = folder / "part-0.parquet"
    duckdb.sql(f"copy ({query}) to '{file}' (format parquet)")
    columns = duckdb.sql(f"describe {query}").fetchall()
    kinds = {"VARCHAR": "string", "DECIMAL(4,2)": "decimal(4,2)"}
    fields = [
        {"name": name, "type": kinds[kind], "nullable": True, "metadata": {}} for name, kind, *_ in columns
    ]
    actions = [
        {"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}},
        {
            "metaData": {
                "id": "1",
                "format": {"provider": "parquet", "options": {}},
                "schemaString": json.dumps({"type": "struct", "fields": fields}),
                "partitionColumns": [],
                "configuration": {},
            }
        },
        {
            "add": {
                "path": file.name,
                "partitionValues": {},
                "size": file.stat().st_size,
                "modificationTime": 0,
                "dataChange": True,
            }
        },
    ]
    log = folder / "_delta_log" / f"{0:020d}.json"
    log.write_text("\n".join(json.dumps(action) for action in actions))
