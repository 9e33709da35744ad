"""Serves MLflow's own application on loopback, to callers with the token of the workspace.

`server.py` starts this file with the Python of MLflow's environment, so it imports nothing of this project.
MLflow's command `mlflow server` does not know such a token: it asks for a user and a password at most.
"""

import hmac
import os
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Application = Callable[[Scope, Any, Any], Awaitable[None]]


class WithToken:
    """Answers 401 to requests without the token.

    Args:
        inner: the application behind it.
        token: the token.
    """

    def __init__(self, inner: Application, token: str) -> None:
        self._inner = inner
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:  # noqa: D102
        if scope["type"] != "lifespan" and not self._may(scope):
            await send({"type": "http.response.start", "status": 401, "headers": []})
            await send({"type": "http.response.body", "body": b"MLflow needs the token of the workspace"})
            return
        await self._inner(scope, receive, send)

    def _may(self, scope: Scope) -> bool:
        given = dict(scope["headers"]).get(b"authorization", b"")
        return scope["type"] == "http" and hmac.compare_digest(given, self._expected)


if __name__ == "__main__":
    import uvicorn
    from mlflow.server.fastapi_app import app

    guarded = WithToken(app, os.environ["MESH_MLFLOW_TOKEN"])
    uvicorn.run(guarded, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
