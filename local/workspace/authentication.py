"""Who may talk to the workspace: callers that know the token and reached it by its own name."""

import hmac
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

WELL_KNOWN = "/.well-known/databricks-config"


class Guard:
    """Middleware that lets through only requests with the token, addressed to loopback.

    A program presents `Authorization: Bearer <token>`. A browser is sent once to `/?token=<token>`
    and gets a cookie. The Host header must be this server's own, so that a foreign page cannot reach
    it through a name that resolves to 127.0.0.1; and since cookies know no ports, a request that
    shows one must come from a page of this server.

    Args:
        app: the application behind.
        token: the secret of this workspace.
    """

    def __init__(self, app: ASGIApp, token: str) -> None:
        self.app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a refusal, or pass the request on."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            answer = self._answer(scope)
            await (answer or self.app)(scope, receive, send)
        else:
            # Nothing here speaks WebSocket.
            await send({"type": "websocket.close"})

    def _answer(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        port = scope["server"][1]
        names = {f"127.0.0.1:{port}", f"localhost:{port}"}
        if headers.get("host") not in names:
            return _refused(403, "PERMISSION_DENIED", "This workspace answers to 127.0.0.1 only.")
        if scope["path"] == WELL_KNOWN:
            # Databricks' SDKs ask this before they present a token; it says nothing but the address.
            return None
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if scope["path"] == "/" and asked:
            return self._login(asked, port)
        if self._is_token(_bearer(headers)) or self._has_cookie(scope, headers, names):
            return None
        return _refused(
            401, "UNAUTHENTICATED", "Wrong or no token. In a browser, use the address of `mesh local open`."
        )

    def _login(self, asked: str, port: int) -> Response:
        if not self._is_token(asked):
            return _refused(401, "UNAUTHENTICATED", "Wrong token: use the address of `mesh local open`.")
        answer = RedirectResponse("/ui/", status_code=303, headers={"Cache-Control": "no-store"})
        answer.set_cookie(_cookie_name(port), self._token, httponly=True, samesite="strict")
        return answer

    def _has_cookie(self, scope: Scope, headers: Headers, names: set[str]) -> bool:
        cookie = Request(scope).cookies.get(_cookie_name(scope["server"][1]), "")
        own_origin = headers.get("origin") in (None, *(f"http://{name}" for name in names))
        own_page = headers.get("sec-fetch-site", "none") in ("same-origin", "none")
        return own_origin and own_page and self._is_token(cookie)

    def _is_token(self, presented: str) -> bool:
        return hmac.compare_digest(presented.encode(), self._token.encode())


def _bearer(headers: Headers) -> str:
    scheme, _, presented = headers.get("authorization", "").partition(" ")
    return presented if scheme.lower() == "bearer" else ""


def _cookie_name(port: int) -> str:
    return f"mesh_local_{port}"


def _refused(status: int, code: str, message: str) -> Response:
    return JSONResponse({"error_code": code, "message": message}, status)
