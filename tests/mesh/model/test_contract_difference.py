"""Contracts at two commits."""

from __future__ import annotations

from pathlib import Path

from mesh.model.contract_difference import ContractDifference, contract_differences
from tests.mesh.conftest import FLOW, PROJECT
from tests.mesh.model.test_contract_reads import REVENUE, by, reads
from tests.support.contracts import COLUMNS, text

BOROUGH, AMOUNT = COLUMNS
RENAMED = [BOROUGH, {**AMOUNT, "name": "sum"}]
FILE, SECOND = f"{FLOW}/contracts/revenue.yaml", f"{FLOW}/contracts/revenue-2.yaml"
READER = {"monthly": by("1")}


def differences(
    root: Path,
    before: dict[str, str],
    after: dict[str, str],
    readers: dict[str, str] = READER,
    former_readers: dict[str, str] = READER,
) -> list[ContractDifference]:
    return [
        *contract_differences(
            reads(root / "before", former_readers, before), reads(root / "after", readers, after)
        )
    ]


def test_nothing_changes(tmp_path: Path) -> None:
    assert differences(tmp_path, {FILE: text()}, {FILE: text()}) == []


def test_a_renamed_column_breaks_the_readers(tmp_path: Path) -> None:
    """A newer version of the same major does not help: readers of version 1 get it."""
    [found] = differences(tmp_path, {FILE: text()}, {FILE: text("1.1.0", RENAMED)})

    assert (found.verdict, found.flow, found.owner) == ("broken", REVENUE, "platform")
    assert [one.text for one in found.changes] == ["column `amount` of `by_borough` is renamed to `sum`"]
    assert [(one.flow, one.owner) for one in found.readers] == [("acme/finance/costs/prep/monthly", "money")]
    assert found.place == f"{FILE}:5"
    assert found.columns == ("amount",)
    assert found.remedy == "provide version 2.0.0 in a file of its own, and keep 1.0.0 as it is"


def test_a_new_major_version_beside_the_old_one_breaks_nothing(tmp_path: Path) -> None:
    [found] = differences(tmp_path, {FILE: text()}, {FILE: text(), SECOND: text("2.0.0", RENAMED)})
    assert (found.verdict, found.before, found.after) == ("new", None, "2.0.0")


def test_a_new_major_version_instead_of_the_old_one_breaks(tmp_path: Path) -> None:
    """Also if the flows of this mesh read the new one already: others may not."""
    broken, new = differences(tmp_path, {FILE: text()}, {FILE: text("2.0.0", RENAMED)}, {"monthly": by("2")})
    assert (broken.verdict, broken.before, broken.after) == ("broken", "1.0.0", None)
    assert broken.remedy.endswith("before a later change removes it, beside version 2.0.0")
    assert (new.verdict, [one.version for one in new.readers]) == ("new", ["2"])


def test_a_version_whose_end_was_announced_may_go_when_nobody_reads_it(tmp_path: Path) -> None:
    before = {FILE: text(status="deprecated"), SECOND: text("2.0.0", RENAMED)}
    after = {SECOND: before[SECOND]}
    [unread] = differences(tmp_path / "a", before, after, {"monthly": by("2")})
    [read] = differences(tmp_path / "b", before, after, {"monthly": "prep/revenue"})
    assert (unread.verdict, unread.remedy) == ("removed", "")
    assert (read.verdict, [one.version for one in read.readers]) == ("broken", [None])


def test_an_added_column_needs_a_minor_version(tmp_path: Path) -> None:
    more = [*COLUMNS, {"name": "trips"}]
    verdicts = {
        version: differences(tmp_path / version, {FILE: text()}, {FILE: text(version, more)})[0]
        for version in ("1.0.0", "1.0.1", "1.1.0")
    }
    assert [one.verdict for one in verdicts.values()] == ["unversioned", "unversioned", "compatible"]
    assert verdicts["1.0.0"].remedy == f"write version 1.1.0 in {FILE}:5"


def test_other_words_need_a_patch_version(tmp_path: Path) -> None:
    words = [BOROUGH, {**AMOUNT, "description": "Dollars"}]
    [unversioned] = differences(tmp_path / "a", {FILE: text()}, {FILE: text("1.0.0", words)})
    [compatible] = differences(tmp_path / "b", {FILE: text()}, {FILE: text("1.0.1", words)})
    assert (unversioned.verdict, compatible.verdict) == ("unversioned", "compatible")


def test_a_version_that_goes_back_is_unversioned(tmp_path: Path) -> None:
    [found] = differences(tmp_path, {FILE: text("1.2.0")}, {FILE: text("1.1.0")})
    assert (found.verdict, found.remedy) == ("unversioned", f"write version 1.2.0 in {FILE}:5")


def test_a_draft_promises_nothing(tmp_path: Path) -> None:
    [changed] = differences(
        tmp_path / "a", {FILE: text(status="draft")}, {FILE: text("1.0.0", RENAMED, status="draft")}
    )
    [gone] = differences(tmp_path / "b", {FILE: text(status="draft")}, {}, {}, READER)
    assert (changed.verdict, gone.verdict) == ("compatible", "removed")


def test_a_renamed_flow_keeps_its_promises(tmp_path: Path) -> None:
    moved = f"{PROJECT}/flows/prep/income"
    after = {
        f"{moved}/deployment.yml": "renamed_from: revenue\ntasks: [{task_key: a, serverless: true}]",
        f"{moved}/a.py": "",
        f"{moved}/contracts/revenue.yaml": text("1.0.0", RENAMED),
    }
    read = by("1").replace("prep/revenue", "prep/income")
    former = reads(tmp_path / "before", READER, {FILE: text()})

    [found] = contract_differences(former, reads(tmp_path / "after", {"monthly": read}, after, {}))

    assert (found.verdict, found.flow) == ("broken", "acme/transport/taxinyc/prep/income")
    assert [one.flow for one in found.readers] == ["acme/finance/costs/prep/monthly"]
