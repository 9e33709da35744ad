"""Values of any kind under every field of every file: findings, never a traceback."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mesh.commands.choices import SchemaFile
from mesh.commands.schema import schema
from mesh.load import load
from mesh.model.review_policy import FILE as POLICY_FILE
from mesh.rules.check import check_rules
from mesh.workshop import prices, workshop_file
from tests.support.hostile_mesh import (
    FLOW,
    PROJECT,
    deployed,
    findings,
    tree,
)

PLACES = {
    SchemaFile.ORG: "orgs/acme/org.yml",
    SchemaFile.DOMAIN: "orgs/acme/domains/transport/domain.yml",
    SchemaFile.PROJECT: f"{PROJECT}/project.yml",
    SchemaFile.DEPLOYMENT: f"{FLOW}/deployment.yml",
    SchemaFile.COMPUTE: f"{PROJECT}/compute.yml",
    SchemaFile.DEFAULTS: f"{PROJECT}/defaults.yml",
    SchemaFile.NAMING: ".brickopscfg/config.yml",
    SchemaFile.QUALITY: f"{FLOW}/quality.yml",
    SchemaFile.REVIEW: POLICY_FILE,
    SchemaFile.RULES: "orgs/acme/rules.yml",
    SchemaFile.WORKSHOP: workshop_file.FILE,
    SchemaFile.PRICES: prices.FILE,
}
# what is no part of the mesh is read by those who need it
READERS = {
    SchemaFile.WORKSHOP: workshop_file.read_workshop,
    SchemaFile.PRICES: lambda root: prices.read_prices(root, "Small"),
    SchemaFile.RULES: lambda root: check_rules(load(root), deployed(root), date(2026, 12, 1), run_own=False),
}


def known(file: SchemaFile) -> list[str]:
    """The names of all fields of a file at any depth, and some unknown names."""
    made = json.dumps(schema(file))
    return sorted({*re.findall(r'"(\w+)": \{', made), "a", "", "${x}", "revenue"})


def values(file: SchemaFile) -> st.SearchStrategy[Any]:
    plain = st.sampled_from(
        [None, True, 0, -1, 10**30, 1.5, "", "a", "a b", "revenue", "${x}", "a/b", "../x", "local"]
    )
    keys = st.sampled_from(known(file))
    inner = st.recursive(
        plain,
        lambda deeper: st.lists(deeper, max_size=3) | st.dictionaries(keys, deeper, max_size=4),
        max_leaves=12,
    )
    return st.dictionaries(st.sampled_from([*schema(file)["properties"], "a"]), inner, max_size=4)


@pytest.mark.parametrize("file", SchemaFile)
def test_no_value_anywhere_is_a_traceback(file: SchemaFile, tmp_path_factory: pytest.TempPathFactory) -> None:
    @settings(max_examples=60, deadline=None, derandomize=True, database=None)
    @given(values(file))
    def holds(document: dict[str, Any]) -> None:
        root = tmp_path_factory.mktemp("mesh")
        tree(root, {PLACES[file]: json.dumps(document)})
        findings(root, READERS.get(file, deployed))

    holds()
