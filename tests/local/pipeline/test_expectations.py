"""Expectations on the result of a query function."""

from local.pipeline.expectations import Expectation, decorator, expectations_of


def test_a_function_without_decorator_has_none() -> None:
    assert expectations_of(len) == []


def test_an_expectation_keeps_its_condition_and_action() -> None:
    @decorator({"positive": "x > 0"}, "fail")
    def function() -> None:
        pass

    assert expectations_of(function) == [Expectation("positive", "x > 0", "fail")]


def test_expectations_add_up_on_a_function() -> None:
    @decorator({"a": "x", "b": "y"}, "drop")
    @decorator({"c": "z"}, "fail")
    def function() -> None:
        pass

    assert [each.name for each in expectations_of(function)] == ["c", "a", "b"]
