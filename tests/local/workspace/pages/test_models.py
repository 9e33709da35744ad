"""The pages of models and experiments."""

from typing import Any

import httpx2
import pytest

from local.mlflow.records import Records
from local.workspace.pages import models

MODEL = "c.s.taxifare"
ANSWERS: dict[str, Any] = {
    "registered-models/search": {
        "registered_models": [
            {"name": MODEL, "aliases": [{"alias": "champion", "version": "2"}]},
            {"name": "c.s.of_mlflow_only"},
        ]
    },
    "registered-models/get": {
        "registered_model": {"name": MODEL, "aliases": [{"alias": "champion", "version": "2"}]}
    },
    "model-versions/search": {
        "model_versions": [
            {"version": "2", "status": "READY", "run_id": "0123456789"},
            {"version": "10", "status": "READY", "tags": [{"key": "validation_rmse", "value": "1.25"}]},
        ]
    },
    "experiments/get-by-name": {"experiment": {"experiment_id": "7"}},
    "runs/search": {
        "runs": [
            {
                "info": {"run_id": "0123456789", "run_name": "calm-owl", "status": "FINISHED"},
                "data": {
                    "metrics": [{"key": "rmse", "value": 1.23456}, {"key": "<b>", "value": "NaN"}],
                    "params": [{"key": "trips", "value": "7"}],
                },
            }
        ]
    },
}


@pytest.fixture
def mlflow(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tracking server that answers."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, json=ANSWERS[request.url.path.removeprefix("/api/2.0/mlflow/")])

    def records(_: object) -> Records:
        return Records(httpx2.Client(base_url="http://mlflow", transport=httpx2.MockTransport(answer)))

    monkeypatch.setattr(models, "open_records", records)


@pytest.fixture
def deployed(workspace: Any) -> str:
    """A model and an experiment as Terraform makes them; the experiment's address."""
    workspace.post("/api/2.1/unity-catalog/catalogs", {"name": "c"})
    workspace.post("/api/2.1/unity-catalog/schemas", {"name": "s", "catalog_name": "c"})
    named = {"name": "taxifare", "catalog_name": "c", "schema_name": "s", "comment": "What a meter will show"}
    workspace.post("/api/2.1/unity-catalog/models", named)
    made = workspace.post("/api/2.0/mlflow/experiments/create", {"name": "/Shared/ml"})
    return f"/experiments/{made['experiment_id']}"


def test_models_have_their_aliases_and_versions(workspace: Any, mlflow: None, deployed: str) -> None:
    every, one = workspace.http.get("/models").text, workspace.http.get(f"/models/{MODEL}").text

    assert f'<a href="/models/{MODEL}">{MODEL}</a></td><td class="short">champion → 2</td>' in every
    assert "What a meter will show" in every
    assert "c.s.of_mlflow_only" in every
    assert f'<a href="{deployed}">/Shared/ml</a>' in every
    assert one.index(">10<") < one.index(">2<")
    assert "validation_rmse = 1.25" in one
    assert '<td class="short">2</td><td class="short">champion</td>' in one


def test_an_experiment_has_its_runs_with_metrics_and_parameters(
    workspace: Any, mlflow: None, deployed: str
) -> None:
    page = workspace.http.get(deployed).text

    assert "calm-owl 01234567" in page
    assert '<td class="good short">success</td>' in page
    assert "&lt;b&gt; = NaN; rmse = 1.235" in page
    assert "trips = 7" in page


def test_without_mlflow_the_pages_tell_how_to_start_it(workspace: Any, deployed: str) -> None:
    for address in ("/models", f"/models/{MODEL}", deployed):
        assert "mesh local up --mlflow" in workspace.http.get(address).text
    for address in ("/models/a.b.c", "/experiments/none"):
        assert workspace.http.get(address).status_code == 404
