"""The manifest of a volume."""

from __future__ import annotations

import json

import pytest

from mesh.workshop.data.manifest import ManifestEntry, manifest_text, parse_manifest

ENTRIES = {"trips/b.csv": ManifestEntry(5, "f0", 9), "a.csv": ManifestEntry(3, "e1", 7)}


def test_a_manifest_is_read_as_it_was_written() -> None:
    assert parse_manifest(manifest_text(ENTRIES)) == ENTRIES


def test_the_file_is_stable_and_sorted() -> None:
    document = json.loads(manifest_text(ENTRIES))

    assert document["version"] == 1
    assert list(document["parts"]) == ["a.csv", "trips/b.csv"]
    assert document["parts"]["a.csv"] == {"size": 3, "sha256": "e1", "modified": 7}


@pytest.mark.parametrize(
    "text",
    [b"", b"[]", b'{"version": 2, "parts": {}}', b'{"version": 1, "parts": {"a.csv": 1}}', b"\xff\xfe"],
)
def test_an_unreadable_manifest_has_no_entries(text: bytes) -> None:
    assert parse_manifest(text) == {}


def test_an_entry_of_another_type_is_ignored() -> None:
    entry = {"size": "3", "sha256": "e1", "modified": 7}

    assert parse_manifest(json.dumps({"version": 1, "parts": {"a.csv": entry}}).encode()) == {}
