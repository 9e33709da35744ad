"""`dbutils` for the notebook of a job: widgets, exit, run, task values and the context."""

import json
import os
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Generic, NoReturn, TypeVar

from local.notebook.fs import FileSystem
from local.notebook.secrets import Secrets

T = TypeVar("T")
# The largest task value on Databricks, as JSON.
MOST_BYTES = 48 * 1024


class NotebookExit(BaseException):
    """The notebook called `exit`; `except Exception` in the notebook does not catch this."""

    def __init__(self, value: str) -> None:
        super().__init__(value)
        self.value = value


class Widgets:
    """`dbutils.widgets`: the job's parameters, and defaults for parameters that the job does not set.

    Args:
        parameters: the job's parameters; they override every default.
    """

    def __init__(self, parameters: Mapping[str, str]) -> None:
        self._parameters = dict(parameters)
        self._defaults: dict[str, str] = {}

    def text(self, name: str, defaultValue: str, label: str | None = None) -> None:
        """Declare a widget with its default."""
        self._defaults[name] = str(defaultValue)

    def dropdown(
        self,
        name: str,
        defaultValue: str,
        choices: Sequence[str],
        label: str | None = None,
    ) -> None:
        """Declare a widget with its default, which must be one of the choices."""
        if defaultValue not in choices:
            raise ValueError(
                f"default {defaultValue!r} of widget {name!r} is not one of {', '.join(choices)}"
            )
        self._defaults[name] = defaultValue

    def combobox(
        self,
        name: str,
        defaultValue: str,
        choices: Sequence[str],
        label: str | None = None,
    ) -> None:
        """Declare a widget with its default; values other than the choices are allowed."""
        self._defaults[name] = defaultValue

    multiselect = dropdown

    def get(self, name: str) -> str:
        """Return a parameter, else the widget's default.

        Raises:
            ValueError: there is no such parameter or widget.
        """
        values = self.getAll()
        if name not in values:
            have = ", ".join(sorted(values)) or "none"
            raise ValueError(f"no widget or job parameter {name!r} (there are: {have})")
        return values[name]

    def getAll(self) -> dict[str, str]:
        """Return every parameter and every widget that no parameter sets."""
        return {**self._defaults, **self._parameters}

    def getArgument(self, name: str, default: str | None = None) -> str | None:
        """Return a parameter, else the widget's default, else the given default."""
        return self.getAll().get(name, default)

    def remove(self, name: str) -> None:
        """Remove a widget; a job's parameter stays."""
        self._defaults.pop(name, None)

    def removeAll(self) -> None:
        """Remove every widget; the job's parameters stay."""
        self._defaults.clear()


class Some(Generic[T]):
    """A value of Databricks' context: a Scala Option that is always defined."""

    def __init__(self, value: Callable[[], T]) -> None:
        self._value = value

    def get(self) -> T:
        """Return the value."""
        return self._value()

    def getOrElse(self, default: Callable[[], T]) -> T:
        """Returns the value; the given default is never used."""
        return self._value()

    def isDefined(self) -> bool:
        """Returns True: the value always exists."""
        return True


