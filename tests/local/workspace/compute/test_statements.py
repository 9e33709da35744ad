"""SQL through the Statement Execution API."""

from pathlib import Path

import pytest

from tests.local.workspace.sql_helpers import execute, write_delta

UC = "/api/2.1/unity-catalog"


@pytest.mark.parametrize(
    "name", ["cat.ønske.trips", "CAT.`ønske`.Trips", '"cat"."ønske"."trips"', "cat.ønske.trips t"]
)
def test_sql_finds_a_delta_table_in_any_spelling(workspace, trips, name):
    answer = execute(workspace, f"select borough, sum(amount) from {name} group by 1 order by 1")

    assert answer["status"]["state"] == "SUCCEEDED", answer
    assert answer["result"]["data_array"] == [["Bronx", "20.25"], ["Queens", "10.50"]]


def test_columns_can_be_qualified_by_their_table(workspace, trips):
    answer = execute(workspace, "select trips.borough from cat.ønske.trips where trips.amount > 11")

    assert answer["result"]["data_array"] == [["Bronx"]]


def test_sql_reads_the_current_columns_of_a_delta_table(workspace, trips):
    execute(workspace, "select * from cat.ønske.trips")
    write_delta(Path(trips), "select 'Queens' as town")

    answer = execute(workspace, "select * from cat.ønske.trips")
    assert answer["manifest"]["schema"]["columns"][0]["name"] == "town"


def test_sql_cannot_write_a_delta_table(workspace, trips):
    status = execute(workspace, "insert into cat.ønske.trips values ('Queens', 1)")["status"]

    assert status["error"]["message"].startswith("SQL cannot write Delta tables in the local workspace")


def test_sql_cannot_read_a_deleted_table(workspace, trips):
    execute(workspace, "select * from cat.ønske.trips")
    workspace.delete(f"{UC}/tables/cat.ønske.trips")

    assert execute(workspace, "select * from cat.ønske.trips")["status"]["state"] == "FAILED"
    assert workspace.get(f"{UC}/tables", catalog_name="cat", schema_name="ønske")["tables"] == []


def test_cells_are_text_and_columns_have_databricks_types(workspace):
    answer = execute(
        workspace,
        "select 1::bigint a, 1.50::decimal(10,2) b, true c, null::varchar d, date '2019-03-01' e,"
        " timestamptz '2019-03-01 11:00:00+01' f, 'nan'::double g, [1] h",
    )

    types = [column["type_name"] for column in answer["manifest"]["schema"]["columns"]]
    assert types == ["LONG", "DECIMAL", "BOOLEAN", "STRING", "DATE", "TIMESTAMP", "DOUBLE", "ARRAY"]
    assert answer["result"]["data_array"] == [
        ["1", "1.50", "true", None, "2019-03-01", "2019-03-01T10:00:00.000Z", "nan", "[1]"]
    ]


def test_a_timestamp_without_a_zone_is_timestamp_ntz(workspace):
    answer = execute(
        workspace,
        "select timestamp '2019-03-01 10:00:00' a, [timestamp '2019-03-01 10:00:00'] b,"
        " timestamp_s '2019-03-01 10:00:00' c",
    )

    types = [column["type_name"] for column in answer["manifest"]["schema"]["columns"]]
    assert types == ["TIMESTAMP_NTZ", "ARRAY", "TIMESTAMP_NTZ"]
    moment = "2019-03-01T10:00:00.000"
    assert answer["result"]["data_array"] == [[moment, f'["{moment}"]', moment]]


def test_intervals_keep_their_months(workspace):
    answer = execute(
        workspace,
        "select interval '1 month' a, interval '90 minutes' b, 1 as b, [interval '2 years'] c; -- done",
    )

    assert answer["result"]["data_array"] == [["1 month", "01:30:00", "1", '["2 years"]']]
    assert answer["manifest"]["schema"]["columns"][0]["type_name"] == "INTERVAL"


@pytest.mark.parametrize("statement", ["", " ;", "-- nothing"])
def test_an_empty_statement_fails_with_its_reason(workspace, statement):
    assert execute(workspace, statement)["status"]["error"]["message"] == "the statement is empty"


def test_an_invalid_statement_has_state_failed_and_an_error(workspace):
    status = execute(workspace, "select * from nowhere.at.all")["status"]

    assert status["state"] == "FAILED"
    assert "nowhere" in status["error"]["message"]


def test_an_unknown_warehouse_is_refused(workspace):
    body = {"warehouse_id": "none", "statement": "select 1"}
    workspace.post("/api/2.0/sql/statements", body, status=404)


def test_names_without_catalog_use_the_catalog_and_schema_of_the_request(workspace):
    workspace.post(f"{UC}/catalogs", {"name": "cat"})
    workspace.post(f"{UC}/schemas", {"name": "s", "catalog_name": "cat"})
    assert execute(workspace, "create table cat.s.t as select 7 as x")["status"]["state"] == "SUCCEEDED"

    answer = execute(workspace, "select x from t", catalog="cat", schema="s")
    assert answer["result"]["data_array"] == [["7"]]
    assert execute(workspace, "select x from t")["status"]["state"] == "FAILED"


def test_a_row_limit_truncates_the_result(workspace):
    answer = execute(workspace, "select * from range(10)", row_limit=3)

    assert len(answer["result"]["data_array"]) == 3
    assert answer["manifest"]["truncated"] is True
