"""What a dbt task tells of objects that failed."""

from types import SimpleNamespace
from typing import Any

import pytest

from local.dbt.failures import ROWS, described


def done(*objects: tuple[str, str, str, str, str | None], exception: str | None = None) -> Any:
    """Dbt's result of a command: type, name, file, status and message of each object."""
    results = [
        SimpleNamespace(
            status=status,
            message=message,
            node=SimpleNamespace(
                resource_type=kind,
                name=name,
                original_file_path=file,
                package_name="shop",
                compiled_code=f"select * from {name}",
            ),
        )
        for kind, name, file, status, message in objects
    ]
    return SimpleNamespace(result=SimpleNamespace(results=results), exception=exception)


def place(file: str, package: str = "shop") -> str:
    return f"/Workspace/{package}/{file}"


def no_rows(_: str) -> list[dict[str, Any]]:
    return []


MODEL = """Database Error in model dear (models/dear.sql)

  [TABLE_OR_VIEW_NOT_FOUND] The table `none`
  cannot be found.
  == SQL (line 1, position 8) ==
  select 1

  compiled code at target/run/shop/models/dear.sql"""
PLAN = "Database Error in model a (models/a.sql)\n  Cannot change: id.; line 3 pos 8;\nAlterColumns [x]"
TEST = "Got 1 result, configured to fail if != 0"


def test_no_secret_variable_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBT_ENV_SECRET_TOKEN", "not-shown")
    monkeypatch.setenv("DBT_ENV_SECRET_NONE", "")
    failed = done(exception="cannot read https://user:not-shown@example.com/rules.tgz: no answer")

    assert described("dbt deps", failed, place, no_rows) == (
        "`dbt deps` failed: cannot read https://user:*****@example.com/rules.tgz: no answer"
    )


def test_the_object_that_failed_is_named_with_its_file_and_the_message() -> None:
    result = done(
        ("model", "ok", "models/ok.sql", "success", "OK"),
        ("model", "dear", "models/dear.sql", "error", MODEL),
    )

    assert described("dbt run", result, place, no_rows) == (
        "`dbt run` failed: model dear (/Workspace/shop/models/dear.sql): "
        "[TABLE_OR_VIEW_NOT_FOUND] The table `none` cannot be found."
    )


def test_several_objects_have_a_line_each() -> None:
    result = done(
        ("model", "a", "models/a.sql", "error", PLAN), ("test", "unique_id", "models/s.yml", "fail", TEST)
    )

    assert described("dbt build", result, place, no_rows).splitlines() == [
        "`dbt build` failed: 2 errors, first model a (/Workspace/shop/models/a.sql): Cannot change: id.",
        f"test unique_id (/Workspace/shop/models/s.yml): {TEST}",
    ]


@pytest.mark.parametrize(
    ("exception", "error"),
    [
        (None, "`dbt run` failed"),
        (
            "Compilation Error in model dear (models/dear.sql)\n  unexpected '}'\n    line 1",
            "`dbt run` failed: Compilation Error in model dear (/Workspace/shop/models/dear.sql) "
            "unexpected '}' line 1",
        ),
    ],
)
def test_a_project_that_dbt_cannot_read_has_its_message(exception: str | None, error: str) -> None:
    assert described("dbt run", SimpleNamespace(result=None, exception=exception), place, no_rows) == error


def test_the_first_rows_of_a_failed_test_are_told() -> None:
    failed = ("test", "unique_id", "models/s.yml", "fail", TEST)
    result = done(failed, ("unit_test", "sums", "models/s.yml", "fail", "Got other rows"))
    asked: list[str] = []

    def rows(query: str) -> list[dict[str, Any]]:
        asked.append(query)
        return [{"id": 7, "note": None, "text": "a\n" + "b" * 100}] * (ROWS + 1)

    text = described("dbt test", result, place, rows).splitlines()
    row = f"  id: 7, note: null, text: a {'b' * 77}…"
    assert text[2:] == ["rows of unique_id:", *[row] * ROWS, "  …"]
    assert asked == ["select * from unique_id"]
