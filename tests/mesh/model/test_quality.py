"""The quality.yml of a flow; tests/golden/quality_findings has its findings."""

from __future__ import annotations

from pathlib import Path

from mesh.files.files import Files
from mesh.model.quality import Quality, flow_quality

RULES = "tables:\n  raw.trips:\n  - {column: a, rule: is_not_null}\n"


def read(root: Path, schemas: tuple[str, ...], text: str = RULES) -> Quality | None:
    (root / "flow").mkdir()
    (root / "flow" / "quality.yml").write_text(text)
    found, wrong = flow_quality("flow", schemas, Files(root))
    assert wrong == []
    return found


def test_tables_may_name_a_schema_of_the_flow(tmp_path: Path) -> None:
    found = read(tmp_path, ("raw", "clean"))

    assert found
    assert [(one.schema, one.name, one.full_name) for one in found.tables] == [("raw", "trips", "raw.trips")]


def test_bad_rows_go_to_the_quarantine(tmp_path: Path) -> None:
    found = read(tmp_path, ("raw",))

    assert found
    [rules] = found.table_rules
    assert (rules.quarantine, rules.types) == (True, ())


def test_a_flow_without_the_file_has_no_rules(tmp_path: Path) -> None:
    assert flow_quality("flow", ("raw",), Files(tmp_path)) == (None, [])
