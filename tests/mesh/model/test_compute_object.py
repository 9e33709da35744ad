"""Ids that only the workspace has."""

from __future__ import annotations

import pytest

from mesh.model.compute_object import Lookup


@pytest.mark.parametrize(
    ("lookup", "text"),
    [
        (Lookup("cluster_policy", None, {"name": "small"}), "id of cluster policy small"),
        (Lookup("node_type", None, {"min_cores": 4}), "smallest node type with min_cores 4"),
        (Lookup("node_type"), "smallest node type"),
    ],
)
def test_a_lookup_reads_as_a_description_of_its_object(lookup: Lookup, text: str) -> None:
    assert str(lookup) == text
