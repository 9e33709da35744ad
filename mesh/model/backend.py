"""Terraform backends; each deployment has its own state."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Annotated, Any
from urllib.parse import unquote

from pydantic import GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from mesh.documents.document import Document, Location
from mesh.documents.passthrough import shape_schema
from mesh.documents.provider_fields import Field, Shape, check, names, shape
from mesh.finding import Finding, nearest

STATE = "{state}"  # in an argument: placeholder for the deployment's name
DEFAULT_FOLDER = ".mesh/state"

_HASH = 16  # hexadecimal digits of a name's hash
_SHORTEST = _HASH + 8


@dataclass(frozen=True)
class Backend:
    """A Terraform backend.

    Args:
        kind: its name in Terraform, such as `s3`.
        arguments: its arguments in Terraform's spelling, without those that Terraform reads from environment
            variables. Paths of a `local` backend are relative to the mesh's root.
    """

    kind: str
    arguments: Mapping[str, Any]

    def at(self, state_key: str) -> Backend:
        """Returns the backend for the state of one deployment.

        The state key replaces `{state}` in arguments; without `{state}` it is appended to the declared
        key or prefix.

        Args:
            state_key: the key: segments from `mesh.deployment.identity.segment`, joined by `/`.
        """
        argument = _STATE_ARGUMENTS[self.kind]
        arguments = _replaced(self.arguments, argument, state_key)
        if argument.field and not (argument.declared(self.arguments) and _holds_state(self.arguments)):
            arguments |= argument.filled(self.arguments, state_key)
        return Backend(self.kind, arguments)


@dataclass(frozen=True)
class _StateArgument:
    """The argument by which a kind of backend separates states.

    Args:
        field: the argument's name; "" if only `{state}` can separate states.
        longest: its maximum length in bytes.
        separator: joins its segments: `/` for a path, else the value is one flat name.
        suffix: the end of the value.
    """

    field: str
    longest: int
    separator: str = "/"
    suffix: str = ""

    def name(self, state_key: str, longest: int) -> str:
        """Returns a unique name for a deployment of at most `longest` bytes."""
        if self.separator == "/":
            return _shortened(_object_key(state_key), state_key, longest)
        flat = re.sub(r"[^A-Za-z0-9]+", self.separator, unquote(state_key)).strip(self.separator)
        return f"{flat[: longest - _HASH - 1]}{self.separator}{_hash(state_key)}"

    def declared(self, arguments: Mapping[str, Any]) -> str | None:
        """Returns the declared value."""
        value = arguments.get(self.field)
        return value.get("name") if isinstance(value, Mapping) else value

    def filled(self, arguments: Mapping[str, Any], state_key: str) -> dict[str, Any]:
        """Returns the argument with the deployment's name after the declared value."""
        prefix = self.declared(arguments)
        before = f"{prefix.rstrip('/-_')}{self.separator}" if prefix else ""
        longest = max(self.longest - len(before.encode()) - len(self.suffix), _SHORTEST)
        text = f"{before}{self.name(state_key, longest)}{self.suffix}"
        if self.field == "workspaces":
            return {"workspaces": {**(arguments.get("workspaces") or {}), "name": text}}
        return {self.field: text}


@dataclass(frozen=True)
class _FolderArgument(_StateArgument):
    """A folder on this machine; state keys are folder names, unchanged."""

    def name(self, state_key: str, longest: int) -> str:
        return state_key

    def filled(self, arguments: Mapping[str, Any], state_key: str) -> dict[str, Any]:
        folder = PurePosixPath(self.declared(arguments) or DEFAULT_FOLDER)
        return {self.field: f"{folder}/{state_key}{self.suffix}"}


_FILE = "/mesh.tfstate"
# Amazon S3, Azure Blob Storage, Google Cloud Storage: object names of 1,024 bytes, with room here for what
# Terraform appends (`.tflock`). PostgreSQL documentation, "Identifiers and Key Words": 63 bytes, the rest is
# cut off. HCP Terraform API, "Workspaces": 90 letters, digits, `-` and `_`.
_STATE_ARGUMENTS: Mapping[str, _StateArgument] = {
    "azurerm": _StateArgument("key", 1000, suffix=_FILE),
    "cloud": _StateArgument("workspaces", 90, "-"),
    "consul": _StateArgument("path", 400),
    "cos": _StateArgument("key", 800, suffix=_FILE),
    "gcs": _StateArgument("prefix", 1000),
    "http": _StateArgument("", 90, "-"),
    "local": _FolderArgument("path", 4000, suffix=_FILE),
    "oss": _StateArgument("key", 1000, suffix=_FILE),
    "pg": _StateArgument("schema_name", 63, "_"),
    "remote": _StateArgument("workspaces", 90, "-"),
    "s3": _StateArgument("key", 1000, suffix=_FILE),
}

# Arguments that cdktf's classes require and Terraform reads from the environment.
FROM_ENVIRONMENT: Mapping[str, tuple[str, ...]] = {
    "cloud": ("organization",),
    "consul": ("access_token",),
    "pg": ("conn_str",),
}

