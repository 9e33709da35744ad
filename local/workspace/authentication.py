"""Authentication: callers need the workspace's token and must address it as 127.0.0.1 or localhost."""

import hmac
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

WELL_KNOWN = "/.well-known/databricks-config"
_FROM_PAGE = "from_page"


class AuthenticationMiddleware:
    """Middleware that accepts only requests with the token and a loopback Host header.

    A program sends `Authorization: Bearer <token>`. A browser opens `/?token=<token>` once and gets a cookie.
    The Host header must name this server: this blocks foreign pages that use a name which resolves to
    127.0.0.1. Browsers share cookies between ports, so a request with the cookie must come from a page of
    this server.

    Args:
        app: the application to protect.
        token: the secret of this workspace.

    Raises:
        ValueError: the token is empty, so that every caller would know it.
    """

    def __init__(self, app: ASGIApp, token: str) -> None:
        if not token.strip():
            raise ValueError("a workspace needs a token")
        self.app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with an error, or pass the request on."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            response = self._check(scope)
            await (response or self.app)(scope, receive, send)
        else:
            # The workspace has no WebSocket API.
            await send({"type": "websocket.close"})

    def _check(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        port = scope["server"][1]
        names = {f"127.0.0.1:{port}", f"localhost:{port}"}
        if headers.get("host") not in names:
            return _error_response(
                403, "PERMISSION_DENIED", "This workspace answers requests to 127.0.0.1 only."
            )
        if scope["path"] == WELL_KNOWN:
            # Databricks' SDKs request this without a token; the response holds only the address.
            return None
        token = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if scope["path"] == "/" and token:
            return self._login(token, port)
        if self._is_token(_bearer(headers)):
            return None
        if self._has_cookie(scope, headers, names):
            scope.setdefault("state", {})[_FROM_PAGE] = True
            return None
        return _error_response(
            401,
            "UNAUTHENTICATED",
            "Missing or wrong token (in a browser, use the address that `mesh local open` prints).",
        )

    def _login(self, token: str, port: int) -> Response:
        if not self._is_token(token):
            return _error_response(
                401, "UNAUTHENTICATED", "Wrong token (use the address that `mesh local open` prints)."
            )
        response = RedirectResponse("/jobs", status_code=303, headers={"Cache-Control": "no-store"})
        response.set_cookie(_cookie_name(port), self._token, httponly=True, samesite="strict")
        return response

    def _has_cookie(self, scope: Scope, headers: Headers, names: set[str]) -> bool:
        cookie = Request(scope).cookies.get(_cookie_name(scope["server"][1]), "")
        own_origin = headers.get("origin") in (None, *(f"http://{name}" for name in names))
        own_page = headers.get("sec-fetch-site", "none") in ("same-origin", "none")
        return own_origin and own_page and self._is_token(cookie)

    def _is_token(self, text: str) -> bool:
        return hmac.compare_digest(text.encode(), self._token.encode())


def is_from_page(request: Request) -> bool:
    """Return whether a page of the workspace sends a request, not a client of the API."""
    return bool(getattr(request.state, _FROM_PAGE, False))


def _bearer(headers: Headers) -> str:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else ""


def _cookie_name(port: int) -> str:
    return f"mesh_local_{port}"


def _error_response(status: int, code: str, message: str) -> Response:
    return JSONResponse({"error_code": code, "message": message}, status)
