"""What the MLflow tracking server keeps: versions and aliases of models, and runs of experiments.

Source: MLflow, "REST API", version 3.17.
"""

from typing import Any, Self

import httpx2

from local.home import Home
from local.mlflow import server
from mesh.errors import OutsideError

Json = dict[str, Any]
_API = "/api/2.0/mlflow"
_SECONDS = 10
_MOST = 200


class Records:
    """Reads from a tracking server.

    Args:
        http: sends the requests.
    """

    def __init__(self, http: httpx2.Client) -> None:
        self._http = http

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._http.close()

    def models(self) -> list[Json]:
        """Return the registered models, with their aliases."""
        return _list(
            self._call("GET", "registered-models/search", params={"max_results": _MOST}), "registered_models"
        )

    def versions(self, model: str) -> list[Json]:
        """Return the last versions of a model with their aliases, the newest first.

        MLflow's search has no aliases; the model has them.
        """
        mark = '"' if "'" in model else "'"
        query = {"filter": f"name={mark}{model}{mark}", "max_results": _MOST}
        found = _list(self._call("GET", "model-versions/search", params=query), "model_versions")
        known = self._call("GET", "registered-models/get", params={"name": model})
        aliases = _list(known.get("registered_model") or {}, "aliases")
        for one in found:
            one["aliases"] = [each for each in aliases if each.get("version") == one["version"]]
        return sorted(found, key=lambda one: -int(one["version"]))

    def runs(self, experiment: str) -> list[Json]:
        """Return the last runs of the experiment of a name, the newest first."""
        known = self._call("GET", "experiments/get-by-name", params={"experiment_name": experiment})
        if not known:
            return []
        query = {"experiment_ids": [known["experiment"]["experiment_id"]], "max_results": _MOST}
        return _list(self._call("POST", "runs/search", json=query), "runs")

    def _call(self, method: str, path: str, **arguments: Any) -> Json:
        """Return the answer; empty if MLflow has no such object."""
        try:
            response = self._http.request(method, f"{_API}/{path}", **arguments)
            if response.status_code == httpx2.codes.NOT_FOUND:
                return {}
            answer = response.json()
        except (httpx2.HTTPError, ValueError) as error:
            raise OutsideError(f"MLflow does not answer ({error}): see `mesh local logs`") from None
        if response.is_error:
            raise OutsideError(f"MLflow answers with error {response.status_code}: see `mesh local logs`")
        return answer if isinstance(answer, dict) else {}


def open_records(home: Home) -> Records | None:
    """Return the records of the tracking server of a home; None if it is not running."""
    found = server.running(home)
    if found is None:
        return None
    headers = {"Authorization": f"Bearer {home.token()}"}
    return Records(httpx2.Client(base_url=found.url, headers=headers, timeout=_SECONDS, trust_env=False))


def _list(answer: Json, name: str) -> list[Json]:
    found = answer.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
