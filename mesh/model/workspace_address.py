"""The address of a workspace: what is taken as it is meant, and what is refused with the address to write."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

_SHOWN = 80  # characters of a refused text in a message
_HOST = re.compile(r"[a-z0-9]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9_-]*[a-z0-9])?)*\.?")
_SCHEME = re.compile(r"(?i)([a-z][a-z0-9+.-]*)://")
# Databricks documentation, "Account console"; also `accounts-dod` of the clouds for governments
_ACCOUNT_CONSOLE = re.compile(
    r"accounts(-[a-z]+)?\.([a-z0-9-]+\.)*(databricks\.(com|us|mil|azure\.us|azure\.cn)|azuredatabricks\.net)"
)


class AddressError(ValueError):
    """A text is not the address of a workspace.

    Args:
        shown: the text without a user and password, shortened.
        reason: what is wrong with it, such as `is not a workspace address`.
        written: the address to write instead; "" if the text does not contain one.
    """

    def __init__(self, shown: str, reason: str, written: str = "") -> None:
        super().__init__(f"`{shown}` {reason}")
        self.shown, self.reason, self.written = shown, reason, written


def workspace_address(text: str) -> str:
    """Returns an address in the form in which all addresses are compared: scheme, host and port.

    A missing `https://`, a trailing `/`, upper case and the port 443 do not change the meaning, so they are
    taken. A path or a query is refused: where several workspaces share an address, `?o=…` chooses one.

    Args:
        text: the address, as somebody wrote it.

    Raises:
        AddressError: the text is not the address of a workspace.
    """
    stripped = text.strip()
    scheme, url = _split(stripped)
    shown = _shown(stripped)
    host = url.hostname.rstrip(".") if url and url.hostname else ""
    loopback = _is_loopback(host)
    if url is None or not (loopback or _HOST.fullmatch(host)) or not (scheme or "." in host or loopback):
        raise AddressError(shown, "is not a workspace address")
    written = _write("http" if loopback and scheme == "http" else "https", host, url.port)
    if host in ("http", "https"):  # written twice
        raise AddressError(shown, "is not a workspace address")
    if "@" in url.netloc:
        raise AddressError(shown, "has a user or a password in the address", written)
    if _ACCOUNT_CONSOLE.fullmatch(host):
        raise AddressError(shown, "is the account console, not a workspace")
    if scheme not in ("", "https") and not (loopback and scheme == "http"):
        raise AddressError(shown, "does not begin with https://", written)
    if url.path.strip("/") or url.query or url.fragment or stripped.endswith(("?", "#")):
        raise AddressError(shown, "has more than the address of a workspace", written)
    return written


def _split(text: str) -> tuple[str, SplitResult | None]:
    """The scheme, and the parts of the address; None if it has none, or an impossible port."""
    match = _SCHEME.match(text)
    scheme = match[1].lower() if match else ""
    try:
        url = urlsplit(text if match else f"https://{text}")
        valid = url.port != 0  # reading the port checks its range
    except ValueError:
        return scheme, None
    return scheme, url if valid and not re.search(r"[\s\\]", text) else None


def _shown(text: str) -> str:
    """The text for a message, shortened, and without the user and password before the host."""
    start = match.end() if (match := _SCHEME.match(text)) else 0
    end = next((at for at in range(start, len(text)) if text[at] in "/?#"), len(text))
    authority = text[start:end]
    if "@" in authority:
        authority = f"***@{authority.rpartition('@')[2]}"
    rest = text[end:]
    if "@" in rest:  # a password that contains `/`, `?` or `#`
        authority, rest = "***@", rest.rpartition("@")[2]
    shown = text[:start] + authority + rest
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"


def _write(scheme: str, host: str, port: int | None) -> str:
    name = f"[{host}]" if ":" in host else host
    usual = 443 if scheme == "https" else 80
    return f"{scheme}://{name}" + (f":{port}" if port not in (None, usual) else "")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
