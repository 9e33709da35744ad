"""Entries of `reads`."""

from __future__ import annotations

from typing import Any

import pytest

from mesh.documents.checked_model import validate_document
from mesh.documents.document import Document
from mesh.model.job import JobFile


def test_a_path_alone_reads_without_a_contract() -> None:
    declared = JobFile.model_validate({"reads": {"taxi": "prep/revenue"}})
    read = declared.reads["taxi"]
    assert (read.flow, read.contract, read.version) == ("prep/revenue", None, None)


def test_a_major_version_may_be_a_number() -> None:
    declared = JobFile.model_validate({"reads": {"taxi": {"flow": "f", "contract": "c", "version": 1}}})
    assert declared.reads["taxi"].version == "1"


@pytest.mark.parametrize(
    ("read", "code"),
    [
        ({"flow": "f", "contract": "c"}, "missing-field: `contract` needs `version`"),
        ({"flow": "f", "version": "1"}, "missing-field: `version` needs `contract`"),
        ({"flow": "f", "contract": "c", "version": 1.10}, "wrong-type: `version` is `1.1`"),
        ({"flow": "f", "contract": "c", "version": "new"}, "contract-version: `version` is `new`"),
        ({"flow": "f", "contrct": "c"}, "unknown-field: unknown field `contrct`"),
        ({"contract": "c", "version": "1"}, "missing-field: `flow` is missing"),
    ],
)
def test_a_wrong_entry_is_a_finding(read: dict[str, Any], code: str) -> None:
    _, [finding] = validate_document(JobFile, Document("f", {"reads": {"taxi": read}}))
    assert f"{finding.code}: {finding.message}".startswith(code)
