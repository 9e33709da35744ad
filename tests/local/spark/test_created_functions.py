"""Functions of files on Spark: the program of the notebook that a deployment generates."""

from __future__ import annotations

import urllib.error
from typing import TYPE_CHECKING, Any

from mesh.deployment.object_creator import create
from mesh.deployment.object_task import settings
from mesh.files.files import Files
from mesh.model.function import flow_functions
from mesh.model.sql_object import parameters

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import SparkSession

    from tests.local.spark.conftest import Local

# in an order in which none could be created, with every place of a comment
FILES = {
    "a_tip.sql": "CREATE FUNCTION a_tip(fare DOUBLE) RETURNS DOUBLE COMMENT 'It''s added' RETURN fare * rate(:schema)",
    "rate.sql": "CREATE OR REPLACE FUNCTION rate(of STRING COMMENT 'schema') RETURNS DOUBLE\n"
    "RETURN CASE WHEN of = 's' THEN 0.5D END -- half",
    "trips.sql": "CREATE FUNCTION trips() RETURNS TABLE (id INT, tip DOUBLE COMMENT 'x')\n"
    "RETURN SELECT id, a_tip(fare) FROM IDENTIFIER(:catalog || '.s.fares')",
}


def test_functions_are_created_once_and_keep_their_privileges_when_they_change(
    local: Local, spark: SparkSession, tmp_path: Path
) -> None:
    catalog = local.catalog("created")
    spark.sql(f"CREATE TABLE {catalog}.s.fares AS SELECT 1 AS id, 8D AS fare").collect()
    lines: list[str] = []

    def api(method: str, path: str, body: Any = None) -> Any:
        try:
            return local.call(method, f"/api/2.1/unity-catalog/{path}", body)
        except urllib.error.HTTPError as error:
            assert error.code == 404
            return None

    def run(**changed: str) -> str:
        folder = tmp_path / "flow/functions"
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in (FILES | {f"{name}.sql": text for name, text in changed.items()}).items():
            (folder / name).write_text(text)
        functions, findings = flow_functions("flow", ("s",), parameters(()), Files(tmp_path))
        assert findings == []
        declared = [settings(one, "s") for one in functions]
        values = {"catalog": catalog, "schema": "s"}
        try:
            create(
                lambda text: spark.sql(text).collect(),
                api,
                declared,
                values.__getitem__,
                {"": (catalog, "s")},
                lines.append,
            )
        finally:
            spark.sql("USE spark_catalog.default").collect()
        return lines[-1]

    assert run() == "3 set, 0 as declared"
    assert lines == ["  rate is created", "  a_tip is created", "  trips is created", "3 set, 0 as declared"]
    assert [tuple(row) for row in spark.sql(f"SELECT * FROM {catalog}.s.trips()").collect()] == [(1, 4.0)]
    assert api("GET", f"functions/{catalog}.s.a_tip")["comment"].startswith("It's added (mesh ")
    assert run() == "0 set, 3 as declared"

    permissions = f"permissions/function/{catalog}.s.rate"
    api("PATCH", permissions, {"changes": [{"principal": "analysts", "add": ["EXECUTE"]}]})
    assert run(rate="CREATE FUNCTION rate(of STRING) RETURNS DOUBLE RETURN 0.25D") == "1 set, 2 as declared"
    assert [tuple(row) for row in spark.sql(f"SELECT * FROM {catalog}.s.trips()").collect()] == [(1, 2.0)]
    [kept] = api("GET", permissions)["privilege_assignments"]
    assert (kept["principal"], kept["privileges"]) == ("analysts", ["EXECUTE"])
