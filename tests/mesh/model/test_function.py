"""Functions of a flow: statements in the folder `functions`."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.files.files import Files
from mesh.model.function import Function, flow_functions
from mesh.model.sql_object import parameters

KNOWN = parameters(["geo"])
MADE = "CREATE FUNCTION f() RETURNS INT RETURN"
NOT_ONE = "function-not-a-statement"


def read(tmp_path: Path, files: dict[str, str]) -> tuple[tuple[Function, ...], list[str]]:
    """The functions in a flow's folder, and the findings by code and place."""
    (tmp_path / "flow/functions").mkdir(parents=True)
    for name, text in files.items():
        (tmp_path / "flow/functions" / name).write_text(text)
    functions, findings = flow_functions("flow", ("sales",), KNOWN, Files(tmp_path))
    places = [f"{one.file.removeprefix('flow/functions/')}:{one.line}:{one.column}" for one in findings]
    return functions, [f"{one.code} {place}" for one, place in zip(findings, places, strict=True)]


def test_a_statement_has_a_place_for_the_mark_and_the_values_of_parameters(tmp_path: Path) -> None:
    text = """\
-- Who may see a row
CREATE OR REPLACE FUNCTION IF NOT EXISTS Own(row STRUCT<a: INT COMMENT 'x'>, at INT DEFAULT 1 COMMENT 'y')
RETURNS ARRAY<STRUCT<a: INT COMMENT 'z'>> COMMENT 'It''s own' DETERMINISTIC
RETURN (SELECT max(a) FROM IDENTIFIER(:geo_catalog || '.' || :geo_schema || '.zones') WHERE s = :schema);
"""
    [one], found = read(tmp_path, {"own.sql": text})

    assert found == []
    assert (one.schema, one.name, one.position) == ("sales", "own", "flow/functions/own.sql:2")
    assert one.head == (
        "(row STRUCT<a: INT COMMENT 'x'>, at INT DEFAULT 1 COMMENT 'y')\n"
        "RETURNS ARRAY<STRUCT<a: INT COMMENT 'z'>> COMMENT 'It''s own "
    )
    assert [*one.pieces] == [
        "' DETERMINISTIC\n",
        "RETURN (SELECT max(a) FROM ",
        {"name": [{"value": "geo_catalog"}, ".", {"value": "geo_schema"}, ".zones"]},
        " WHERE s = ",
        {"value": "schema"},
        ")",
    ]


