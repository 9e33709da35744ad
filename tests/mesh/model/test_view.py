"""Views of a flow: queries in the folder `views`."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.files.files import Files
from mesh.model.sql_object import parameters
from mesh.model.view import View, flow_views

KNOWN = parameters(["geo"])


def read(
    tmp_path: Path, files: dict[str, str], schemas: tuple[str, ...] = ("sales",)
) -> tuple[tuple[View, ...], list[str]]:
    """The views in a flow's folder, and the findings by code, place and message."""
    (tmp_path / "flow/views").mkdir(parents=True)
    for name, text in files.items():
        (tmp_path / "flow/views" / name).write_text(text)
    views, findings = flow_views("flow", schemas, KNOWN, Files(tmp_path))
    return views, [
        f"{one.code} {one.file.removeprefix('flow/views/')}:{one.line}:{one.column}" for one in findings
    ]


def test_a_query_has_the_names_and_values_that_parameters_make(tmp_path: Path) -> None:
    text = """\
-- Trips that cost most
SELECT a :: INT, 'it''s :geo_schema' AS b, c:d FROM trips -- :x
JOIN IDENTIFIER(:geo_catalog || '.' || :geo_schema || '.zones') USING (zone)
WHERE s = :schema;
"""
    [view], found = read(tmp_path, {"Dear.sql": text})

    assert found == []
    assert (view.schema, view.name, view.position) == ("sales", "dear", "flow/views/Dear.sql:2")
    assert [*view.pieces] == [
        "SELECT a :: INT, 'it''s :geo_schema' AS b, c:d FROM trips -- :x\nJOIN ",
        {"name": [{"value": "geo_catalog"}, ".", {"value": "geo_schema"}, ".zones"]},
        " USING (zone)\nWHERE s = ",
        {"value": "schema"},
    ]
    assert view.text == text.partition("\n")[2].rstrip().removesuffix(";")


@pytest.mark.parametrize("before", ["'a'||", "1+", "x, ", "a =", "2*", "- "])
def test_a_parameter_may_follow_any_operator(tmp_path: Path, before: str) -> None:
    [view], found = read(tmp_path, {"a.sql": f"SELECT {before}:schema FROM t"})

    assert found == []
    assert [*view.pieces] == [f"SELECT {before}", {"value": "schema"}, " FROM t"]


@pytest.mark.parametrize("value", ["a", "a.b", "a[0]", "parse_json(a)", "`a b`", "date", "a_"])
def test_a_path_in_a_value_is_no_parameter(tmp_path: Path, value: str) -> None:
    [view], found = read(tmp_path, {"a.sql": f"SELECT {value}:schema FROM t"})

    assert found == []
    assert [*view.pieces] == [f"SELECT {value}:schema FROM t"]


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"a.sql": "SELECT 1; SELECT 2"}, ["view-not-a-query a.sql:1:11"]),
        ({"a.sql": "CREATE VIEW a AS SELECT 1"}, ["view-not-a-query a.sql:1:1"]),
        ({"a.sql": "-- nothing"}, ["view-not-a-query a.sql:1:1"]),
        ({"a.sql": "SELECT (1"}, ["syntax-error a.sql:1:8"]),
        ({"a.sql": "SELECT 1", "A.sql": "SELECT 1"}, ["one-name-twice a.sql:1:1"]),
        ({"a b.sql": "SELECT 1"}, ["bad-name a b.sql:1:1"]),
        ({"other.a.sql": "SELECT 1"}, ["unknown-schema other.a.sql:1:1"]),
        ({"a.sql": "SELECT *\nFROM IDENTIFIER(:goe_catalog || '.a.b')"}, ["view-parameter a.sql:2:18"]),
        ({"a.sql": "SELECT * FROM IDENTIFIER(upper(:schema))"}, ["view-parameter a.sql:1:15"]),
        ({"a.sql": "SELECT :token"}, ["view-parameter a.sql:1:9"]),
        ({"a.sql": "SELECT '${env:PATH}'"}, ["view-parameter a.sql:1:1"]),
        ({"a.sql": "SELECT {{ it's }}"}, ["view-parameter a.sql:1:1"]),
        ({"a.txt": "no view"}, []),
        ({"deployment.yml": "a flow that is called views", "a.sql": "INSERT INTO a SELECT 1"}, []),
    ],
)
def test_findings(tmp_path: Path, files: dict[str, str], found: list[str]) -> None:
    assert read(tmp_path, files)[1] == found


def test_sql_in_a_subfolder_creates_no_view(tmp_path: Path) -> None:
    for folder in ("reports/monthly", "explore", "part"):
        (tmp_path / "flow/views" / folder).mkdir(parents=True)
        (tmp_path / "flow/views" / folder / "a.sql").write_text("SELECT 1")
    (tmp_path / "flow/views/part/deployment.yml").touch()

    views, findings = flow_views("flow", ("sales",), KNOWN, Files(tmp_path))

    assert views == ()
    assert [(one.code, one.file) for one in findings] == [
        ("sql-in-subfolder", "flow/views/reports/monthly/a.sql")
    ]


def test_a_flow_with_several_schemas_names_that_of_each_view(tmp_path: Path) -> None:
    views, found = read(tmp_path, {"raw.a.sql": "SELECT 1", "b.sql": "SELECT 1"}, ("sales", "raw"))

    assert [(one.schema, one.name) for one in views] == [("raw", "a")]
    assert found == ["unknown-schema b.sql:1:1"]
