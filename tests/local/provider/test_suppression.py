"""Rules for differences that are no changes."""

import pytest

from local.provider import suppression
from local.provider.difference import COUNT, Difference


def test_a_default_of_the_workspace_is_not_removed() -> None:
    rule = suppression.platform_default("queue")
    assert rule(("queue", COUNT), Difference(1, 0))
    assert not rule(("queue", COUNT), Difference(0, 1))
    assert rule(("queue",), Difference("x", ""))
    assert not rule(("queue",), Difference("x", "", configured=True))


def test_an_element_inside_a_list_is_no_default_of_the_workspace() -> None:
    """Therefore the last e-mail address becomes an empty text instead of leaving the list."""
    assert not suppression.platform_default("on_failure")(("on_failure", 0), Difference("a@x.no", ""))


@pytest.mark.parametrize(
    ("rule", "old", "new", "suppressed"),
    [
        (suppression.default_value("ALL_SUCCESS"), "ALL_SUCCESS", None, True),
        (suppression.default_value("ALL_SUCCESS"), "ALL_DONE", None, False),
        (suppression.ignore_case, "Rec", "rEC", True),
        (suppression.ignore_outer_whitespace, "{}", " {}\n", True),
        (suppression.ignore_outer_whitespace, "{}", "{ }", False),
        (suppression.ignore_trailing_slash, "s3://b/x", "s3://b/x/", True),
        (suppression.ignore_removal_and_trailing_slash, "s3://b/x", "", True),
        (suppression.false_to_true, False, True, True),
        (suppression.false_to_true, True, False, False),
        (suppression.unset_flag, None, False, True),
        (suppression.security_mode, "SINGLE_USER", "DATA_SECURITY_MODE_DEDICATED", True),
        (suppression.security_mode, "SINGLE_USER", "USER_ISOLATION", False),
        (suppression.security_mode, "SINGLE_USER", "", True),
    ],
)
def test_rules(rule: suppression.Rule, old: object, new: object, suppressed: bool) -> None:
    assert rule(("x",), Difference(old, new)) is suppressed


def test_the_only_setting_of_spark_cannot_be_removed() -> None:
    """One of several settings can be removed."""
    assert suppression.delta_preview(("spark_conf", COUNT), Difference(1, 0))
    assert not suppression.delta_preview(("spark_conf", COUNT), Difference(2, 0))
    key = "spark.databricks.delta.preview.enabled"
    assert suppression.delta_preview(("spark_conf", key), Difference("true", None))
