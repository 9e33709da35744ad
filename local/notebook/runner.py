"""Runs the cells of one notebook."""

import ast
import contextlib
import linecache
import re
import shlex
import sys
import types
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local.notebook import pip_cell, plots, source, statements
from local.notebook.dbutils import DbUtils, Jobs, Notebook, NotebookExit, TaskValues, Widgets, context
from local.notebook.fs import FileSystem
from local.notebook.paths import Paths, of_workspace
from local.notebook.places import Places
from local.notebook.secrets import Secrets
from local.notebook.session import display, use_python

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

WITHOUT_EFFECT = {"load_ext", "autoreload", "matplotlib", "config"}


class Runner:
    """Runs notebooks in one Spark session.

    Args:
        spark: the session.
        root: the folder on disk that is the workspace's `/`.
        task_values: the values that tasks of the job exchange.
        places: names files and cells in errors; by default those below `/Workspace`.
        plots: the folder for figures; None to leave them open.
        paths: the files of the workspace and its volumes.
        secrets: the file with secrets; None if there is none.
        environments: the folder for packages that cells install; None to install none.
    """

    def __init__(
        self,
        spark: "SparkSession",
        root: Path,
        task_values: TaskValues | None = None,
        places: Places | None = None,
        plots: Path | None = None,
        paths: Paths | None = None,
        secrets: Path | None = None,
        environments: Path | None = None,
    ) -> None:
        self.spark = spark
        self.root = root
        self.task_values = task_values or TaskValues({})
        self.places = places or Places(root)
        self.plots = plots
        self.fs = FileSystem((paths or of_workspace(root)).disk)
        self.secrets = Secrets(secrets)
        self.environments = environments

    def run(self, file: Path, path: str, parameters: Mapping[str, str]) -> str | None:
        """Runs a notebook with its own variables.

        Args:
            file: the notebook on disk.
            path: its path in the workspace.
            parameters: the job's parameters.

        Returns:
            The value of `dbutils.notebook.exit`, else None.
        """
        return _Run(self, file, path, Widgets(parameters)).run()


class _Run:
    """One run of a notebook: global names and cells, with the cells of notebooks included by `%run`."""

    def __init__(self, runner: Runner, file: Path, path: str, widgets: Widgets) -> None:
        self.runner, self.file, self.path, self.widgets = runner, file, path, widgets
        module = types.ModuleType("__main__")
        sys.modules["__main__"] = module
        self.names: dict[str, Any] = module.__dict__
        self.names.update(
            spark=runner.spark,
            dbutils=DbUtils(
                widgets,
                Notebook(context(path), self.other),
                Jobs(runner.task_values),
                runner.fs,
                runner.secrets,
            ),
            display=display,
            displayHTML=print,
            sql=runner.spark.sql,
            getArgument=widgets.getArgument,
        )

    def run(self) -> str | None:
        outer = sys.modules["__main__"]
        try:
            with contextlib.chdir(self.file.parent):
                self.cells(self.file)
        except NotebookExit as done:
            return done.value
        finally:
            sys.modules["__main__"] = outer
        return None

    def cells(self, file: Path) -> None:
        for cell in source.read(file):
            self.cell(cell, file.parent)
            plots.save_open(self.runner.plots)

    def cell(self, cell: source.Cell, folder: Path) -> None:
        match cell.magic:
            case "python":
                self.python(cell)
            case "sql":
                self.sql(cell)
            case "run":
                self.include(cell.text, folder)
            case "md" | "md-sandbox":
                print(cell.text.strip())
            case "pip":
                if python := pip_cell.run(cell.text, self.runner.environments):
                    use_python(self.runner.spark, python)
            case name if name in WITHOUT_EFFECT:
                print(f"%{name}: no effect in the local workspace")
            case name:
                raise NotImplementedError(
                    f"{self.runner.places.file(cell.file)}:{cell.line}: the local workspace does not "
                    f"support %{name} "
                    "(it supports %md, %pip, %python, %run, %sql)"
                )

    def python(self, cell: source.Cell) -> None:
        """Runs Python; prints the value of a final expression, as a notebook does."""
        # Leading blank lines keep the line numbers of the file.
        text = "\n" * (cell.line - 1) + cell.text
        if not Path(cell.file).exists():
            linecache.cache[cell.file] = (len(text), None, text.splitlines(keepends=True), cell.file)
        tree = ast.parse(text, cell.file)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, cell.file, "exec"), self.names)  # noqa: S102 - to run a notebook is to run its code
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), cell.file, "eval"), self.names)  # noqa: S307
            if value is not None:
                print(value if isinstance(value, str) else repr(value))

    def sql(self, cell: source.Cell) -> None:
        """Runs SQL statements with the widgets as `:name`, and displays the last result."""
        result = None
        try:
            for statement in statements.split(cell.text):
                markers = statements.markers(statement)
                values = {name: value for name, value in self.widgets.getAll().items() if name in markers}
                result = self.runner.spark.sql(statement, args=values or None)
            if result is not None and result.columns:
                self.names["_sqldf"] = result
                display(result)
        except Exception as error:
            file = self.runner.places.file(cell.file)
            error.add_note(f'  File "{file}", line {cell.line}, in cell {cell.number} (SQL)')
            raise

    def include(self, text: str, folder: Path) -> None:
        """Runs the cells of another notebook in this one (`%run`); `$name="value"` sets its parameters."""
        words = shlex.split(text, comments=True)
        if not words:
            raise ValueError("%run needs the path of a notebook")
        for name, value in re.findall(r'\$(\w+)\s*=\s*"([^"]*)"', text):
            self.widgets.text(name, value)
        self.cells(self.find(words[0], folder))

    def other(self, path: str, arguments: Mapping[str, str]) -> str | None:
        """Runs another notebook with its own variables: `dbutils.notebook.run`."""
        file = self.find(path, self.file.parent)
        absolute = path if path.startswith("/") else f"{self.path.rpartition('/')[0]}/{path}"
        return self.runner.run(file, absolute, arguments)

    def find(self, path: str, folder: Path) -> Path:
        relative = path.removeprefix("/Workspace") if path.startswith("/Workspace/") else path
        return source.find(
            (self.runner.root / relative.lstrip("/") if relative.startswith("/") else folder / path).resolve()
        )
