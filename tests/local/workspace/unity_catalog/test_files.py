"""Files of volumes."""

import pytest
from fastapi.testclient import TestClient

from tests.local.workspace.conftest import ORIGIN
from tests.local.workspace.unity_catalog.helpers import UC, create_external_volume

FILES = "/api/2.0/fs/files/Volumes"
DIRECTORIES = "/api/2.0/fs/directories/Volumes"


@pytest.mark.parametrize("kind", ["MANAGED", "EXTERNAL"])
def test_files_of_a_volume_are_written_listed_read_and_deleted(workspace, schema, kind):
    if kind == "EXTERNAL":
        create_external_volume(workspace, schema, "v", "abfss://lake@account.dfs.core.windows.net/landing")
    else:
        workspace.post(f"{UC}/volumes", {**schema, "name": "v", "volume_type": kind})
    http, file = workspace.http, f"{FILES}/cat/s/v/2019/trips.csv"

    assert http.put(file, content=b"a,b\n").status_code == 204
    assert http.put(file, content=b"x").status_code == 409
    assert http.put(f"{file}?overwrite=true", content=b"a,b,c\n").status_code == 204
    assert (http.get(file).content, http.head(file).headers["content-length"]) == (b"a,b,c\n", "6")
    (listed,) = workspace.get(f"{DIRECTORIES}/cat/s/v/2019")["contents"]
    assert (listed["path"], listed["file_size"]) == ("/Volumes/cat/s/v/2019/trips.csv", 6)
    assert http.delete(f"{DIRECTORIES}/cat/s/v/2019").status_code == 400
    assert http.delete(file).status_code == 204
    assert http.get(file).status_code == 404
    assert http.delete(f"{DIRECTORIES}/cat/s/v/2019").status_code == 204
    assert workspace.get(f"{DIRECTORIES}/cat/s/v")["contents"] == []


@pytest.mark.parametrize("path", ["cat/s/none/x", "cat/s", "cat/s/v/..%2F..%2Fx"])
def test_a_file_outside_a_volume_is_refused(workspace, schema, path):
    workspace.post(f"{UC}/volumes", {**schema, "name": "v", "volume_type": "MANAGED"})

    assert workspace.http.put(f"{FILES}/{path}", content=b"x").status_code in (400, 404)


def test_the_page_of_files_begins_above_the_volumes(workspace, schema):
    workspace.post(f"{UC}/volumes", {**schema, "name": "v", "volume_type": "MANAGED"})
    browser = TestClient(workspace.http.app, base_url=ORIGIN)
    browser.get("/", params={"token": workspace.home.token()})

    def listed(path):
        return [one["path"] for one in browser.get(f"/api/2.0/fs/directories/{path}").json()["contents"]]

    above = [listed(path) for path in ("", "Volumes", "Volumes/cat", "Volumes/cat/s", "Volumes/other")]
    assert above == [["/Volumes"], ["/Volumes/cat"], ["/Volumes/cat/s"], ["/Volumes/cat/s/v"], []]
    assert listed("Volumes/cat/s/v") == []
    assert workspace.http.get("/api/2.0/fs/directories/").status_code == 400
