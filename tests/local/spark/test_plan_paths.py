"""Paths of volumes in Spark."""

import pytest
from pyspark.sql import functions
from pyspark.sql.connect.proto import base_pb2, commands_pb2, relations_pb2

from local.notebook.paths import Paths
from local.spark.client import connect
from local.spark.plan_paths import PlanPaths

VOLUME = "/Volumes/cat/sch/vol"


def sent(request):
    """The request that the server gets."""
    interceptor = PlanPaths(lambda path: path.replace(VOLUME, "/disk"))
    return interceptor.intercept_unary_stream(lambda details, request: request, None, request)


def plan(**root) -> base_pb2.ExecutePlanRequest:
    return base_pb2.ExecutePlanRequest(plan=base_pb2.Plan(**root))


def test_paths_and_options_of_reads_are_replaced_at_any_depth():
    read = relations_pb2.Read(
        data_source={
            "format": "csv",
            "paths": [f"{VOLUME}/a", "/other"],
            "options": {"path": f"dbfs:{VOLUME}/b"},
        }
    )
    relation = relations_pb2.Relation(limit={"limit": 1, "input": {"read": read}})
    source = sent(plan(root=relation)).plan.root.limit.input.read.data_source

    assert (list(source.paths), source.options["path"]) == (["/disk/a", "/other"], "/disk/b")


def test_paths_of_writes_and_streams_are_replaced():
    write = commands_pb2.WriteOperation(source="csv", path=f"{VOLUME}/a")
    stream = commands_pb2.WriteStreamOperationStart(path="", options={"checkpointLocation": f"{VOLUME}/c"})

    command = sent(plan(command={"write_operation": write})).plan.command
    assert command.write_operation.path == "/disk/a"
    started = sent(plan(command={"write_stream_operation_start": stream})).plan.command
    assert started.write_stream_operation_start.options["checkpointLocation"] == "/disk/c"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"select * from csv.`{VOLUME}/a.csv`", "select * from csv.`/disk/a.csv`"),
        (f"create table t location 'dbfs:{VOLUME}/t'", "create table t location '/disk/t'"),
        (f"select '{VOLUME}/a' as name", f"select '{VOLUME}/a' as name"),
    ],
)
def test_sql_names_files_but_its_texts_stay(text: str, expected: str):
    assert sent(plan(command={"sql_command": {"sql": text}})).plan.command.sql_command.sql == expected


def test_values_and_the_callers_own_request_stay():
    request = plan(root={"read": {"data_source": {"paths": [f"{VOLUME}/a"]}}})
    sent(request)

    assert list(request.plan.root.read.data_source.paths) == [f"{VOLUME}/a"]


def test_a_table_is_written_to_a_volume_and_read_from_it(local, tmp_path, monkeypatch):
    monkeypatch.delenv("SPARK_CONNECT_MODE_ENABLED", raising=False)
    session = connect(
        str(local.status.spark_remote),
        Paths(tmp_path, lambda: {"cat.sch.vol": str(tmp_path / "volume")}).disk,
    )
    session.range(3).write.csv(f"{VOLUME}/numbers")

    assert sorted(row[0] for row in session.read.csv(f"{VOLUME}/numbers").collect()) == ["0", "1", "2"]
    assert session.sql(f"select count(*) from csv.`{VOLUME}/numbers`").first()[0] == 3
    assert session.range(3).agg(functions.sum("id")).first()[0] == 3
    assert list((tmp_path / "volume/numbers").glob("part-*.csv"))
    session.stop()