# Terraform documentation, "Backends": the environment variable that each secret is read from.
SECRETS: Mapping[str, Mapping[str, str]] = {
    "azurerm": {
        "access_key": "ARM_ACCESS_KEY",
        "client_certificate_password": "ARM_CLIENT_CERTIFICATE_PASSWORD",
        "client_secret": "ARM_CLIENT_SECRET",
        "oidc_request_token": "ARM_OIDC_REQUEST_TOKEN",
        "oidc_token": "ARM_OIDC_TOKEN",
        "sas_token": "ARM_SAS_TOKEN",
    },
    "cloud": {"token": "TF_TOKEN_app_terraform_io"},
    "consul": {"access_token": "CONSUL_HTTP_TOKEN", "http_auth": "CONSUL_HTTP_AUTH"},
    "cos": {
        "secret_id": "TENCENTCLOUD_SECRET_ID",
        "secret_key": "TENCENTCLOUD_SECRET_KEY",
        "security_token": "TENCENTCLOUD_SECURITY_TOKEN",
    },
    "gcs": {
        "access_token": "GOOGLE_OAUTH_ACCESS_TOKEN",
        "credentials": "GOOGLE_BACKEND_CREDENTIALS",
        "encryption_key": "GOOGLE_ENCRYPTION_KEY",
    },
    "http": {
        "address": "TF_HTTP_USERNAME and TF_HTTP_PASSWORD",
        "client_private_key_pem": "TF_HTTP_CLIENT_PRIVATE_KEY_PEM",
        "lock_address": "TF_HTTP_USERNAME and TF_HTTP_PASSWORD",
        "password": "TF_HTTP_PASSWORD",
        "unlock_address": "TF_HTTP_USERNAME and TF_HTTP_PASSWORD",
    },
    "oss": {
        "access_key": "ALICLOUD_ACCESS_KEY",
        "secret_key": "ALICLOUD_SECRET_KEY",
        "security_token": "ALICLOUD_SECURITY_TOKEN",
    },
    "pg": {"conn_str": "PG_CONN_STR or PGPASSWORD"},
    "remote": {"token": "TF_TOKEN_app_terraform_io"},
    "s3": {
        "access_key": "AWS_ACCESS_KEY_ID",
        "secret_key": "AWS_SECRET_ACCESS_KEY",
        "sse_customer_key": "AWS_SSE_CUSTOMER_KEY",
        "token": "AWS_SESSION_TOKEN",
        "web_identity_token": "AWS_WEB_IDENTITY_TOKEN_FILE",
    },
}

# These arguments are secret only if they hold a password or a key; all others are always secret. Reading a
# document already refuses an address with a password, and a private key.
_MAY_HOLD_SECRET = {"address", "conn_str", "credentials", "lock_address", "unlock_address"}
_HOLDS_SECRET = re.compile(
    r"(?:^|[\s?&])[\w-]*(?:password|secret|token|sig|signature)\s*="  # in a query, or as libpq spells it
    r"|^\s*\{\s*\"",  # a service account's key instead of the path to it
    re.IGNORECASE,
)


def backend(declared: object, document: Document, at: Location) -> tuple[Backend | None, list[Finding]]:
    """Returns the backend that a file declares, such as `{s3: {bucket: …}}`, with findings.

    Args:
        declared: the value at `at` in the document.
        document: the file.
        at: the position in the file.

    Returns:
        The backend, or None if there are findings; and the findings.
    """
    kinds = names("backends")
    if not isinstance(declared, Mapping):
        message = "`backend` should be a mapping of a backend's name to its arguments"
        return None, [document.finding("wrong-type", at, f"{message} (backends: {', '.join(kinds)})")]
    if len(declared) != 1:
        message = f"`backend` names {len(declared)} backends: {', '.join(declared) or 'none'}"
        return None, [document.finding("one-backend", at, f"{message} (keep one of: {', '.join(kinds)})")]
    kind, arguments = next(iter(declared.items()))
    at = (*at, kind)
    if kind not in kinds:
        message = f"backend `{kind[:60]}` is unknown ({nearest(kind[:60], kinds, 'backends')})"
        return None, [document.finding("unknown-backend", at, message, at_key=True)]
    if not isinstance(arguments, Mapping | None):
        return None, list(check(arguments, shape(kind, "backends"), document, at))
    secrets = list(_secrets(kind, arguments or {}, document, at))
    # secret values must not appear in messages
    harmless = _without({path[len(at) :] for path, _ in secrets}, arguments or {})
    wrong = list(check(harmless, _declarable(kind, (arguments or {}).keys() - harmless.keys()), document, at))
    wrong += [finding for _, finding in secrets]
    if wrong:
        return None, wrong
    understood = Backend(kind, _understood(harmless))
    unplaced = list(_check_state_argument(understood, document, at))
    return None if unplaced else understood, unplaced


