"""Who reads which contract."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.errors import MeshError
from mesh.load import load
from mesh.model.contract_reads import ContractReads, contract_reads
from tests.mesh.conftest import FLOW, ONE_FLOW
from tests.support.contracts import text

TASKS = ONE_FLOW[f"{FLOW}/deployment.yml"]
FINANCE = "orgs/acme/domains/finance/projects/costs"
REVENUE = "acme/transport/taxinyc/prep/revenue"
V1, V2 = text(), text("2.3.0", columns=[{"name": "sum"}])
BOTH = {f"{FLOW}/contracts/revenue-1.yaml": V1, f"{FLOW}/contracts/revenue-2.yaml": V2}


def reads(
    root: Path, flows: dict[str, str], files: dict[str, str] = BOTH, one_flow: dict[str, str] = ONE_FLOW
) -> ContractReads:
    """A mesh in which flows of finance read this, by the name of the flow."""
    written = {
        **one_flow,
        **files,
        "orgs/acme/org.yml": "owner: platform",
        f"{FINANCE}/project.yml": "owner: money",
    }
    for name, read in flows.items():
        folder = f"{FINANCE}/flows/prep/{name}"
        written |= {f"{folder}/deployment.yml": f"{TASKS}\nreads: {{taxi: {read}}}", f"{folder}/a.py": ""}
    for name, content in written.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    return contract_reads(load(root).owned_flows)


def by(version: str) -> str:
    return f'{{flow: prep/revenue, contract: revenue, version: "{version}"}}'


def findings(root: Path, read: str, files: dict[str, str] = BOTH) -> list[str]:
    with pytest.raises(MeshError) as caught:
        reads(root, {"monthly": read}, files)
    return [f"{one.code}:{one.line}: {one.message}" for one in caught.value.findings]


def test_flows_rely_on_the_version_that_they_read(tmp_path: Path) -> None:
    found = reads(tmp_path, {"old": by("1"), "new": by("2.1"), "plain": "taxinyc/prep/revenue"})

    first, second = (found.readers(REVENUE, "revenue", major) for major in (1, 2))

    assert [(one.flow.rpartition("/")[2], one.version) for one in first] == [("old", "1"), ("plain", None)]
    assert [(one.flow.rpartition("/")[2], one.version) for one in second] == [("new", "2.1"), ("plain", None)]
    assert {one.owner for one in first} == {"money"}
    assert first[0].place == f"{FINANCE}/flows/prep/old/deployment.yml:2"


def test_flows_that_read_the_readers_are_affected_too(tmp_path: Path) -> None:
    found = reads(tmp_path, {"a": by("1"), "b": "costs/prep/a", "c": "costs/prep/b"})

    readers = found.readers(REVENUE, "revenue", 1)

    a, b = "acme/finance/costs/prep/a", "acme/finance/costs/prep/b"
    assert [(one.flow[-1], one.through) for one in readers] == [("a", ()), ("b", (a,)), ("c", (a, b))]


def test_flows_that_read_each_other_are_named_once(tmp_path: Path) -> None:
    files = {**BOTH, f"{FLOW}/deployment.yml": f"{TASKS}\nreads: {{costs: costs/prep/a}}"}
    found = reads(tmp_path, {"a": by("1")}, files)
    assert [one.flow for one in found.readers(REVENUE, "revenue", 1)] == ["acme/finance/costs/prep/a"]


def test_the_owner_is_that_of_the_nearest_level(tmp_path: Path) -> None:
    found = reads(tmp_path, {"a": by("1")})
    assert [one.owner for one in found.flows.values()] == ["money", "platform"]


def test_a_reader_in_one_environment_is_a_reader(tmp_path: Path) -> None:
    files = {
        **BOTH,
        "orgs/acme/domains/ops/projects/p/flows/prep/f/deployment.yml": (
            f"{TASKS}\nenvironments:\n  local:\n    reads: {{taxi: {by('1')}}}"
        ),
        "orgs/acme/domains/ops/projects/p/flows/prep/f/a.py": "",
    }
    [reader] = reads(tmp_path, {}, files).readers(REVENUE, "revenue", 1)
    assert reader.place.endswith("deployment.yml:4")


def test_a_contract_that_is_not_provided_is_a_finding(tmp_path: Path) -> None:
    wrong = findings(tmp_path, '{flow: prep/revenue, contract: revenu, version: "1"}')
    assert wrong == [
        f"unknown-contract:2: contract `revenu` is not provided by `{REVENUE}` (did you mean `revenue`?)"
    ]


@pytest.mark.parametrize("version", ["3", "2.4", "1.0.1"])
def test_a_version_that_is_not_provided_is_a_finding_with_the_right_one(tmp_path: Path, version: str) -> None:
    assert findings(tmp_path, by(version)) == [
        f"unknown-contract-version:2: version {version} of contract `revenue` is not provided by `{REVENUE}` "
        '(versions: 1.0.0, 2.3.0; write `version: "2"`)'
    ]


def test_a_contract_with_errors_is_the_only_finding(tmp_path: Path) -> None:
    wrong = findings(tmp_path, by("1"), {f"{FLOW}/contracts/revenue.yaml": "kind: DataContract"})
    assert {one.partition(":")[0] for one in wrong} == {"missing-field"}
