"""Running the cells of a notebook, with a fake Spark."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from local.notebook import failure
from local.notebook.places import Places
from local.notebook.runner import Runner


@dataclass
class Frame:
    """A result that can be shown."""

    text: str
    columns: tuple[str, ...] = ("a",)

    def show(self, rows: int, truncate: bool) -> None:
        print(f"<{self.text}>")

    def toPandas(self) -> None:
        raise NotImplementedError


@dataclass
class Spark:
    """Records the statements."""

    statements: list[tuple[str, Mapping[str, str] | None]] = field(default_factory=list)

    def sql(self, text: str, args: Mapping[str, str] | None = None) -> Frame:
        self.statements.append((text, args))
        return Frame(text)


def run(tmp_path: Path, text: str, spark: Any = None, **parameters: str) -> str | None:
    file = tmp_path / "nb.py"
    file.write_text(text, encoding="utf-8")
    return Runner(spark or Spark(), tmp_path).run(file, "/Users/ola/nb", parameters)


def test_cells_share_variables_and_read_the_parameters(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(tmp_path, "a = dbutils.widgets.get('who')\n# COMMAND ----------\nprint(a)", who="Ada")
    assert capsys.readouterr().out == "Ada\n"


def test_exit_ends_the_notebook_with_its_value(tmp_path: Path) -> None:
    assert run(tmp_path, "dbutils.notebook.exit('done')\n# COMMAND ----------\nraise ValueError") == "done"


def test_a_notebook_that_ends_by_itself_has_no_value(tmp_path: Path) -> None:
    assert run(tmp_path, "a = 1") is None


def test_the_last_expression_of_a_cell_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tmp_path, "1\n[2]\n# COMMAND ----------\nNone")
    assert capsys.readouterr().out == "[2]\n"


def test_sql_uses_widgets_as_parameters_and_shows_the_last_result(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spark = Spark()
    run(tmp_path, "# MAGIC %sql\n# MAGIC use schema s;\n# MAGIC select :who", spark, who="Ada", other="Bo")
    assert spark.statements == [("use schema s", None), ("select :who", {"who": "Ada"})]
    assert capsys.readouterr().out == "<select :who>\n"


def test_run_imports_the_variables_of_another_notebook(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "other.py").write_text("def double(x):\n    return 2 * x\n")
    run(tmp_path, "# MAGIC %run ./other\n# COMMAND ----------\nprint(double(21))")
    assert capsys.readouterr().out == "42\n"


def test_run_takes_a_path_of_the_workspace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "Shared").mkdir()
    (tmp_path / "Shared" / "other.py").write_text("print('shared')")
    run(tmp_path, "%run /Workspace/Shared/other")
    assert capsys.readouterr().out == "shared\n"


def test_dbutils_notebook_run_shares_no_variables_and_returns_the_value(tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text("a = 'changed'\ndbutils.notebook.exit(dbutils.widgets.get('n') + a)")
    text = (
        "a = 'mine'\nvalue = dbutils.notebook.run('other', 60, {'n': '1'})\ndbutils.notebook.exit(value + a)"
    )
    assert run(tmp_path, text) == "1changedmine"


def test_dbutils_notebook_run_uses_the_folder_of_the_notebook(tmp_path: Path) -> None:
    below = tmp_path / "below"
    below.mkdir()
    (below / "here.txt").write_text("beside it")
    (below / "other.py").write_text(
        "from pathlib import Path\ndbutils.notebook.exit(Path('here.txt').read_text())"
    )
    text = "value = dbutils.notebook.run('below/other')\nimport os\ndbutils.notebook.exit(f'{value}, then {os.getcwd()}')"
    assert run(tmp_path, text) == f"beside it, then {tmp_path}"


def test_text_cells_are_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tmp_path, "# MAGIC %md\n# MAGIC ## Revenue\n# MAGIC of all boroughs\n# COMMAND ----------\nprint(1)")
    assert capsys.readouterr().out == "## Revenue\nof all boroughs\n1\n"


def test_a_traceback_names_files_and_cells_of_the_workspace(tmp_path: Path) -> None:
    text = "# Databricks notebook source\ndef boom():\n    1 / 0\n\n# COMMAND ----------\n\nboom()\n"
    with pytest.raises(ZeroDivisionError) as caught:
        run(tmp_path, text)

    told = failure.trace(caught.value, Places(tmp_path))
    assert '  File "/Workspace/nb.py", line 7, in cell 2\n    boom()\n' in told
    assert '  File "/Workspace/nb.py", line 3, in boom, cell 1\n    1 / 0\n' in told


def test_a_syntax_error_names_the_file_of_the_workspace(tmp_path: Path) -> None:
    with pytest.raises(SyntaxError) as caught:
        run(tmp_path, "a = 1\n# COMMAND ----------\nb = = 2\n")

    assert '  File "/Workspace/nb.py", line 3\n    b = = 2\n' in failure.trace(caught.value, Places(tmp_path))


def test_a_pip_cell_says_what_it_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tmp_path, "# MAGIC %pip install pydantic\n# COMMAND ----------\ndbutils.library.restartPython()")
    assert capsys.readouterr().out == (
        "%pip install pydantic: no effect in the local workspace\n"
        "dbutils.library.restartPython: no effect in the local workspace\n"
    )


def test_an_unknown_magic_is_an_error_with_file_and_line(tmp_path: Path) -> None:
    with pytest.raises(NotImplementedError, match=r"nb\.py:4: the local workspace does not support %scala"):
        run(tmp_path, "a = 1\n# COMMAND ----------\n# MAGIC %scala\n# MAGIC val x = 1")


def test_a_traceback_shows_only_lines_of_the_notebook(tmp_path: Path) -> None:
    text = "# Databricks notebook source\n\n# COMMAND ----------\n\ndef boom():\n    raise ValueError('oops')\n\nboom()\n"
    with pytest.raises(ValueError, match="oops") as caught:
        run(tmp_path, text)
    file = tmp_path / "nb.py"
    told = failure.trace(caught.value)
    assert "local/notebook/runner.py" not in told.replace("tests/local", "")
    assert told.endswith(
        f'  File "{file}", line 8, in <module>\n'
        "    boom()\n"
        f'  File "{file}", line 6, in boom\n'
        "    raise ValueError('oops')\n"
        "ValueError: oops\n"
    )


def test_a_syntax_error_has_the_line_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(SyntaxError) as caught:
        run(tmp_path, "a = 1\n# COMMAND ----------\nif a\n")
    assert (caught.value.filename, caught.value.lineno) == (str(tmp_path / "nb.py"), 3)


def test_an_error_of_sql_names_the_cell(tmp_path: Path) -> None:
    class Failing(Spark):
        def sql(self, text: str, args: Mapping[str, str] | None = None) -> Frame:
            raise RuntimeError("no such table")

    with pytest.raises(RuntimeError) as caught:
        run(tmp_path, "a = 1\n# COMMAND ----------\n# MAGIC %sql\n# MAGIC select 1", Failing())
    assert '  File "/Workspace/nb.py", line 4, in cell 2 (SQL)\n' in failure.trace(caught.value)


def test_the_summary_is_one_line() -> None:
    assert failure.summary(ValueError("first\nsecond")) == "ValueError: first"
    assert failure.summary(KeyboardInterrupt()) == "KeyboardInterrupt"