class Context:
    """The context of a notebook; libraries such as brickops compute names from it.

    Args:
        path: the notebook's path in the workspace.
        host: the workspace's address.
        token: the access token of the workspace.
    """

    def __init__(self, path: str, host: str, token: str) -> None:
        self._path, self._host, self._token = path, host, token
        self._user = cache(self._ask_user)

    def notebookPath(self) -> Some[str]:
        """The notebook's path in the workspace."""
        return Some(lambda: self._path)

    def apiUrl(self) -> Some[str]:
        """The workspace's address."""
        return Some(lambda: self._host)

    def apiToken(self) -> Some[str]:
        """The access token of the workspace."""
        return Some(lambda: self._token)

    def userName(self) -> Some[str]:
        """The user of the access token."""
        return Some(self._user)

    def _ask_user(self) -> str:
        request = urllib.request.Request(  # noqa: S310 - the workspace's own address
            f"{self._host}/api/2.0/preview/scim/v2/Me", headers={"Authorization": f"Bearer {self._token}"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return str(json.load(answer)["userName"])


class _EntryPoint:
    """`dbutils.notebook.entry_point`: libraries reach the context through it."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def getDbutils(self) -> "_EntryPoint":
        return self

    def notebook(self) -> "_EntryPoint":
        return self

    def getContext(self) -> Context:
        return self._context


class Notebook:
    """`dbutils.notebook`.

    Args:
        context: the notebook's context.
        run: runs another notebook with a path and parameters, and returns its exit value.
    """

    def __init__(self, context: Context, run: Callable[[str, Mapping[str, str]], str | None]) -> None:
        self.entry_point = _EntryPoint(context)
        self._run = run

    def exit(self, value: object = "") -> NoReturn:
        """End the notebook here, successfully, with a value."""
        raise NotebookExit(str(value))

    def run(
        self, path: str, timeout_seconds: int = 0, arguments: Mapping[str, str] | None = None
    ) -> str | None:
        """Runs another notebook with its own variables; returns its exit value. Ignores `timeout_seconds`."""
        return self._run(path, arguments or {})

    def getContext(self) -> Context:
        """Returns the notebook's context."""
        return self.entry_point.getContext()


class TaskValues:
    """`dbutils.jobs.taskValues`: small values that tasks of one run exchange.

    Args:
        others: the values that earlier tasks set: task key → name → value.
    """

    def __init__(self, others: Mapping[str, Mapping[str, Any]]) -> None:
        self._others = others
        self.own: dict[str, Any] = {}

    def set(self, key: str, value: Any) -> None:
        """Set a value for the tasks after this one.

        Raises:
            ValueError: the value is not JSON, or larger than Databricks accepts.
        """
        try:
            size = len(json.dumps(value, ensure_ascii=False).encode())
        except TypeError as error:
            raise ValueError(f"task value {key!r} cannot be written as JSON: {error}") from None
        if size > MOST_BYTES:
            raise ValueError(f"task value {key!r} has {size} bytes of JSON (at most {MOST_BYTES})")
        self.own[key] = value

    def get(self, taskKey: str, key: str, default: Any = None, debugValue: Any = None) -> Any:
        """Returns a value that another task set, else the default; `debugValue` is for runs outside of jobs.

        Raises:
            ValueError: the task has not set the value, and there is no default.
        """
        values = self._others.get(taskKey, {})
        if key in values:
            return values[key]
        if default is None:
            have = ", ".join(sorted(values)) or "none"
            raise ValueError(f"task {taskKey!r} has set no value {key!r} (it has set: {have})")
        return default


class Jobs:
    """`dbutils.jobs`."""

    def __init__(self, task_values: TaskValues) -> None:
        self.taskValues = task_values


class Library:
    """`dbutils.library`."""

    def restartPython(self) -> None:
        """Says that Python goes on: cells after `%pip` import the new packages without a restart."""
        print("dbutils.library.restartPython: no effect in the local workspace")


class DbUtils:
    """`dbutils`: `widgets`, `notebook`, `jobs`, `fs`, `library` and `secrets`."""

    def __init__(
        self, widgets: Widgets, notebook: Notebook, jobs: Jobs, fs: FileSystem, secrets: Secrets
    ) -> None:
        self.widgets = widgets
        self.notebook = notebook
        self.jobs = jobs
        self.fs = fs
        self.secrets = secrets
        self.library = Library()

    def __getattr__(self, name: str) -> NoReturn:
        raise AttributeError(
            f"the local workspace does not support dbutils.{name} "
            "(it supports fs, jobs, library, notebook, secrets, widgets)"
        )


def context(path: str) -> Context:
    """Returns a notebook's context in the workspace of DATABRICKS_HOST and DATABRICKS_TOKEN."""
    host = os.environ.get("DATABRICKS_HOST", "").rstrip("/")
    return Context(path, host, os.environ.get("DATABRICKS_TOKEN", ""))
