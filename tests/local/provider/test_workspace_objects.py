"""Notebooks, files, folders and Git folders against a fake workspace."""

import base64
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from local.provider.api import ApiError
from local.provider.difference import Difference
from local.provider.registry import RESOURCE_TYPES
from local.provider.resource_type import Known
from tests.support.rest_api import FakeRestApi, error_response, resource

WORKSPACE = "/api/2.0/workspace"
IMPORT = f"POST {WORKSPACE}/import"


def workspace() -> FakeRestApi:
    """A workspace that accepts folders and imports."""
    return FakeRestApi({f"POST {WORKSPACE}/mkdirs": {}, IMPORT: {}, f"POST {WORKSPACE}/delete": {}})


def test_a_file_is_imported_into_its_folder_and_overwrites() -> None:
    fake = workspace()
    file, context = resource("databricks_workspace_file", fake)
    assert file.create(context, {"path": "/a/b.txt", "content_base64": "eA=="}) == "/a/b.txt"
    assert fake.calls == [IMPORT]
    assert fake.sent(IMPORT) == {
        "path": "/a/b.txt",
        "content": "eA==",
        "format": "RAW",
        "overwrite": True,
    }
    assert not file.can_roll_back({})


def test_the_folder_of_a_file_is_created_when_there_is_none() -> None:
    fake = workspace()
    missing = iter([error_response(404, "RESOURCE_DOES_NOT_EXIST", "The parent folder (/a) does not exist.")])
    fake.answers[IMPORT] = lambda: next(missing, lambda: httpx2.Response(200, json={}))()
    file, context = resource("databricks_workspace_file", fake)
    file.create(context, {"path": "/a/b.txt", "content_base64": "eA=="})
    assert fake.calls == [IMPORT, f"POST {WORKSPACE}/mkdirs", IMPORT]
    assert fake.sent(f"POST {WORKSPACE}/mkdirs") == {"path": "/a"}


@pytest.mark.parametrize(
    ("planned", "language"),
    [
        ({"path": "/n", "language": "SCALA"}, "SCALA"),
        ({"path": "/n"}, None),
    ],
)
def test_the_language_of_a_notebook_is_sent_if_it_is_set(
    planned: dict[str, str], language: str | None
) -> None:
    fake = workspace()
    notebook, context = resource("databricks_notebook", fake)
    notebook.create(context, {**planned, "content_base64": ""})
    assert fake.sent(IMPORT).get("language") == language
    assert fake.sent(IMPORT)["format"] == "SOURCE"


def test_the_content_may_come_from_an_absolute_path(tmp_path: Path) -> None:
    source = tmp_path / "n.py"
    source.write_text("x = 1")
    fake = workspace()
    notebook, context = resource("databricks_notebook", fake)
    notebook.update(context, "/n", {"path": "/n", "source": str(source)}, {})
    assert base64.b64decode(fake.sent(IMPORT)["content"]) == b"x = 1"
    assert fake.sent(IMPORT)["language"] == "PYTHON"


@pytest.mark.parametrize(
    ("planned", "message"),
    [
        ({}, "/n: set either `content_base64` or `source`"),
        ({"source": "n.py"}, "n.py: the offline provider needs an absolute path"),
        ({"source": "/no/such/file"}, "/no/such/file: No such file or directory"),
    ],
)
def test_a_missing_content_is_refused(planned: dict[str, str], message: str) -> None:
    notebook, context = resource("databricks_notebook", workspace())
    with pytest.raises(ApiError, match=message):
        notebook.create(context, {"path": "/n", **planned})


def test_a_directory_is_deleted_with_its_contents_only_on_request() -> None:
    fake = workspace()
    directory, context = resource("databricks_directory", fake)
    assert directory.create(context, {"path": "/a"}) == "/a"
    directory.delete(context, "/a", {"delete_recursive": True})
    assert fake.sent(f"POST {WORKSPACE}/delete") == {"path": "/a", "recursive": True}
    directory.delete(context, "/a", {})
    assert fake.sent(f"POST {WORKSPACE}/delete") == {"path": "/a"}


