"""Pipelines against a fake workspace."""

from typing import Any

import pytest

from local.provider.api import ApiError
from local.provider.resource_type import Known
from tests.support.rest_api import FakeRestApi, resource

PIPELINES = "/api/2.0/pipelines"


def test_the_state_of_a_pipeline_is_read_beside_its_settings() -> None:
    answer = {"spec": {"name": "p", "clusters": [{"label": "default"}]}, "state": "IDLE"}
    pipeline, context = resource("databricks_pipeline", FakeRestApi({f"GET {PIPELINES}/p1": answer}))
    state = pipeline.read(context, "p1", Known({}, created=True))
    assert (state["name"], state["state"], state["cluster"]) == ("p", "IDLE", [{"label": "default"}])


def test_only_a_single_node_is_sent_with_zero_workers() -> None:
    """Without workers in the request, a pipeline scales automatically."""
    workspace = FakeRestApi({f"PUT {PIPELINES}/p1": {}, f"GET {PIPELINES}/p1": {"state": "IDLE"}})
    pipeline, context = resource("databricks_pipeline", workspace)
    single: dict[str, Any] = {"spark_conf": {"spark.databricks.cluster.profile": "singleNode"}}
    pipeline.update(context, "p1", {"name": "p", "cluster": [single, {"label": "default"}]}, {})
    assert workspace.sent(f"PUT {PIPELINES}/p1") == {
        "id": "p1",
        "name": "p",
        "clusters": [{**single, "num_workers": 0}, {"label": "default"}],
    }


def test_a_pipeline_of_the_same_name_is_a_namesake() -> None:
    statuses = [{"pipeline_id": "1", "name": "p"}, {"pipeline_id": "2", "name": "q"}]
    pipeline, context = resource(
        "databricks_pipeline", FakeRestApi({f"GET {PIPELINES}": {"statuses": statuses}})
    )
    assert pipeline.namesakes(context, {"name": "p"}) == ["1"]


def test_a_change_of_a_pipeline_whose_last_update_failed_is_made_and_reported_as_failed() -> None:
    workspace = FakeRestApi({f"PUT {PIPELINES}/p1": {}, f"GET {PIPELINES}/p1": {"state": "FAILED"}})
    pipeline, context = resource("databricks_pipeline", workspace)
    with pytest.raises(ApiError, match="pipeline p1 has failed"):
        pipeline.update(context, "p1", {"name": "p"}, {})
    assert workspace.sent(f"PUT {PIPELINES}/p1") == {"id": "p1", "name": "p"}
