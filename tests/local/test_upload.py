"""Files of the checkout in the workspace."""

import pytest

from local.upload import Upload, different, put
from mesh.errors import OutsideError
from tests.local.workspace.conftest import home, workspace  # noqa: F401 - fixtures
from tests.support.local_client import client_of

NOTEBOOK = Upload("/Users/ola/mesh/flows/a", b"# Databricks notebook source\nprint(1)\n", "PYTHON")
TABLE = Upload("/Users/ola/mesh/flows/rows.csv", "borough\nÅlesund\n".encode())


def status(workspace, upload: Upload) -> dict:  # noqa: F811
    return workspace.get("/api/2.0/workspace/get-status", path=upload.path)


def test_files_that_are_missing_or_differ_are_different(workspace):  # noqa: F811
    client = client_of(workspace)
    assert different(workspace.home, [NOTEBOOK, TABLE]) == [NOTEBOOK, TABLE]

    put(client, [NOTEBOOK, TABLE])
    assert different(workspace.home, [NOTEBOOK, TABLE]) == []

    edited = Upload(NOTEBOOK.path, b"print(2)\n", "PYTHON")
    assert different(workspace.home, [edited, TABLE]) == [edited]


def test_a_notebook_stays_the_same_object_when_its_content_is_replaced(workspace):  # noqa: F811
    client = client_of(workspace)
    put(client, [NOTEBOOK, TABLE])
    before = status(workspace, NOTEBOOK)
    put(client, [Upload(NOTEBOOK.path, b"print(2)\n", "PYTHON")])
    after = status(workspace, NOTEBOOK)

    assert (before["object_type"], before["language"]) == ("NOTEBOOK", "PYTHON")
    assert after["object_id"] == before["object_id"]
    assert status(workspace, TABLE)["object_type"] == "FILE"


def test_removed_files_are_deleted_and_missing_ones_are_no_error(workspace):  # noqa: F811
    client = client_of(workspace)
    put(client, [NOTEBOOK, TABLE])
    put(client, [], [TABLE.path, "/Users/ola/never"])

    assert different(workspace.home, [NOTEBOOK, TABLE]) == [TABLE]


def test_a_folder_in_the_place_of_a_file_is_an_error(workspace):  # noqa: F811
    workspace.post("/api/2.0/workspace/mkdirs", {"path": TABLE.path})

    with pytest.raises(OutsideError, match=r"rows\.csv"):
        put(client_of(workspace), [TABLE])
