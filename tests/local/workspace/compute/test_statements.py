"""SQL through the Statement Execution API."""

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

UC = "/api/2.1/unity-catalog"


def execute(workspace, statement: str, **more: Any) -> dict[str, Any]:
    """Run a statement."""
    return workspace.post(
        "/api/2.0/sql/statements", {"warehouse_id": "starter", "statement": statement, **more}
    )


@pytest.fixture
def trips(workspace) -> str:
    """A Delta table `cat.ønske.trips` of two rows, as Spark would leave it; returns its folder."""
    workspace.post(f"{UC}/catalogs", {"name": "cat"})
    workspace.post(f"{UC}/schemas", {"name": "ønske", "catalog_name": "cat"})
    folder = workspace.home.warehouse / "cat" / "ønske" / "trips"
    write_delta(folder, "select * from (values ('Queens', 10.5), ('Bronx', 20.25)) v(borough, amount)")
    workspace.post(
        f"{UC}/tables",
        {
            "name": "trips",
            "catalog_name": "cat",
            "schema_name": "ønske",
            "table_type": "EXTERNAL",
            "data_source_format": "DELTA",
            "storage_location": str(folder),
        },
    )
    return str(folder)


def write_delta(folder: Path, query: str) -> None:
    """Write the first version of a Delta table with what a query returns."""
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


@pytest.mark.parametrize(
    "name", ["cat.ønske.trips", "CAT.`ønske`.Trips", '"cat"."ønske"."trips"', "cat.ønske.trips t"]
)
def test_a_table_of_spark_is_found_however_it_is_spelled(workspace, trips, name):
    answer = execute(workspace, f"select borough, sum(amount) from {name} group by 1 order by 1")

    assert answer["status"]["state"] == "SUCCEEDED", answer
    assert answer["result"]["data_array"] == [["Bronx", "20.25"], ["Queens", "10.50"]]


def test_columns_may_be_named_by_their_table(workspace, trips):
    answer = execute(workspace, "select trips.borough from cat.ønske.trips where trips.amount > 11")

    assert answer["result"]["data_array"] == [["Bronx"]]


def test_a_table_of_spark_is_seen_as_it_is_now(workspace, trips):
    execute(workspace, "select * from cat.ønske.trips")
    write_delta(Path(trips), "select 'Queens' as town")

    answer = execute(workspace, "select * from cat.ønske.trips")
    assert answer["manifest"]["schema"]["columns"][0]["name"] == "town"


def test_the_api_tells_the_columns_that_the_files_have(workspace, trips):
    columns = workspace.get(f"{UC}/tables/cat.ønske.trips")["columns"]

    assert [(column["name"], column["type_text"]) for column in columns] == [
        ("borough", "string"),
        ("amount", "decimal(4,2)"),
    ]


def test_sql_does_not_write_what_spark_keeps(workspace, trips):
    status = execute(workspace, "insert into cat.ønske.trips values ('Queens', 1)")["status"]

    assert status["error"]["message"].startswith("Delta tables are read-only for SQL here")


def test_a_deleted_table_is_gone_from_sql_too(workspace, trips):
    execute(workspace, "select * from cat.ønske.trips")
    workspace.delete(f"{UC}/tables/cat.ønske.trips")

    assert execute(workspace, "select * from cat.ønske.trips")["status"]["state"] == "FAILED"
    assert workspace.get(f"{UC}/tables", catalog_name="cat", schema_name="ønske")["tables"] == []


def test_cells_are_text_and_columns_have_databricks_types(workspace):
    answer = execute(
        workspace,
        "select 1::bigint a, 1.50::decimal(10,2) b, true c, null::varchar d, date '2019-03-01' e,"
        " timestamp '2019-03-01 10:00:00' f, 'nan'::double g, [1] h",
    )

    types = [column["type_name"] for column in answer["manifest"]["schema"]["columns"]]
    assert types == ["LONG", "DECIMAL", "BOOLEAN", "STRING", "DATE", "TIMESTAMP", "DOUBLE", "ARRAY"]
    assert answer["result"]["data_array"] == [
        ["1", "1.50", "true", None, "2019-03-01", "2019-03-01T10:00:00.000Z", "nan", "[1]"]
    ]


def test_a_wrong_statement_is_answered_as_failed_with_its_error(workspace):
    status = execute(workspace, "select * from nowhere.at.all")["status"]

    assert status["state"] == "FAILED"
    assert "nowhere" in status["error"]["message"]


def test_a_warehouse_that_is_not_there_is_refused(workspace):
    body = {"warehouse_id": "none", "statement": "select 1"}
    workspace.post("/api/2.0/sql/statements", body, status=404)


def test_names_without_catalog_are_looked_up_where_the_statement_says(workspace):
    workspace.post(f"{UC}/catalogs", {"name": "cat"})
    workspace.post(f"{UC}/schemas", {"name": "s", "catalog_name": "cat"})
    assert execute(workspace, "create table cat.s.t as select 7 as x")["status"]["state"] == "SUCCEEDED"

    answer = execute(workspace, "select x from t", catalog="cat", schema="s")
    assert answer["result"]["data_array"] == [["7"]]
    assert execute(workspace, "select x from t")["status"]["state"] == "FAILED"


def test_a_row_limit_cuts_and_says_so(workspace):
    answer = execute(workspace, "select * from range(10)", row_limit=3)

    assert len(answer["result"]["data_array"]) == 3
    assert answer["manifest"]["truncated"] is True


def test_a_list_of_tables_tells_their_columns_unless_they_are_left_out(workspace, trips):
    execute(workspace, "create table cat.ønske.counted as select borough from cat.ønske.trips")
    place = {"catalog_name": "cat", "schema_name": "ønske"}

    listed = workspace.get(f"{UC}/tables", **place)["tables"]
    columns = {one["name"]: [each["name"] for each in one["columns"]] for one in listed}
    assert columns == {"trips": ["borough", "amount"], "counted": ["borough"]}
    short = workspace.get(f"{UC}/tables", **place, omit_columns=True)["tables"]
    assert [one["columns"] for one in short] == [None, None]


def test_who_made_a_table_by_sql_alone_is_not_made_up(workspace, trips):
    execute(workspace, "create table cat.ønske.counted as select borough from cat.ønske.trips")

    listed = workspace.get(f"{UC}/tables", catalog_name="cat", schema_name="ønske")["tables"]
    assert ["owner" in one for one in listed if one["name"] == "counted"] == [False]
