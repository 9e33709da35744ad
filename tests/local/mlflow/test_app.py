"""Who may call the tracking server."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from local.mlflow.app import WithToken


def answered(kind: str, headers: list[tuple[bytes, bytes]]) -> list[Any]:
    """What a caller with these headers gets: 200 from the application, or 401."""
    sent: list[Any] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await send({"status": 200})

    async def send(message: Any) -> None:
        sent.append(message.get("status"))

    asyncio.run(WithToken(application, "right")({"type": kind, "headers": headers}, None, send))
    return sent[:1]


@pytest.mark.parametrize(
    ("kind", "headers", "expected"),
    [
        ("http", [(b"authorization", b"Bearer right")], [200]),
        ("http", [(b"authorization", b"Bearer wrong")], [401]),
        ("http", [(b"authorization", b"right")], [401]),
        ("http", [], [401]),
        ("websocket", [(b"authorization", b"Bearer right")], [401]),
        ("lifespan", [], [200]),
    ],
)
def test_only_callers_with_the_token_reach_mlflow(
    kind: str, headers: list[tuple[bytes, bytes]], expected: list[int]
) -> None:
    assert answered(kind, headers) == expected
