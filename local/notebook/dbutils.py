"""`dbutils`, as far as a job's notebook needs it: widgets, exit, run, task values, and the context."""

import json
import os
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Generic, NoReturn, TypeVar

T = TypeVar("T")
# The largest task value on Databricks, as JSON.
MOST_BYTES = 48 * 1024


class NotebookExit(BaseException):
    """The notebook said that it is done; not an Exception, so that no `except Exception` swallows it."""

    def __init__(self, value: str) -> None:
        super().__init__(value)
        self.value = value


class Widgets:
    """`dbutils.widgets`: a job's parameters, and defaults for those that the job does not give.

    Args:
        parameters: the job's; they win over every default.
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
        """Declare a widget with its default; other values than the choices are fine."""
        self._defaults[name] = defaultValue

    multiselect = dropdown

    def get(self, name: str) -> str:
        """Return a parameter, else the widget's default.

        Raises:
            ValueError: there is neither.
        """
        known = self.getAll()
        if name not in known:
            have = ", ".join(sorted(known)) or "none"
            raise ValueError(f"no widget or job parameter {name!r} (there are: {have})")
        return known[name]

    def getAll(self) -> dict[str, str]:
        """Return every parameter and every widget that no parameter sets."""
        return {**self._defaults, **self._parameters}

    def getArgument(self, name: str, default: str | None = None) -> str | None:
        """Return a parameter, a widget's default, or the given one."""
        return self.getAll().get(name, default)

    def remove(self, name: str) -> None:
        """Forget a widget; a job's parameter stays."""
        self._defaults.pop(name, None)

    def removeAll(self) -> None:
        """Forget every widget; the job's parameters stay."""
        self._defaults.clear()


class Some(Generic[T]):
    """A value as Databricks' context hands it out: a Scala Option."""

    def __init__(self, value: Callable[[], T]) -> None:
        self._value = value

    def get(self) -> T:
        """Return the value."""
        return self._value()

    def getOrElse(self, default: Callable[[], T]) -> T:
        """Return the value, which is always there."""
        return self._value()

    def isDefined(self) -> bool:
        """Say that there is a value."""
        return True


class Context:
    """What a notebook can know of where it runs; libraries such as brickops name tables by it.

    Args:
        path: the notebook's path in the workspace.
        host: the workspace's address.
        token: what the workspace wants of its callers.
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
        """The token that the workspace wants of its callers."""
        return Some(lambda: self._token)

    def userName(self) -> Some[str]:
        """The user that the workspace takes the token for."""
        return Some(self._user)

    def _ask_user(self) -> str:
        request = urllib.request.Request(  # noqa: S310 - the workspace's own address
            f"{self._host}/api/2.0/preview/scim/v2/Me", headers={"Authorization": f"Bearer {self._token}"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return str(json.load(answer)["userName"])


class _EntryPoint:
    """`dbutils.notebook.entry_point`: the long way to the context that libraries go."""

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
        context: where this notebook runs.
        run: runs another notebook, given its path and its parameters, and returns what it exits with.
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
        """Run another notebook on its own and return the value it exits with; the time limit is the job's."""
        return self._run(path, arguments or {})

    def getContext(self) -> Context:
        """Return where this notebook runs."""
        return self.entry_point.getContext()


class TaskValues:
    """`dbutils.jobs.taskValues`: small values that tasks of one run hand on.

    Args:
        others: what tasks have set before: task key → name → value.
    """

    def __init__(self, others: Mapping[str, Mapping[str, Any]]) -> None:
        self._others = others
        self.own: dict[str, Any] = {}

    def set(self, key: str, value: Any) -> None:
        """Set a value for the tasks after this one.

        Raises:
            ValueError: it cannot be written as JSON, or is larger than Databricks takes.
        """
        try:
            size = len(json.dumps(value, ensure_ascii=False).encode())
        except TypeError as error:
            raise ValueError(f"task value {key!r} cannot be written as JSON: {error}") from None
        if size > MOST_BYTES:
            raise ValueError(f"task value {key!r} is {size} bytes of JSON; the most is {MOST_BYTES}")
        self.own[key] = value

    def get(self, taskKey: str, key: str, default: Any = None, debugValue: Any = None) -> Any:
        """Return what another task has set, else the default; `debugValue` is for outside of jobs.

        Raises:
            ValueError: the task has not set it, and there is no default.
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


class DbUtils:
    """`dbutils`: `widgets`, `notebook` and `jobs`."""

    def __init__(self, widgets: Widgets, notebook: Notebook, jobs: Jobs) -> None:
        self.widgets = widgets
        self.notebook = notebook
        self.jobs = jobs

    def __getattr__(self, name: str) -> NoReturn:
        raise AttributeError(
            f"dbutils.{name} is not there in the local workspace (there are: jobs, notebook, widgets)"
        )


def context(path: str) -> Context:
    """Return a notebook's context; the workspace is the one of DATABRICKS_HOST and DATABRICKS_TOKEN."""
    host = os.environ.get("DATABRICKS_HOST", "").rstrip("/")
    return Context(path, host, os.environ.get("DATABRICKS_TOKEN", ""))
