"""Delta tables in DuckDB: why a table cannot be read."""

import json
import shutil
from pathlib import Path

from local.workspace.compute.delta_tables import delta_address, delta_features
from tests.local.workspace.sql_helpers import execute


def test_the_address_of_a_folder_has_no_character_with_a_meaning_in_sql_or_urls() -> None:
    assert delta_address("/a/it's 100%?#/t") == "file:///a/it%27s%20100%25%3F%23/t"


def test_the_features_of_a_table_are_those_of_its_log(tmp_path) -> None:
    log = tmp_path / "_delta_log"
    log.mkdir()
    protocol = {"protocol": {"minReaderVersion": 3, "readerFeatures": ["variantType"]}}
    (log / f"{0:020d}.json").write_text(json.dumps(protocol) + "\n")
    mapping = {"metaData": {"configuration": {"delta.columnMapping.mode": "name"}}}
    (log / f"{1:020d}.json").write_text(json.dumps(mapping) + "\n")

    assert delta_features(tmp_path) == ["column mapping by name", "variantType"]


def test_the_error_of_a_table_that_duckdb_cannot_read_says_why(workspace, trips):
    log = Path(trips) / "_delta_log" / f"{0:020d}.json"
    actions = [json.loads(line) for line in log.read_text().splitlines()]
    actions[0]["protocol"] = {
        "minReaderVersion": 3,
        "minWriterVersion": 7,
        "readerFeatures": ["fromTheFuture"],
        "writerFeatures": ["fromTheFuture"],
    }
    log.write_text("\n".join(json.dumps(each) for each in actions))

    message = execute(workspace, "select * from cat.ønske.trips")["status"]["error"]["message"]
    assert message.startswith("table cat.ønske.trips exists, but DuckDB cannot read it: ")
    assert message.endswith("(the table uses fromTheFuture); read it with Spark, in a notebook")


def test_the_error_of_a_table_without_files_says_that_it_has_no_data(workspace, trips):
    shutil.rmtree(trips)

    message = execute(workspace, "select * from cat.ønske.trips")["status"]["error"]["message"]
    assert message.startswith("table cat.ønske.trips has no data yet")


def test_an_error_of_the_statement_itself_stays(workspace, trips):
    shutil.rmtree(trips)

    message = execute(workspace, "selec * from cat.ønske.trips")["status"]["error"]["message"]
    assert message.startswith("Parser Error")
