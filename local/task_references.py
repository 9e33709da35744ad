"""Replaces `{{…}}` references in the settings of tasks by their values."""

import re
from collections.abc import Mapping
from typing import Any

from mesh.references.dynamic_reference import REFERENCE, in_namespace, is_known, parts


class UnknownReferenceError(Exception):
    """A reference in a namespace of Databricks has no value."""


def resolve(value: Any, references: Mapping[str, str]) -> Any:
    """Return a value with every `{{reference}}` in its strings replaced, at any depth.

    References outside of the namespaces of Databricks stay unchanged, as there.

    Args:
        value: a JSON value.
        references: the value of each known reference.

    Raises:
        UnknownReferenceError: a reference in a namespace of Databricks is unknown or has no value.
    """
    if isinstance(value, str):
        return REFERENCE.sub(lambda match: _replacement(match, references), value)
    if isinstance(value, Mapping):
        return {name: resolve(each, references) for name, each in value.items()}
    if isinstance(value, list):
        return [resolve(each, references) for each in value]
    return value


def _replacement(match: re.Match[str], references: Mapping[str, str]) -> str:
    name = ".".join(parts(match[1]))
    if name in references:
        return references[name]
    if not in_namespace(match[1]):
        return match[0]
    if not is_known(match[1]):
        raise UnknownReferenceError(f"{{{{{match[1]}}}}} is no reference of Databricks")
    raise UnknownReferenceError(_without_value(parts(match[1]), references))


def _without_value(words: tuple[str, ...], references: Mapping[str, str]) -> str:
    """Return why a reference of Databricks has no value in this run."""
    match words:
        case ("job", "parameters", *name):
            return f"the job has no parameter {'.'.join(name)}"
        case ("tasks", task, *_) if f"tasks.{task}.run_id" not in references:
            return f"the run has no task {task}"
        case ("tasks", task, "values", *name):
            return f"task {task} did not set the value {'.'.join(name)}"
        case ("tasks", task, "output", *_):
            return f"the local workspace keeps no output of SQL tasks, such as that of task {task}"
        case ("tasks", task, *_):
            return f"task {task} has no {words[2]}"
        case ("input",):
            return "only the task in a for_each_task has an input"
        case ("input", *name):
            return f"the input of this iteration has no field {'.'.join(name)}"
        case ("backfill", *_):
            return "only runs of a backfill have {{" + ".".join(words) + "}}: give the parameter a value"
        case _:
            return "{{" + ".".join(words) + "}} has no value here"