@pytest.mark.parametrize(
    ("text", "head", "rest"),
    [
        ("f() RETURN 1", "() COMMENT '", "' RETURN 1"),
        ("f(a INT DEFAULT 3 < 4) RETURN a", "(a INT DEFAULT 3 < 4) COMMENT '", "' RETURN a"),
        ('`F`() COMMENT "it\'s" RETURN 1', "() COMMENT \"it's ", '" RETURN 1'),
        ("f() COMMENT r'\\d' RETURN 1", "() COMMENT r'\\d ", "' RETURN 1"),
        ("f() COMMENT '' RETURN 1", "() COMMENT '", "' RETURN 1"),
        (
            "f(x STRING) RETURNS STRING LANGUAGE PYTHON AS $$\n# it's ;\nreturn f'{{x}}:a'\n$$ -- end",
            "(x STRING) RETURNS STRING LANGUAGE PYTHON COMMENT '",
            "' AS $$\n# it's ;\nreturn f'{{x}}:a'\n$$",
        ),
        (
            "f() LANGUAGE PYTHON AS $$ 1 $$ -- end\n/* of\nit */ ;",
            "() LANGUAGE PYTHON COMMENT '",
            "' AS $$ 1 $$",
        ),
        ("f(x INT) RETURN IDENTIFIER(:geo_catalog || '.s.g')(x + 1)", "(x INT) COMMENT '", None),
        ("f() COMMENT r'return' RETURN 1", "() COMMENT r'return ", "' RETURN 1"),
        ("f(a STRUCT<b :INT>) RETURN 1", "(a STRUCT<b :INT>) COMMENT '", "' RETURN 1"),
        ("f(language INT) RETURN language", "(language INT) COMMENT '", "' RETURN language"),
        (
            "f() LANGUAGE PYTHON COMMENT 'as $$' AS $$ return 1 $$;",
            "() LANGUAGE PYTHON COMMENT 'as $$ ",
            "' AS $$ return 1 $$",
        ),
        ("f() RETURNS TABLE (a INT) RETURN SELECT 1 AS a", "() RETURNS TABLE (a INT) COMMENT '", None),
        ("f() RETURN WITH a AS (SELECT 1) SELECT * FROM a", "() COMMENT '", None),
    ],
)
def test_forms_of_a_statement(tmp_path: Path, text: str, head: str, rest: str | None) -> None:
    [one], found = read(tmp_path, {"f.sql": f"CREATE FUNCTION {text}"})

    assert found == []
    assert one.head == head
    assert rest is None or "".join(map(str, one.pieces)) == rest


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"{MADE} 1; SELECT 2", f"{NOT_ONE} f.sql:1:43"),
        ("", f"{NOT_ONE} f.sql:1:1"),
        ("SELECT 1", f"{NOT_ONE} f.sql:1:1"),
        ("CREATE", f"{NOT_ONE} f.sql:1:1"),
        ("CREATE TEMPORARY FUNCTION f() RETURN 1", f"{NOT_ONE} f.sql:1:8"),
        ("CREATE FUNCTION f AS 'a.Class'", f"{NOT_ONE} f.sql:1:24"),
        ("CREATE FUNCTION f() RETURNS INT", f"{NOT_ONE} f.sql:1:29"),
        (MADE, f"{NOT_ONE} f.sql:1:33"),
        ("CREATE FUNCTION f() LANGUAGE", f"{NOT_ONE} f.sql:1:21"),
        ("CREATE FUNCTION f() AS $$ return 1 $$", f"{NOT_ONE} f.sql:1:21"),
        ("CREATE FUNCTION f() LANGUAGE PYTHON AS 'a' 'b'", f"{NOT_ONE} f.sql:1:37"),
        ("CREATE FUNCTION main.sales.f() RETURN 1", "function-name f.sql:1:17"),
        ("CREATE FUNCTION IDENTIFIER(:catalog || '.f')() RETURN 1", "function-name f.sql:1:17"),
        ("CREATE FUNCTION\n  g() RETURN 1", "function-name f.sql:2:3"),
        (f"{MADE} (1", "syntax-error f.sql:1:40"),
        (f"{MADE}\n  SELECT FROM WHERE", "syntax-error f.sql:2:15"),
        (f"{MADE} SELECT FROM WHERE", "syntax-error f.sql:1:52"),
        (f"{MADE} 'a", "syntax-error f.sql:1:1"),
        (f"CREATE FUNCTION f() AS $$ 1 $$ {'-' * 9999}\nx", f"{NOT_ONE} f.sql:1:21"),
        (f"CREATE FUNCTION f() {'AS $$ 1 $$ /* ' * 9999}", "syntax-error f.sql:1:1"),
        (f"{MADE} :token", "function-parameter f.sql:1:41"),
        ("CREATE FUNCTION f(a INT DEFAULT :schema) RETURN a", "function-parameter f.sql:1:33"),
        (f"{MADE} ${{it's}}", "function-parameter f.sql:1:1"),
        (f"{MADE} {{{{ it's }}}}", "function-parameter f.sql:1:1"),
        (f"{MADE} '${{env:PATH}}'", "function-parameter f.sql:1:1"),
        ("CREATE FUNCTION f() LANGUAGE PYTHON AS $$\n'${a}' $$", "function-parameter f.sql:2:1"),
    ],
)
def test_findings(tmp_path: Path, text: str, found: str) -> None:
    assert read(tmp_path, {"f.sql": text}) == ((), [found])


def test_a_function_comes_after_those_that_it_calls(tmp_path: Path) -> None:
    functions, found = read(
        tmp_path,
        {
            "a.sql": "CREATE FUNCTION a() RETURN B() + other.c()",
            "b.sql": "CREATE FUNCTION b() RETURN IDENTIFIER(:catalog || '.' || :schema || '.c')() + 'd('",
            "c.sql": "CREATE FUNCTION c() RETURN max(1)",
            "d.sql": "CREATE FUNCTION d() LANGUAGE PYTHON AS $$ return a() $$",
        },
    )

    assert found == []
    assert [one.name for one in functions] == ["c", "d", "b", "a"]


def test_functions_that_call_each_other_are_a_finding(tmp_path: Path) -> None:
    (tmp_path / "flow/functions").mkdir(parents=True)
    for name, to in {"a": "b", "b": "c", "c": "a", "d": "a"}.items():
        file = tmp_path / f"flow/functions/{name}.sql"
        file.write_text(f"CREATE FUNCTION {name}() RETURN {to}()")

    functions, [found] = flow_functions("flow", ("sales",), KNOWN, Files(tmp_path))

    assert len(functions) == 4
    assert (found.code, found.file) == ("function-circle", "flow/functions/a.sql")
    circle = found.message.partition(": ")[2].partition(" (")[0]
    assert circle in ("`a` → `b` → `c` → `a`", "`b` → `c` → `a` → `b`", "`c` → `a` → `b` → `c`")


def test_a_function_that_calls_itself_is_a_finding(tmp_path: Path) -> None:
    own = "IDENTIFIER(:catalog || '.' || :schema || '.a')"
    _, found = read(tmp_path, {"a.sql": f"CREATE FUNCTION a(x INT) RETURN {own}(x - 1)"})

    assert found == ["function-circle a.sql:1:1"]


def test_a_function_may_call_the_built_in_one_of_its_name(tmp_path: Path) -> None:
    [one], found = read(tmp_path, {"mask.sql": "CREATE FUNCTION mask(x STRING) RETURN mask(x, 'X')"})

    assert (one.name, found) == ("mask", [])
