"""Notebooks, files, folders and Git folders against a fake workspace."""

import base64
from pathlib import Path

import pytest

from local.provider.api import ApiError
from tests.support.rest_api import FakeRestApi, resource

WORKSPACE = "/api/2.0/workspace"
IMPORT = f"POST {WORKSPACE}/import"


def workspace() -> FakeRestApi:
    """A workspace that accepts folders and imports."""
    return FakeRestApi({f"POST {WORKSPACE}/mkdirs": {}, IMPORT: {}, f"POST {WORKSPACE}/delete": {}})


def test_a_file_is_imported_into_its_folder_and_overwrites() -> None:
    fake = workspace()
    file, context = resource("databricks_workspace_file", fake)
    assert file.create(context, {"path": "/a/b.txt", "content_base64": "eA=="}) == "/a/b.txt"
    assert fake.sent(f"POST {WORKSPACE}/mkdirs") == {"path": "/a"}
    assert fake.sent(IMPORT) == {
        "path": "/a/b.txt",
        "content": "eA==",
        "format": "RAW",
        "overwrite": True,
    }
    assert not file.can_roll_back({})


@pytest.mark.parametrize(
    ("planned", "language"),
    [
        ({"path": "/n.sql"}, "SQL"),
        ({"path": "/n", "language": "SCALA"}, "SCALA"),
        ({"path": "/n"}, None),
    ],
)
def test_the_language_of_a_notebook_is_set_or_derived_from_the_suffix(
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
    assert fake.sent(f"POST {WORKSPACE}/delete") == {"path": "/a", "recursive": False}


def test_the_path_and_the_address_of_a_file_are_read() -> None:
    status = {"object_id": 5, "object_type": "FILE", "path": "/a"}
    file, context = resource(
        "databricks_workspace_file", FakeRestApi({f"GET {WORKSPACE}/get-status": status})
    )
    state = file.read(context, "/a", {})
    assert (state["path"], state["workspace_path"]) == ("/a", "/Workspace/a")
    assert (state["object_id"], state["url"]) == (5, "http://127.0.0.1:1/#workspace/a")


def test_a_git_folder_only_changes_its_checkout() -> None:
    path = "/api/2.0/repos/9"
    answer = {"id": 9, "path": "/Repos/x", "branch": "b", "provider": "gitHub", "head_commit_id": "c0ffee"}
    fake = FakeRestApi({f"PATCH {path}": {}, f"GET {path}": answer})
    folder, context = resource("databricks_repo", fake)
    folder.update(context, "9", {"branch": "a"}, {"branch": "a"})
    assert fake.calls == []
    folder.update(context, "9", {"branch": "b"}, {"branch": "a"})
    assert fake.sent(f"PATCH {path}") == {"branch": "b"}
    state = folder.read(context, "9", {})
    assert (state["commit_hash"], state["git_provider"]) == ("c0ffee", "gitHub")
    assert state["workspace_path"] == "/Workspace/Repos/x"
