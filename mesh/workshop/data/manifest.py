"""The manifest: what a volume's parts are, noted in the volume itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

FILE = "_manifest.json"  # Spark reads no file whose name begins like this
_VERSION = 1


@dataclass(frozen=True)
class Noted:
    """A part as it was when it was put there.

    Args:
        size: in bytes.
        sha256: of its content, in hexadecimal.
        modified: when the volume says that it was written, in milliseconds since 1970.
    """

    size: int
    sha256: str
    modified: int


Manifest = Mapping[str, Noted]


def parse(text: bytes) -> Manifest:
    """Return what a manifest notes, by the parts' names.

    One that cannot be understood notes nothing: all parts are then read back and compared.
    """
    try:
        told = json.loads(text)
        if told["version"] != _VERSION:
            return {}
        noted = {str(name): Noted(**one) for name, one in told["parts"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}
    return {name: one for name, one in noted.items() if _sound(one)}


def text(manifest: Manifest) -> bytes:
    """Return a manifest as it is kept."""
    parts = {name: asdict(one) for name, one in sorted(manifest.items())}
    return json.dumps({"version": _VERSION, "parts": parts}, indent=2).encode() + b"\n"


def _sound(one: Noted) -> bool:
    return isinstance(one.size, int) and isinstance(one.sha256, str) and isinstance(one.modified, int)
