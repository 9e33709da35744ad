"""`dbutils.secrets`: secrets of a file on this machine, which output never shows."""

import io
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, TextIO

import yaml

REDACTED = "[REDACTED]"
_OTHERS = 0o077
_MOST_BYTES = 1_000_000


class SecretScope(NamedTuple):
    """A scope of secrets."""

    name: str


class SecretMetadata(NamedTuple):
    """The name of a secret."""

    key: str


class Redacted(io.TextIOBase):
    """A stream that replaces the values of secrets, as Databricks does in the output of notebooks.

    Args:
        stream: the stream.
        secrets: the values, which may grow.
    """

    def __init__(self, stream: TextIO, secrets: set[str]) -> None:
        self._stream, self._secrets = stream, secrets

    def write(self, text: str) -> int:
        """Write text without the values."""
        self._stream.write(redacted(text, self._secrets))
        return len(text)

    def flush(self) -> None:
        """Write what is buffered."""
        self._stream.flush()

    def fileno(self) -> int:
        """The stream's number."""
        return self._stream.fileno()

    def reconfigure(self, **settings: Any) -> None:
        """Change settings of the stream."""
        self._stream.reconfigure(**settings)  # type: ignore[attr-defined]

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The stream's encoding."""
        return self._stream.encoding

    @property
    def buffer(self) -> Any:
        """The stream's bytes; nothing is replaced in them."""
        return self._stream.buffer


def redacted(text: str, secrets: set[str]) -> str:
    """Return a text without the values of secrets; the longest first, because one may contain another."""
    for value in sorted(secrets, key=len, reverse=True):
        text = text.replace(value, REDACTED)
    return text


class Secrets:
    """`dbutils.secrets`.

    Args:
        file: a YAML file with the keys and values of each scope; None if there is none.
        shown: receives each value that was read, which output must not show.
    """

    def __init__(self, file: Path | None, shown: set[str] | None = None) -> None:
        self._file = file
        self._shown = VALUES if shown is None else shown

    def get(self, scope: str, key: str) -> str:
        """Return a secret.

        Raises:
            ValueError: there is no such secret, or the file is unsuitable; the message names the file.
        """
        keys = self._scope(scope)
        if key not in keys:
            raise ValueError(f"scope {scope!r} has no secret {key!r} ({self._file}: add it below {scope})")
        value = keys[key]
        if value.strip():
            self._shown.add(value)
        return value

    def getBytes(self, scope: str, key: str) -> bytes:
        """Return a secret as bytes."""
        return self.get(scope, key).encode()

    def list(self, scope: str) -> "list[SecretMetadata]":
        """Return the names of a scope's secrets."""
        return [SecretMetadata(key) for key in self._scope(scope)]

    def listScopes(self) -> "list[SecretScope]":
        """Return the scopes."""
        return [SecretScope(name) for name in self._read()]

    def _scope(self, scope: str) -> Mapping[str, str]:
        scopes = self._read()
        if scope not in scopes:
            raise ValueError(
                f"there is no secret scope {scope!r} ({self._file}: add `{scope}: {{key: value}}`)"
            )
        return scopes[scope]

    def _read(self) -> Mapping[str, Mapping[str, str]]:
        if self._file is None or not self._file.exists():
            return {}
        if self._file.stat().st_mode & _OTHERS:
            raise ValueError(f"{self._file} can be read by others (run `chmod 600 {self._file}`)")
        try:
            content = yaml.safe_load(self._file.read_bytes()[:_MOST_BYTES])
        except yaml.YAMLError:
            content = ()  # the error would quote the file
        valid = isinstance(content, dict) and all(
            isinstance(scope, str) and isinstance(keys, dict) for scope, keys in content.items()
        )
        if not valid and content is not None:
            raise ValueError(f"{self._file} must contain `scope: {{key: value}}` (correct it)")
        return {
            scope: {str(key): str(value) for key, value in keys.items()}
            for scope, keys in (content or {}).items()
        }


# The values that this process has read.
VALUES: set[str] = set()


def hide_values() -> None:
    """Replaces values of secrets in everything that Python prints from now on."""
    for name in ("stdout", "stderr"):
        if not isinstance(stream := getattr(sys, name), Redacted):
            setattr(sys, name, Redacted(stream, VALUES))
