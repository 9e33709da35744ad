"""Remarks about a bundle: errors and warnings with their places, each once."""

from __future__ import annotations

from mesh.commands.import_bundle.node import Place
from mesh.commands.import_bundle.remarks import Remarks


def test_a_remark_is_kept_once_and_names_the_file_from_the_readers_folder() -> None:
    remarks = Remarks("../taxi")
    for _ in range(2):
        remarks.not_taken(Place("databricks.yml", 3, 5), "`sync`", "remove it")
    remarks.changed(Place("databricks.yml", 2, 1), "`a`", "`b`")
    remarks.wrong(Place("x.yml"), "broken", "correct it")

    assert [str(one) for one in remarks.warnings] == [
        "../taxi/databricks.yml:2:1: warning: changed: `a` (`b`)",
        "../taxi/databricks.yml:3:5: warning: not taken: `sync` (remove it)",
    ]
    assert [str(one) for one in remarks.errors] == ["../taxi/x.yml:1:1: broken (correct it)"]


def test_in_the_current_folder_there_is_no_prefix() -> None:
    remarks = Remarks(".")
    remarks.wrong(Place("databricks.yml"), "broken", "correct it")

    assert [one.file for one in remarks.errors] == ["databricks.yml"]