def test_the_path_and_the_address_of_a_file_are_read() -> None:
    status = {"object_id": 5, "object_type": "FILE", "path": "/a"}
    file, context = resource(
        "databricks_workspace_file", FakeRestApi({f"GET {WORKSPACE}/get-status": status})
    )
    state = file.read(context, "/a", Known({}, created=True))
    assert (state["path"], state["workspace_path"]) == ("/a", "/Workspace/a")
    assert (state["object_id"], state["url"]) == (5, "http://127.0.0.1:1/#workspace/a")


def test_a_git_folder_only_changes_its_checkout() -> None:
    path = "/api/2.0/repos/9"
    answer = {"id": 9, "path": "/Repos/x", "branch": "b", "provider": "gitHub", "head_commit_id": "c0ffee"}
    fake = FakeRestApi({f"PATCH {path}": {}, f"GET {path}": answer})
    folder, context = resource("databricks_repo", fake)
    folder.update(context, "9", {"branch": "b"}, {"branch": "a"})
    assert fake.sent(f"PATCH {path}") == {"branch": "b"}
    state = folder.read(context, "9", Known({}, created=True))
    assert (state["commit_hash"], state["git_provider"]) == ("c0ffee", "gitHub")
    assert state["workspace_path"] == "/Workspace/Repos/x"


def test_a_git_folder_at_another_tag_has_no_branch() -> None:
    path = "/api/2.0/repos/9"
    fake = FakeRestApi({f"PATCH {path}": {}, f"GET {path}": {"id": 9, "path": "/Repos/x"}})
    folder, context = resource("databricks_repo", fake)
    folder.update(context, "9", {"branch": "main", "tag": "v1"}, {"branch": "main"})
    assert fake.sent(f"PATCH {path}") == {"tag": "v1"}
    state = folder.read(context, "9", Known({"branch": "main", "tag": "v1"}, applied=True))
    assert state["branch"] == ""


def test_a_git_folder_is_created_below_its_folder_at_its_branch() -> None:
    repos, path = "/api/2.0/repos", "/api/2.0/repos/9"
    fake = FakeRestApi({f"POST {WORKSPACE}/mkdirs": {}, f"POST {repos}": {"id": 9, "branch": "main"}})
    fake.answers[f"PATCH {path}"] = {}
    folder, context = resource("databricks_repo", fake)
    planned = {"url": "https://github.com/a/b", "path": "/Repos/x/b", "branch": "dev"}
    assert folder.create(context, planned) == "9"
    assert fake.sent(f"POST {repos}") == {
        "url": "https://github.com/a/b",
        "path": "/Repos/x/b",
        "provider": "gitHub",
    }
    assert fake.sent(f"PATCH {path}") == {"branch": "dev"}


def test_a_git_folder_of_an_unknown_server_is_refused() -> None:
    folder, context = resource("databricks_repo", FakeRestApi({}))
    with pytest.raises(ApiError, match="git_provider has no provider"):
        folder.create(context, {"url": "/srv/git/b"})


def test_the_content_of_a_notebook_is_not_read_back() -> None:
    """After a creation nothing is read; later the format stays."""
    fake = FakeRestApi({f"GET {WORKSPACE}/get-status": {"path": "/n", "object_id": 5, "language": "SQL"}})
    notebook, context = resource("databricks_notebook", fake)
    planned = {"path": "/n", "language": "PYTHON", "content_base64": "eA=="}
    created = notebook.read(context, "/n", Known(planned, created=True, applied=True))
    assert (created["md5"], created["format"], created["object_id"]) == (
        "9dd4e461268c8034f5c8564e155c67a6",
        "SOURCE",
        0,
    )
    assert fake.calls == []
    assert notebook.read(context, "/n", Known({**planned, "format": "SOURCE"}))["object_id"] == 5


def test_an_unchanged_content_is_no_change() -> None:
    rule = RESOURCE_TYPES["databricks_notebook"].behaviour.suppressed["md5"]
    difference = Difference(
        "9dd4e461268c8034f5c8564e155c67a6", "different", configuration={"content_base64": "eA=="}
    )
    assert rule(("md5",), difference)
    assert not rule(("md5",), replace(difference, configuration={"content_base64": "eQ=="}))
