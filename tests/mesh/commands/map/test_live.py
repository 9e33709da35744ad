"""What a workspace tells about the flows of a map."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.commands.map.live import LastRun, Live, LiveTable, read_live
from mesh.errors import OutsideError, UsageError


def test_a_file_tells_runs_and_tables(tmp_path: Path) -> None:
    file = tmp_path / "live.json"
    file.write_text('{"runs": {"j": {"text": "success", "remarks": ["x"]}}, "tables": {"c.s": ["t"]}}')

    assert read_live(file) == Live({"j": LastRun("success", "", ("x",), None)}, {"c.s": ("t",)})


def test_jobs_of_one_name_are_told_apart_by_the_folders_of_their_flows() -> None:
    one, other = LastRun("success"), LastRun("failed")
    live = Live({"j": one, "orgs/a/validation/j": other})

    assert (live.last_run("j", "orgs/a/training"), live.last_run("j", "orgs/a/validation")) == (one, other)


def test_tables_lead_to_their_pages() -> None:
    live = Live(tables={"c.s x": ("t/1",)}, table_page="https://acme.example/{catalog}/{schema}/{table}")

    assert [*live.tables_in("c.s x")] == [LiveTable("t/1", "https://acme.example/c/s%20x/t%2F1")]
    assert [*Live(tables={"c.s": ("t",)}).tables_in("c.s")] == [LiveTable("t")]
    assert [*live.tables_in("c.other")] == []


@pytest.mark.parametrize("text", ["", "[]", '{"runs": {"j": {}}}', '{"tables": {"c.s": 1}}'])
def test_a_file_of_another_form_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "live.json"
    file.write_text(text)

    with pytest.raises(UsageError, match="does not tell runs and tables"):
        read_live(file)


def test_a_file_that_is_not_there_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(OutsideError, match="cannot be read: no such file"):
        read_live(tmp_path / "none.json")
