"""A workspace in a folder whose name has a meaning in SQL, in URLs or in the paths of a tool."""

import json

import pytest

from local.home import Home
from tests.local.workspace.sql_helpers import execute, write_delta

UC = "/api/2.1/unity-catalog"
NAMES = ["it's", "what?", "a b", "a#b", "Ø", "100%", "100%20"]


@pytest.mark.parametrize("name", NAMES)
def test_objects_tables_and_files_work_below_any_folder(tmp_path, start, monkeypatch, name):
    home = Home(tmp_path / name)
    home.root.mkdir()
    # As the workspace is started; see `local.supervisor`.
    monkeypatch.chdir(home.root)
    with start(home) as workspace:
        workspace.post(f"{UC}/catalogs", {"name": "cat"})
        workspace.post(f"{UC}/schemas", {"name": "s", "catalog_name": "cat"})
        assert execute(workspace, "create table cat.s.own as select 7 as x")["status"]["state"] == "SUCCEEDED"
        folder = home.warehouse / "cat" / "s" / "trips"
        plain = tmp_path / "plain"
        write_delta(plain, "select 'Queens' as town")
        folder.parent.mkdir(parents=True)
        plain.rename(folder)
        table = {"name": "trips", "catalog_name": "cat", "schema_name": "s", "table_type": "EXTERNAL"}
        workspace.post(
            f"{UC}/tables", {**table, "data_source_format": "DELTA", "storage_location": folder.as_uri()}
        )
        answer = execute(workspace, "select town from cat.s.trips")
        described = workspace.get(f"{UC}/tables/cat.s.trips")
    if name == "100%20":
        assert "exists, but DuckDB cannot read it: it decodes `%20`" in json.dumps(answer)
    else:
        assert answer["result"]["data_array"] == [["Queens"]]
        assert [each["name"] for each in described["columns"]] == ["town"]
    with start(home) as workspace:
        assert execute(workspace, "select x from cat.s.own")["result"]["data_array"] == [["7"]]
    assert sorted(each.name for each in tmp_path.iterdir()) == [name]
