"""Findings about new files are told at the lines of the bundle."""

from __future__ import annotations

from pathlib import Path

from mesh.commands.import_bundle.generated_check import checked
from mesh.commands.import_bundle.node import Node, Place
from mesh.commands.import_bundle.project_place import project_place
from mesh.commands.import_bundle.remarks import Remarks

FILE = "orgs/acme/domains/sales/projects/orders/flows/prep/a/deployment.yml"


def task(**fields: object) -> Node:
    place = Place("databricks.yml", 7, 3)
    inner = {"task_key": Node("a", place), "serverless": Node(True, place)}
    inner |= {name: Node(value, Place("x.yml", 9, 1)) for name, value in fields.items()}
    return Node({"tasks": Node([Node(inner, place)], place)}, place)


def check(tree: Node, tmp_path: Path) -> tuple[bytes, Remarks]:
    remarks = Remarks(".")
    place = project_place(tmp_path, "acme/sales/orders", "")
    notebook = {f"{FILE.removesuffix('deployment.yml')}a.py": b"# Databricks notebook source\n"}
    made = checked(place, notebook, {FILE: tree}, {FILE: "# From here.\n"}, remarks)
    return made[FILE], remarks


def test_a_file_that_is_valid_has_its_header(tmp_path: Path) -> None:
    text, remarks = check(task(), tmp_path)

    assert text == b"# From here.\ntasks:\n- task_key: a\n  serverless: true\n"
    assert remarks.errors + remarks.warnings == []


def test_an_unknown_field_is_left_out(tmp_path: Path) -> None:
    text, remarks = check(task(colour="red", size="big"), tmp_path)

    assert text == b"# From here.\ntasks:\n- task_key: a\n  serverless: true\n"
    assert [(one.file, one.line, one.code) for one in remarks.warnings] == [
        ("x.yml", 9, "bundle-not-taken")
    ] * 2


def test_another_finding_is_an_error_at_its_place_in_the_bundle(tmp_path: Path) -> None:
    _, remarks = check(task(max_retries="many"), tmp_path)

    assert [(one.file, one.line, one.code) for one in remarks.errors] == [("x.yml", 9, "wrong-type")]


def test_an_error_that_the_mesh_has_already_does_not_stop_an_import(tmp_path: Path) -> None:
    other = tmp_path / "orgs/acme/domains/sales/projects/other/flows/prep/b"
    other.mkdir(parents=True)
    (other / "deployment.yml").write_text("tasks: [{task_key: missing, serverless: true}]\n")

    _, remarks = check(task(), tmp_path)

    assert remarks.errors == []
