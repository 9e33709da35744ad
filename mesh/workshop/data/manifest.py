"""The manifest of a volume: a file in the volume that records the loaded files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

FILE = "_manifest.json"  # Spark ignores files whose names begin with an underscore
_VERSION = 1


@dataclass(frozen=True)
class ManifestEntry:
    """A file as it was when it was loaded.

    Args:
        size: in bytes.
        sha256: the checksum of its content, in hexadecimal.
        modified: its time of modification in the volume, in milliseconds since 1970.
    """

    size: int
    sha256: str
    modified: int


Manifest = Mapping[str, ManifestEntry]


def parse_manifest(text: bytes) -> Manifest:
    """Returns the entries of a manifest, by file name.

    An unreadable manifest has no entries: then all files are read and compared.
    """
    try:
        document = json.loads(text)
        if document["version"] != _VERSION:
            return {}
        entries = {str(name): ManifestEntry(**entry) for name, entry in document["parts"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}
    return {name: entry for name, entry in entries.items() if _is_valid(entry)}


def manifest_text(manifest: Manifest) -> bytes:
    """Returns the content of a manifest file."""
    parts = {name: asdict(entry) for name, entry in sorted(manifest.items())}
    return json.dumps({"version": _VERSION, "parts": parts}, indent=2).encode() + b"\n"


def _is_valid(entry: ManifestEntry) -> bool:
    return isinstance(entry.size, int) and isinstance(entry.sha256, str) and isinstance(entry.modified, int)
