"""Notebooks, files and directories of the workspace."""

import base64

import pytest

API = "/api/2.0/workspace"


def import_object(workspace, path: str, text: str = "x", status: int = 200, **more) -> dict:
    """Import a file or a notebook."""
    content = base64.b64encode(text.encode()).decode()
    return workspace.post(f"{API}/import", {"path": path, "content": content, **more}, status=status)


def object_type(workspace, path: str) -> str:
    """The type of the object at a path."""
    return workspace.get(f"{API}/get-status", path=path)["object_type"]


def test_a_notebook_is_exported_unchanged(workspace):
    source = "# Databricks notebook source\nprint('blåbær')\n"
    import_object(workspace, "/a/b/nb", source, format="SOURCE", language="PYTHON")

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
def test_the_format_decides_between_file_and_notebook(workspace, path, text, more, expected):
    import_object(workspace, path, text, **more)

    assert object_type(workspace, path) == expected


def test_the_multipart_form_of_the_sdk_is_imported(workspace):
    form = {"path": "/a", "format": "SOURCE", "language": "PYTHON", "overwrite": "true"}
    for text in (b"1", b"2"):
        answer = workspace.http.post(f"{API}/import", data=form, files={"content": ("a", text)})
        assert answer.status_code == 200, answer.text

    assert object_type(workspace, "/a") == "NOTEBOOK"
    assert (workspace.home.files / "a").read_bytes() == b"2"


def test_an_invalid_import_request_is_refused(workspace):
    for body in ("[]", "{", '{"path": "/a", "content": "%%"}'):
        assert workspace.http.post(f"{API}/import", content=body).status_code == 400


def test_the_prefix_workspace_is_the_root(workspace):
    import_object(workspace, "/Workspace/Users/me/nb", format="SOURCE", language="SQL")

    assert workspace.get(f"{API}/get-status", path="/Users/me/nb")["path"] == "/Users/me/nb"


def test_an_existing_object_is_replaced_only_with_overwrite_and_keeps_its_id(workspace):
    import_object(workspace, "/a", format="RAW")
    before = workspace.get(f"{API}/get-status", path="/a")["object_id"]

    refused = import_object(workspace, "/a", "y", status=409, format="RAW")
    assert refused["error_code"] == "RESOURCE_ALREADY_EXISTS"
    import_object(workspace, "/a", "y", format="RAW", overwrite=True)
    assert workspace.get(f"{API}/get-status", path="/a")["object_id"] == before


@pytest.mark.parametrize("path", ["/../x", "/a/../../x", "relative"])
def test_a_path_outside_the_workspace_is_refused(workspace, path):
    import_object(workspace, path, status=400, format="RAW")
    workspace.get(f"{API}/export", path=path, status=400)
    workspace.post(f"{API}/delete", {"path": path}, status=400)


def test_a_directory_that_is_not_empty_is_deleted_only_recursively(workspace):
    import_object(workspace, "/a/b/nb", format="SOURCE", language="PYTHON")

    refused = workspace.post(f"{API}/delete", {"path": "/a"}, status=400)
    assert refused["error_code"] == "DIRECTORY_NOT_EMPTY"
    workspace.post(f"{API}/delete", {"path": "/a", "recursive": True})
    assert (
        workspace.get(f"{API}/get-status", path="/a/b/nb", status=404)["error_code"]
        == "RESOURCE_DOES_NOT_EXIST"
    )


def test_mkdirs_creates_missing_directories_and_accepts_existing_ones(workspace):
    workspace.post(f"{API}/mkdirs", {"path": "/a/b"})
    workspace.post(f"{API}/mkdirs", {"path": "/a/b"})

    listed = workspace.get(f"{API}/list", path="/a")["objects"]
    assert [(each["path"], each["object_type"]) for each in listed] == [("/a/b", "DIRECTORY")]


def test_a_file_is_imported_and_read_as_bytes(workspace):
    content = bytes(range(256))
    answer = workspace.http.post("/api/2.0/workspace-files/import-file/a/b.bin", content=content)

    assert answer.status_code == 200
    assert workspace.http.get("/api/2.0/workspace-files/a/b.bin").content == content
    assert object_type(workspace, "/a/b.bin") == "FILE"


def test_a_jupyter_notebook_is_a_notebook_with_its_content(workspace):
    content = b'{"cells": [], "nbformat": 4}'
    body = {"path": "/nb/a", "format": "JUPYTER", "content": base64.b64encode(content).decode()}
    workspace.post("/api/2.0/workspace/import", body)

    status = workspace.get("/api/2.0/workspace/get-status", path="/nb/a")
    assert (status["object_type"], status["language"]) == ("NOTEBOOK", "PYTHON")
    exported = workspace.get("/api/2.0/workspace/export", path="/nb/a")
    assert base64.b64decode(exported["content"]) == content
