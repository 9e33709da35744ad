"""The contracts that a flow provides."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.errors import MeshError
from mesh.load import load
from tests.mesh.conftest import FLOW, ONE_FLOW
from tests.support.contracts import AMOUNT_AS_TEXT, text

TASKS = ONE_FLOW[f"{FLOW}/deployment.yml"]


def provided(root: Path, files: dict[str, str], provides: str = "") -> list[str]:
    """The titles of the contracts of one flow with these files in its folder."""
    for name, content in {"a.py": "", "deployment.yml": f"{TASKS}\n{provides}", **files}.items():
        (root / FLOW / name).parent.mkdir(parents=True, exist_ok=True)
        (root / FLOW / name).write_text(content)
    [(_, project)] = load(root).projects
    return [one.title for one in project.flows[0].contracts]


def findings(root: Path, files: dict[str, str], provides: str = "") -> list[str]:
    with pytest.raises(MeshError) as caught:
        provided(root, files, provides)
    return [f"{one.code} {Path(one.file).name}:{one.line}: {one.message}" for one in caught.value.findings]


def test_the_contracts_in_the_folder_are_provided(tmp_path: Path) -> None:
    files = {"contracts/a.yaml": text(), "contracts/b.yml": text(name="other"), "contracts/c.txt": "no"}
    assert provided(tmp_path, files) == ["other 1.0.0", "revenue 1.0.0"]


def test_only_the_files_that_provides_names_are_provided(tmp_path: Path) -> None:
    files = {"contracts/a.yaml": text(), "contracts/b.yaml": text(name="other")}
    assert provided(tmp_path, files, "provides: contracts/b.yaml") == ["other 1.0.0"]
    assert provided(tmp_path, files, "provides: []") == []


def test_two_major_versions_are_provided_side_by_side(tmp_path: Path) -> None:
    files = {"contracts/a.yaml": text(), "contracts/b.yaml": text("2.0.0", columns=[{"name": "sum"}])}
    assert provided(tmp_path, files) == ["revenue 1.0.0", "revenue 2.0.0"]


def test_two_files_of_one_major_version_are_a_finding(tmp_path: Path) -> None:
    [wrong] = findings(tmp_path, {"contracts/a.yaml": text(), "contracts/b.yaml": text("1.1.0")})
    assert wrong.startswith("contract-twice b.yaml:5: contract `revenue` has major version 1 in orgs/")


def test_a_table_cannot_keep_two_types_of_a_column(tmp_path: Path) -> None:
    [wrong] = findings(
        tmp_path, {"contracts/a.yaml": text(), "contracts/b.yaml": text("2.0.0", columns=[AMOUNT_AS_TEXT])}
    )
    assert wrong.startswith(
        "contract-conflict b.yaml:11: column `amount` of `by_borough` is string here and decimal(18,2) in revenue 1.0.0"
    )


@pytest.mark.parametrize(
    ("provides", "expected"),
    [
        (
            "[contracts/b.yaml]",
            "contract-missing deployment.yml:2: contract `contracts/b.yaml` does not exist (did you",
        ),
        (
            "[../other/a.yaml]",
            "contract-outside deployment.yml:2: `../other/a.yaml` is outside of the flow's folder",
        ),
        ("[/etc/passwd]", "contract-outside deployment.yml:2: `/etc/passwd` is outside of the flow's folder"),
        (
            "[contracts/a.yaml, contracts/a.yaml]",
            "key-twice deployment.yml:2: `contracts/a.yaml` is declared twice",
        ),
    ],
)
def test_an_entry_that_leads_nowhere_is_a_finding(tmp_path: Path, provides: str, expected: str) -> None:
    [wrong] = findings(tmp_path, {"contracts/a.yaml": text()}, f"provides: {provides}")
    assert wrong.startswith(expected)


def test_a_link_out_of_the_repository_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_text(text())
    root = tmp_path / "mesh"
    (root / FLOW / "contracts").mkdir(parents=True)
    (root / FLOW / "contracts/a.yaml").symlink_to(outside)
    [wrong] = findings(root, {})
    assert wrong.startswith("link-outside a.yaml:1: is a link out of the repository")


def test_an_empty_contract_is_a_finding(tmp_path: Path) -> None:
    assert findings(tmp_path, {"contracts/a.yaml": ""}) == [
        "missing-field a.yaml:1: the contract is empty (add its fields)"
    ]


def test_provides_belongs_to_the_flow_in_all_environments(tmp_path: Path) -> None:
    [wrong] = findings(tmp_path, {"contracts/a.yaml": text()}, "environments: {local: {provides: []}}")
    assert wrong.startswith("not-by-environment deployment.yml:2: `provides` is the same in all environments")
