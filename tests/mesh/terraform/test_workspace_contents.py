"""What objects of a workspace hold."""

from __future__ import annotations

from types import SimpleNamespace as Object
from typing import Any

from databricks.sdk.errors import PermissionDenied

from mesh.terraform.workspace_contents import contents


def refused(*_: Any, **__: Any) -> Any:
    raise PermissionDenied("no")


def listed(*items: Any) -> Object:
    return Object(list=lambda *_, **__: items)


def in_schema(**services: Object) -> str:
    """The contents of a schema, without tables, volumes and models unless services have some."""
    workspace = Object(
        **({"tables": listed(), "volumes": listed(), "registered_models": listed()} | services)
    )
    return contents(workspace, "databricks_schema", "acme.revenue")  # type: ignore[arg-type]


def test_contents_are_counted_as_far_as_they_are_known() -> None:
    assert in_schema() == "empty"
    assert in_schema(tables=listed(1, 2), volumes=Object(list=refused)) == "2 tables"
    assert in_schema(tables=listed(1), volumes=listed(1, 2)) == "1 table, 2 volumes"
    assert in_schema(tables=listed(*range(1200))) == "1,000 or more tables"


def test_contents_that_nobody_may_read_are_unknown() -> None:
    hidden = Object(list=refused)

    assert in_schema(tables=hidden, volumes=hidden, registered_models=hidden) == ""
