"""Notebooks, files and directories of the workspace."""

import base64

import pytest

API = "/api/2.0/workspace"


def put(workspace, path: str, text: str = "x", status: int = 200, **more) -> dict:
    """Import something."""
    content = base64.b64encode(text.encode()).decode()
    return workspace.post(f"{API}/import", {"path": path, "content": content, **more}, status=status)


def kind(workspace, path: str) -> str:
    """What is at a path."""
    return workspace.get(f"{API}/get-status", path=path)["object_type"]


def test_a_notebook_comes_back_as_it_was_given(workspace):
    source = "# Databricks notebook source\nprint('blåbær')\n"
    put(workspace, "/a/b/nb", source, format="SOURCE", language="PYTHON")

    status = workspace.get(f"{API}/get-status", path="/a/b/nb")
    assert (status["object_type"], status["language"]) == ("NOTEBOOK", "PYTHON")
    exported = workspace.get(f"{API}/export", path="/a/b/nb", format="SOURCE")
    assert base64.b64decode(exported["content"]).decode() == source
    assert (workspace.home.files / "a" / "b" / "nb").read_text() == source


@pytest.mark.parametrize(
    ("path", "text", "more", "expected"),
    [
        ("/a.csv", "1,2", {"format": "RAW"}, "FILE"),
        ("/a.py", "x = 1", {"format": "AUTO"}, "FILE"),
        ("/a.py", "# Databricks notebook source\n", {"format": "AUTO"}, "NOTEBOOK"),
        ("/a.sql", "-- Databricks notebook source\n", {"format": "AUTO"}, "NOTEBOOK"),
        ("/a", "x = 1", {"format": "AUTO", "language": "PYTHON"}, "NOTEBOOK"),
        ("/a.py", "x = 1", {}, "NOTEBOOK"),
    ],
)
def test_the_format_tells_files_from_notebooks(workspace, path, text, more, expected):
    put(workspace, path, text, **more)

    assert kind(workspace, path) == expected


def test_a_form_imports_as_the_sdk_sends_it(workspace):
    form = {"path": "/a", "format": "SOURCE", "language": "PYTHON", "overwrite": "true"}
    for text in (b"1", b"2"):
        answer = workspace.http.post(f"{API}/import", data=form, files={"content": ("a", text)})
        assert answer.status_code == 200, answer.text

    assert kind(workspace, "/a") == "NOTEBOOK"
    assert (workspace.home.files / "a").read_bytes() == b"2"


def test_a_request_that_is_none_is_refused(workspace):
    for body in ("[]", "{", '{"path": "/a", "content": "%%"}'):
        assert workspace.http.post(f"{API}/import", content=body).status_code == 400


def test_workspace_is_another_word_for_the_root(workspace):
    put(workspace, "/Workspace/Users/me/nb", format="SOURCE", language="SQL")

    assert workspace.get(f"{API}/get-status", path="/Users/me/nb")["path"] == "/Users/me/nb"


def test_what_is_there_is_replaced_only_if_asked_for_and_keeps_its_id(workspace):
    put(workspace, "/a", format="RAW")
    before = workspace.get(f"{API}/get-status", path="/a")["object_id"]

    refused = put(workspace, "/a", "y", status=409, format="RAW")
    assert refused["error_code"] == "RESOURCE_ALREADY_EXISTS"
    put(workspace, "/a", "y", format="RAW", overwrite=True)
    assert workspace.get(f"{API}/get-status", path="/a")["object_id"] == before


@pytest.mark.parametrize("path", ["/../x", "/a/../../x", "relative"])
def test_no_path_leads_out_of_the_workspace(workspace, path):
    put(workspace, path, status=400, format="RAW")
    workspace.get(f"{API}/export", path=path, status=400)
    workspace.post(f"{API}/delete", {"path": path}, status=400)


def test_a_directory_with_something_in_it_is_deleted_only_recursively(workspace):
    put(workspace, "/a/b/nb", format="SOURCE", language="PYTHON")

    refused = workspace.post(f"{API}/delete", {"path": "/a"}, status=400)
    assert refused["error_code"] == "DIRECTORY_NOT_EMPTY"
    workspace.post(f"{API}/delete", {"path": "/a", "recursive": True})
    assert (
        workspace.get(f"{API}/get-status", path="/a/b/nb", status=404)["error_code"]
        == "RESOURCE_DOES_NOT_EXIST"
    )


def test_mkdirs_makes_what_is_missing_and_says_nothing_of_what_is_there(workspace):
    workspace.post(f"{API}/mkdirs", {"path": "/a/b"})
    workspace.post(f"{API}/mkdirs", {"path": "/a/b"})

    listed = workspace.get(f"{API}/list", path="/a")["objects"]
    assert [(each["path"], each["object_type"]) for each in listed] == [("/a/b", "DIRECTORY")]


def test_a_file_can_be_sent_and_fetched_as_bytes(workspace):
    content = bytes(range(256))
    answer = workspace.http.post("/api/2.0/workspace-files/import-file/a/b.bin", content=content)

    assert answer.status_code == 200
    assert workspace.http.get("/api/2.0/workspace-files/a/b.bin").content == content
    assert kind(workspace, "/a/b.bin") == "FILE"
