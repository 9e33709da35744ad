"""What happens to data, and who relies on it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mesh.review.data import data_changes
from mesh.review.mesh_index import Known
from mesh.review.plan import read_plans
from mesh.review.sentence import plain

SALES = {"catalog_name": "main", "name": "sales"}
DROP = {"catalog_name": "main", "schema_name": "sales", "name": "drop"}


def told(folder: Path, *resources: dict[str, Any], known: Known | None = None) -> list[str]:
    """The sentences about a plan."""
    file = folder / "stack.json"
    file.write_text(json.dumps({"resource_changes": resources}))
    changes = data_changes(read_plans([file]), known or Known())
    return [
        line for one in changes for line in (plain(one.sentence), *(f"  {plain(d)}" for d in one.details))
    ]


def change(type: str, actions: str, before: Any, after: Any, **more: Any) -> dict[str, Any]:
    """A change of one resource."""
    inner = {key: more.pop(key) for key in ("importing", "replace_paths") if key in more}
    said = {"actions": actions.split(), "before": before, "after": after, **inner}
    return {"address": f"{type}.x", "type": type, "change": said, **more}


@pytest.mark.parametrize(
    ("resource", "sentence"),
    [
        (change("databricks_schema", "create", None, SALES), "makes schema `main.sales`"),
        (change("databricks_schema", "forget", SALES, None), "leaves schema `main.sales` where it is, but manages it no more"),
        (change("databricks_schema", "no-op", SALES, SALES, importing={"id": "main.sales"}), "takes schema `main.sales` under Terraform as it is"),
        (change("databricks_schema", "no-op", SALES, SALES, previous_address="databricks_schema.y"), "keeps schema `main.sales` under another place in the mesh"),
        (change("databricks_schema", "update", SALES, SALES | {"name": "orders"}), "renames schema `main.sales` to `main.orders`"),
        (change("databricks_schema", "delete", SALES, None), "destroys schema `main.sales`"),
        (change("databricks_schema", "delete create", SALES, SALES | {"name": "orders"}, replace_paths=[["name"]]), "destroys schema `main.sales` and makes it anew as `main.orders` (`name` changes)"),
        (change("databricks_catalog", "delete", {"name": "main"}, None), "destroys catalog `main`"),
        (change("databricks_volume", "delete", DROP, None), "destroys volume `main.sales.drop`"),
        (change("databricks_registered_model", "delete", DROP, None), "destroys registered model `main.sales.drop`"),
        (change("databricks_mlflow_experiment", "delete", {"name": "/Shared/fares"}, None), "destroys experiment `/Shared/fares`"),
        (change("databricks_sql_table", "delete", DROP, None), "destroys table `main.sales.drop`"),
        (change("databricks_storage_credential", "delete", {"name": "lake"}, None), "destroys storage credential `lake`"),
    ],
)  # fmt: skip
def test_what_happens_is_one_sentence(tmp_path: Path, resource: dict[str, Any], sentence: str) -> None:
    assert told(tmp_path, resource)[0] == sentence


def test_what_is_only_changed_is_told_elsewhere(tmp_path: Path) -> None:
    assert told(tmp_path, change("databricks_schema", "update", SALES, SALES | {"comment": "new"})) == []


def test_a_pipeline_is_data_only_when_its_tables_go(tmp_path: Path) -> None:
    assert told(tmp_path, change("databricks_pipeline", "create", None, {"name": "live"})) == []
    assert told(tmp_path, change("databricks_pipeline", "delete", {"name": "live"}, None)) == [
        "destroys pipeline `live`",
        "  its tables go with it",
    ]


def test_losses_come_first_with_what_is_in_them_and_who_reads_them(tmp_path: Path) -> None:
    parameters = [{"name": "x_catalog", "default": "main"}, {"name": "x_schema", "default": "sales"}]
    job = {"name": "nightly", "parameter": parameters}
    pipeline = {"name": "live", "configuration": {"y_catalog": "main", "y_schema": "sales"}}
    known = Known(
        readers={"main.sales": ("acme/a/b/prep/c", "acme/a/b/prep/sales")},
        fillers={"main.sales": "acme/a/b/prep/sales"},
    )

    assert told(
        tmp_path,
        change("databricks_schema", "create", None, {"catalog_name": "main", "name": "a"}),
        change("databricks_volume", "no-op", DROP, DROP),
        change("databricks_schema", "delete", SALES, None),
        change("databricks_job", "no-op", job, job),
        change("databricks_pipeline", "update", {"name": "live"}, pipeline),
        known=known,
    ) == [
        "destroys schema `main.sales`",
        "  holds `volume main.sales.drop`",
        "  is read by `acme/a/b/prep/c`, `live`, `nightly`",
        "makes schema `main.a`",
    ]  # fmt: skip


def test_a_job_that_reads_it_no_more_is_no_reader(tmp_path: Path) -> None:
    parameters = [{"name": "x_catalog", "default": "main"}, {"name": "x_schema", "default": "sales"}]
    before, after = {"name": "nightly", "parameter": parameters}, {"name": "nightly"}

    assert told(
        tmp_path,
        change("databricks_schema", "delete", SALES, None),
        change("databricks_job", "update", before, after),
    ) == ["destroys schema `main.sales`"]


def test_what_a_project_had_that_is_gone_is_kept_by_putting_it_back(tmp_path: Path) -> None:
    known = Known(gone={"stack": "put back projects/old"})
    destroyed = change("databricks_schema", "delete", SALES, None)
    assert told(tmp_path, destroyed, known=known)[-1] == "  to keep it: put back projects/old"
