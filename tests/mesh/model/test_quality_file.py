"""The fields of quality.yml, and its rules as Spark and dqx test them."""

from __future__ import annotations

from typing import Any

import pytest

from mesh.model.quality_file import QualityRuleFile, dqx_checks, spark_rule

COLUMN = {"column": "a"}


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ({"rule": "is_not_null", **COLUMN}, {"where": "`a` IS NULL"}),
        (
            {"rule": "is_not_null_and_not_empty", **COLUMN},
            {"where": "`a` IS NULL OR CAST(`a` AS STRING) = ''"},
        ),
        ({"rule": "is_in_list", "allowed": ["it's", 3], **COLUMN}, {"where": "`a` NOT IN ('it\\'s', 3)"}),
        (
            {"rule": "is_in_range", "min_limit": 0, "max_limit": 1.5, **COLUMN},
            {"where": "`a` < 0 OR `a` > 1.5"},
        ),
        ({"rule": "is_not_less_than", "limit": 0, **COLUMN}, {"where": "`a` < 0"}),
        ({"rule": "is_not_greater_than", "limit": 9, **COLUMN}, {"where": "`a` > 9"}),
        ({"rule": "regex_match", "regex": "^\\d$", **COLUMN}, {"where": "NOT `a` RLIKE '^\\\\d$'"}),
        ({"rule": "is_unique", "columns": ["a", "b"]}, {"unique": ["a", "b"]}),
        ({"rule": "sql_expression", "expression": "a > b"}, {"where": "NOT (a > b)"}),
    ],
)
def test_every_rule_as_spark_tests_it(declared: dict[str, Any], expected: dict[str, Any]) -> None:
    rule = spark_rule(QualityRuleFile.model_validate({**declared, "level": "warn"}))

    assert rule["level"] == "warn"
    assert {key: rule[key] for key in ("where", "unique") if key in rule} == expected


def test_a_rule_for_dqx_has_its_arguments_and_level() -> None:
    rule = QualityRuleFile.model_validate(
        {"rule": "is_in_list", "allowed": ["Bronx", 3], "name": "known", **COLUMN}
    )

    assert list(dqx_checks((rule,))) == [
        {
            "name": "known",
            "criticality": "error",
            "check": {"function": "is_in_list", "arguments": {"column": "a", "allowed": ["'Bronx'", 3]}},
        }
    ]


def test_a_rule_for_dqx_has_no_column_where_it_takes_none() -> None:
    rule = QualityRuleFile.model_validate({"rule": "is_unique", "columns": ["a"], "level": "warn"})

    [check] = dqx_checks((rule,))
    assert check["check"]["arguments"] == {"columns": ["a"]}
    assert (check["criticality"], "name" in check) == ("warn", False)
