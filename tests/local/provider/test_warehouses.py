"""SQL warehouses against a fake workspace."""

import pytest

from local.provider.api import ApiError
from local.provider.resource_type import Known
from tests.support.rest_api import FakeRestApi, resource

WAREHOUSES = "/api/2.0/sql/warehouses"
SOURCES = "GET /api/2.0/preview/sql/data_sources"


def test_a_change_of_a_warehouse_sends_all_settings() -> None:
    """Photon, serverless and the time to stop are sent although they are off."""
    workspace = FakeRestApi({f"POST {WAREHOUSES}/w/edit": {}})
    warehouse, context = resource("databricks_sql_endpoint", workspace)
    planned = {
        "name": "n",
        "cluster_size": "Small",
        "no_wait": True,
        "enable_photon": False,
        "auto_stop_mins": 0,
    }
    warehouse.update(context, "w", planned, {"name": "n"})
    assert workspace.sent(f"POST {WAREHOUSES}/w/edit") == {
        "name": "n",
        "cluster_size": "Small",
        "enable_photon": False,
        "auto_stop_mins": 0,
    }


def test_the_data_source_of_a_warehouse_is_read() -> None:
    answers = {f"GET {WAREHOUSES}/w": {"name": "n"}, SOURCES: {"value": [{"id": "d", "warehouse_id": "w"}]}}
    warehouse, context = resource("databricks_sql_endpoint", FakeRestApi(answers))
    assert warehouse.read(context, "w", Known({}, created=True))["data_source_id"] == "d"


def test_a_warehouse_without_a_data_source_is_refused() -> None:
    answers = {f"GET {WAREHOUSES}/w": {"name": "n"}, SOURCES: {"value": []}}
    warehouse, context = resource("databricks_sql_endpoint", FakeRestApi(answers))
    with pytest.raises(ApiError, match="warehouse w has no data source"):
        warehouse.read(context, "w", Known({}))
