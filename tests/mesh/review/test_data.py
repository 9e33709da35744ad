"""Changes of data: sentences, contents, readers and remedies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mesh.review.data import data_changes
from mesh.review.mesh_index import MeshIndex
from mesh.review.plan import read_plans
from mesh.review.sentence import plain

SALES = {"catalog_name": "main", "name": "sales"}
DROP = {"catalog_name": "main", "schema_name": "sales", "name": "drop"}


def sentences(folder: Path, *resources: dict[str, Any], index: MeshIndex | None = None) -> list[str]:
    """The sentences and details about the data changes of a plan."""
    file = folder / "stack.json"
    file.write_text(json.dumps({"resource_changes": resources}))
    changes = data_changes(read_plans([file]), index or MeshIndex())
    return [
        line for one in changes for line in (plain(one.sentence), *(f"  {plain(d)}" for d in one.details))
    ]


def change(type: str, actions: str, before: Any, after: Any, **more: Any) -> dict[str, Any]:
    """A change of one resource."""
    inner = {key: more.pop(key) for key in ("importing", "replace_paths") if key in more}
    body = {"actions": actions.split(), "before": before, "after": after, **inner}
    return {"address": f"{type}.x", "type": type, "change": body, **more}


@pytest.mark.parametrize(
    ("resource", "sentence"),
    [
        (change("databricks_schema", "create", None, SALES), "schema `main.sales` will be created"),
        (change("databricks_schema", "forget", SALES, None), "schema `main.sales` stays, but Terraform will no longer manage it"),
        (change("databricks_schema", "no-op", SALES, SALES, importing={"id": "main.sales"}), "schema `main.sales` will be imported into the Terraform state"),
        (change("databricks_schema", "no-op", SALES, SALES, previous_address="databricks_schema.y"), "schema `main.sales` will get a new Terraform address"),
        (change("databricks_schema", "update", SALES, SALES | {"name": "orders"}), "schema `main.sales` will be renamed to `main.orders`"),
        (change("databricks_schema", "delete", SALES, None), "schema `main.sales` will be destroyed"),
        (change("databricks_schema", "delete create", SALES, SALES | {"name": "orders"}, replace_paths=[["name"]]), "schema `main.sales` will be destroyed and recreated as `main.orders` (`name` changes)"),
        (change("databricks_catalog", "delete", {"name": "main"}, None), "catalog `main` will be destroyed"),
        (change("databricks_volume", "delete", DROP, None), "volume `main.sales.drop` will be destroyed"),
        (change("databricks_registered_model", "delete", DROP, None), "registered model `main.sales.drop` will be destroyed"),
        (change("databricks_mlflow_experiment", "delete", {"name": "/Shared/fares"}, None), "experiment `/Shared/fares` will be destroyed"),
        (change("databricks_sql_table", "delete", DROP, None), "table `main.sales.drop` will be destroyed"),
        (change("databricks_storage_credential", "delete", {"name": "lake"}, None), "storage credential `lake` will be destroyed"),
    ],
)  # fmt: skip
def test_each_outcome_is_one_sentence(tmp_path: Path, resource: dict[str, Any], sentence: str) -> None:
    assert sentences(tmp_path, resource)[0] == sentence


def test_other_changes_of_a_schema_are_not_data_changes(tmp_path: Path) -> None:
    assert sentences(tmp_path, change("databricks_schema", "update", SALES, SALES | {"comment": "new"})) == []


def test_a_pipeline_is_data_only_if_it_is_destroyed(tmp_path: Path) -> None:
    assert sentences(tmp_path, change("databricks_pipeline", "create", None, {"name": "live"})) == []
    assert sentences(tmp_path, change("databricks_pipeline", "delete", {"name": "live"}, None)) == [
        "pipeline `live` will be destroyed",
        "  its tables will be deleted, too",
    ]


def test_losses_come_first_with_their_contents_and_readers(tmp_path: Path) -> None:
    parameters = [{"name": "x_catalog", "default": "main"}, {"name": "x_schema", "default": "sales"}]
    job = {"name": "nightly", "parameter": parameters}
    pipeline = {"name": "live", "configuration": {"y_catalog": "main", "y_schema": "sales"}}
    index = MeshIndex(
        readers={"main.sales": ("acme/a/b/prep/c", "acme/a/b/prep/sales")},
        writers={"main.sales": "acme/a/b/prep/sales"},
    )

    assert sentences(
        tmp_path,
        change("databricks_schema", "create", None, {"catalog_name": "main", "name": "a"}),
        change("databricks_volume", "no-op", DROP, DROP),
        change("databricks_schema", "delete", SALES, None),
        change("databricks_job", "no-op", job, job),
        change("databricks_pipeline", "update", {"name": "live"}, pipeline),
        index=index,
    ) == [
        "schema `main.sales` will be destroyed",
        "  contains `volume main.sales.drop`",
        "  is read by `acme/a/b/prep/c`, `live`, `nightly`",
        "schema `main.a` will be created",
    ]  # fmt: skip


def test_a_loss_says_how_many_flows_read_each_table_in_code(tmp_path: Path) -> None:
    in_code = {"main.sales": {"daily": ("acme/a/b/prep/c", "acme/a/b/prep/d"), "raw": ("acme/a/b/prep/d",)}}
    index = MeshIndex(readers={"main.sales": ("acme/a/b/prep/c",)}, code_readers=lambda: in_code)
    catalog = change("databricks_catalog", "delete", {"name": "main"}, None)

    for destroyed in (change("databricks_schema", "delete", SALES, None), catalog):
        assert sentences(tmp_path, destroyed, index=index)[1:4] == [
            "  is read by `acme/a/b/prep/c`, `acme/a/b/prep/d`",
            "  2 flows read its table `daily`",
            "  1 flow reads its table `raw`",
        ]


def test_code_is_read_only_if_data_is_destroyed(tmp_path: Path) -> None:
    def fail() -> Any:
        raise AssertionError("no data is destroyed")

    created = change("databricks_schema", "create", None, SALES)

    assert sentences(tmp_path, created, index=MeshIndex(code_readers=fail)) == [
        "schema `main.sales` will be created"
    ]


def test_a_job_that_stops_reading_a_schema_is_not_a_reader(tmp_path: Path) -> None:
    parameters = [{"name": "x_catalog", "default": "main"}, {"name": "x_schema", "default": "sales"}]
    before, after = {"name": "nightly", "parameter": parameters}, {"name": "nightly"}

    assert sentences(
        tmp_path,
        change("databricks_schema", "delete", SALES, None),
        change("databricks_job", "update", before, after),
    ) == ["schema `main.sales` will be destroyed"]


def test_data_of_a_removed_project_is_kept_by_restoring_the_project(tmp_path: Path) -> None:
    index = MeshIndex(remedies={"stack": "restore projects/old"})
    destroyed = change("databricks_schema", "delete", SALES, None)
    assert sentences(tmp_path, destroyed, index=index)[-1] == "  to keep it: restore projects/old"
