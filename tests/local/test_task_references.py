"""References in task settings."""

import pytest

from local.task_references import UnknownReferenceError, resolve


def test_references_are_replaced_at_any_depth():
    references = {"job.name": "j", "task.name": "t"}
    value = {"a": ["{{job.name}}/{{ task.name }}", 1], "b": "{{no.such}}"}

    assert resolve(value, references) == {"a": ["j/t", 1], "b": "{{no.such}}"}


def test_outside_of_a_loop_there_is_no_input():
    with pytest.raises(UnknownReferenceError, match="only the task in a for_each_task has an input"):
        resolve("{{input}}", {})