def _declarable(kind: str, secrets: Iterable[str]) -> Shape:
    """Returns the arguments that may be declared; arguments that have another source are optional."""
    taken = shape(kind, "backends")
    given = {_STATE_ARGUMENTS[kind].field, *FROM_ENVIRONMENT.get(kind, ()), *secrets}
    taken = taken.optional(*(name for name in taken.fields if name in given))
    if "workspaces" in given:  # tags could select several workspaces
        workspaces = taken.inside("workspaces").without("tags")
        taken = taken.adding(Field("workspaces", "workspaces", workspaces))
    return taken


class _Described:
    """JSON Schema of the backends and their arguments, without secrets."""

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        kinds = {}
        for kind in names("backends"):
            secret = SECRETS.get(kind, {}).keys() - _MAY_HOLD_SECRET
            kinds[kind] = shape_schema(_declarable(kind, secret).without(*secret))
            kinds[kind] |= {"type": ["object", "null"], "description": f"Terraform's backend `{kind}`."}
        one = {"minProperties": 1, "maxProperties": 1}
        return {"type": "object", "properties": kinds, "additionalProperties": False} | one


BackendFile = Annotated[Mapping[str, Any], _Described()]
"""A backend in org.yml: its name and its arguments."""


def _understood(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the arguments without empty values; the prefix of `workspaces` becomes its name."""
    known = {name: value for name, value in arguments.items() if value is not None}
    workspaces = known.get("workspaces")
    if isinstance(workspaces, Mapping) and "prefix" in workspaces:
        rest = {name: value for name, value in workspaces.items() if name != "prefix"}
        known["workspaces"] = {"name": workspaces["prefix"], **rest}
    return known


def _secrets(
    kind: str, arguments: Mapping[str, Any], document: Document, at: Location
) -> Iterator[tuple[Location, Finding]]:
    """Returns every argument that is a secret, with its position."""
    for name, value in arguments.items():
        if isinstance(value, Mapping):
            yield from _secrets(kind, value, document, (*at, name))
        elif value is not None and _is_secret(kind, name, value):
            variable = SECRETS[kind].get(name) if kind in SECRETS else None
            instead = f"remove it and set {variable} in the environment" if variable else "remove it"
            message = f"`{name[:60]}` is a secret, which may not be in a file ({instead})"
            yield (*at, name), document.finding("secret-in-yaml", (*at, name), message)


def _without(paths: Container[Location], value: Mapping[str, Any], at: Location = ()) -> dict[str, Any]:
    return {
        name: _without(paths, inner, (*at, name)) if isinstance(inner, Mapping) else inner
        for name, inner in value.items()
        if (*at, name) not in paths
    }


def _is_secret(kind: str, name: str, value: object) -> bool:
    always = name in SECRETS.get(kind, {}) and name not in _MAY_HOLD_SECRET
    return always or bool(_HOLDS_SECRET.search(str(value)))


def _check_state_argument(declared: Backend, document: Document, at: Location) -> Iterator[Finding]:
    """Checks that every deployment gets its own state, inside the repository if local."""
    if declared.kind == "http":
        for name in ("address", "lock_address", "unlock_address"):
            if STATE not in declared.arguments.get(name, STATE):
                message = (
                    f"`{name}` is the same for every deployment (put `{STATE}` in the place of its name)"
                )
                yield document.finding("backend-without-state", (*at, name), message)
    if declared.kind == "local":
        path = PurePosixPath(declared.arguments.get("path", DEFAULT_FOLDER))
        if path.is_absolute() or ".." in path.parts:
            message = f"state at `{str(path)[:60]}` would be outside the repository"
            yield document.finding("state-outside", (*at, "path"), f"{message} (write a folder inside it)")
    elif (argument := _STATE_ARGUMENTS[declared.kind]).field:
        text = argument.declared(declared.at("x" * argument.longest).arguments) or ""
        if len(text.encode()) > argument.longest:
            message = f"`{argument.field}` leaves too few of {argument.longest} characters for a deployment's"
            yield document.finding(
                "state-name-too-long", (*at, argument.field), f"{message} name (shorten it)"
            )


def _holds_state(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(_holds_state(inner) for inner in value.values())
    return isinstance(value, str) and STATE in value


def _replaced(value: Mapping[str, Any], argument: _StateArgument, state_key: str) -> dict[str, Any]:
    def replaced(name: str, inner: Any) -> Any:
        if isinstance(inner, Mapping):
            return _replaced(inner, argument, state_key)
        if not _holds_state(inner):
            return inner
        is_limited = name in (argument.field, "name")
        beside = len(inner.replace(STATE, "").encode()) if is_limited else 0
        return inner.replace(STATE, argument.name(state_key, max(argument.longest - beside, _SHORTEST)))

    return {name: replaced(name, inner) for name, inner in value.items()}


def _object_key(state_key: str) -> str:
    """Replaces `%` by `!` in a key, because servers and proxies may decode `%`: `feature!2Ftips`."""
    return state_key.replace("%", "!")


def _shortened(text: str, state_key: str, longest: int) -> str:
    if len(text.encode()) <= longest:
        return text
    return f"{text[: longest - _HASH - 1]}-{_hash(state_key)}"


def _hash(state_key: str) -> str:
    return sha256(state_key.encode()).hexdigest()[:_HASH]
