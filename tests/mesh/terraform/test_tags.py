"""Tags of Unity Catalog, which have no id of their own."""

from __future__ import annotations

from types import SimpleNamespace as Object
from typing import Any

from mesh.terraform.state import State
from mesh.terraform.tags import find_tag

NAME = "columns.main.sales.trips.fare.unit"


def test_a_tag_is_found_by_its_entity_and_key() -> None:
    asked: list[tuple[str, ...]] = []
    client: Any = Object(entity_tag_assignments=Object(get=lambda *names: asked.append(names)))

    assert find_tag(client, NAME).id == "columns,main.sales.trips.fare,unit"
    assert asked == [("columns", "main.sales.trips.fare", "unit")]


def test_a_state_knows_the_tag_by_the_same_id() -> None:
    tag = {"entity_type": "columns", "entity_name": "main.sales.trips.fare", "tag_key": "unit"}
    address = "databricks_entity_tag_assignment.a"
    assert State({address: tag}).ids == {
        ("databricks_entity_tag_assignment", "columns,main.sales.trips.fare,unit")
    }
