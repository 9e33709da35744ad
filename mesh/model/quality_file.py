"""The fields of quality.yml: rules that the rows of a flow's tables follow.

Names and arguments of rules are those of `databricks-labs-dqx` 0.17.0, "Quality checks reference", so that
the same rules can be handed to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from mesh.documents.checked_model import CheckedModel, FieldError
from mesh.model.contract_file import Text
from mesh.model.table_rules import Condition, Level, sql_literal


def _number(declared: Any) -> Any:
    if isinstance(declared, bool) or not isinstance(declared, int | float):
        raise FieldError("wrong-type", "the limit should be a number")
    return declared


Number = Annotated[int | float, BeforeValidator(_number, json_schema_input_type=float)]
Value = str | bool | int | float

RuleName = Literal[
    "is_not_null",
    "is_not_null_and_not_empty",
    "is_in_list",
    "is_in_range",
    "is_not_less_than",
    "is_not_greater_than",
    "regex_match",
    "is_unique",
    "sql_expression",
]
# The arguments of each rule, beside `column`; all are required
ARGUMENTS: Mapping[str, tuple[str, ...]] = {
    "is_not_null": (),
    "is_not_null_and_not_empty": (),
    "is_in_list": ("allowed",),
    "is_in_range": ("min_limit", "max_limit"),
    "is_not_less_than": ("limit",),
    "is_not_greater_than": ("limit",),
    "regex_match": ("regex",),
    "is_unique": ("columns",),
    "sql_expression": ("expression",),
}
_WITHOUT_COLUMN = ("is_unique", "sql_expression")


class QualityRuleFile(CheckedModel):
    """One rule of a table."""

    rule: RuleName
    """The rule, by its name in dqx."""

    column: Text | None = None
    """The column, or a field inside it, such as `address.city`."""

    columns: tuple[Text, ...] | None = Field(None, min_length=1)
    """The columns that together are unique."""

    level: Level = "error"
    """`error` fails the task, `warn` is counted only; the rows are in the quarantine table in both cases."""

    name: Text | None = None
    """The name of the rule in the output and in the quarantine table; by default that of rule and column."""

    allowed: tuple[Value, ...] | None = Field(None, min_length=1)
    """The values that are allowed."""

    min_limit: Number | None = None
    """The smallest value that is allowed."""

    max_limit: Number | None = None
    """The greatest value that is allowed."""

    limit: Number | None = None
    """The smallest or the greatest value that is allowed."""

    regex: str | None = Field(None, min_length=1)
    """The regular expression that values match."""

    expression: str | None = Field(None, min_length=1)
    """A condition in SQL that is true for good rows. Rows where it is null are good, as in dqx."""

    @model_validator(mode="after")
    def _has_its_arguments(self) -> QualityRuleFile:
        given = {name for names in ARGUMENTS.values() for name in names if getattr(self, name) is not None}
        needed = {*ARGUMENTS[self.rule]}
        if lacking := sorted(needed - given):
            raise FieldError("quality-arguments", f"`{self.rule}` has no `{lacking[0]}` (add it)")
        if extra := sorted(given - needed):
            raise FieldError("quality-arguments", f"`{self.rule}` takes no `{extra[0]}` (remove it)")
        if (self.column is None) != (self.rule in _WITHOUT_COLUMN):
            remedy = "takes no `column` (remove it)" if self.column else "has no `column` (add it)"
            raise FieldError("quality-arguments", f"`{self.rule}` {remedy}")
        return self

    @property
    def title(self) -> str:
        """The name of the rule."""
        return self.name or self.rule


class QualityFile(CheckedModel):
    """The fields of quality.yml."""

    tables: Mapping[Text, tuple[QualityRuleFile, ...]] = Field(min_length=1)
    """The rules of each table; `schema.table` if the flow has several schemas."""


def spark_rule(one: QualityRuleFile) -> Mapping[str, Any]:
    """Returns a rule as a verification tests it.

    Rows with null in the column are good, except for the rules about null, as in dqx.
    """
    build, title = Condition(one.column, {"level": one.level}), one.title
    match one.rule:
        case "is_not_null":
            return build.where(title, "{} IS NULL")
        case "is_not_null_and_not_empty":
            return build.where(title, "{} IS NULL OR CAST({} AS STRING) = ''")
        case "is_in_list":
            return build.where(title, f"{{}} NOT IN ({', '.join(map(sql_literal, one.allowed or ()))})")
        case "is_in_range":
            return build.where(title, f"{{}} < {one.min_limit!r} OR {{}} > {one.max_limit!r}")
        case "is_not_less_than":
            return build.where(title, f"{{}} < {one.limit!r}")
        case "is_not_greater_than":
            return build.where(title, f"{{}} > {one.limit!r}")
        case "regex_match":
            return build.where(title, f"NOT {{}} RLIKE {sql_literal(one.regex)}")
        case "is_unique":
            return build.unique(f"{title} ({', '.join(one.columns or ())})", one.columns or ())
        case _:
            return build.where(title, f"NOT ({one.expression})")


def dqx_checks(rules: tuple[QualityRuleFile, ...]) -> Iterator[dict[str, Any]]:
    """Yields rules as checks of `databricks-labs-dqx`, in its format of metadata.

    Tried with version 0.17.0: a text in `allowed` is an expression of columns there, so values are quoted.
    """
    for one in rules:
        arguments: dict[str, Any] = {"column": one.column} if one.column else {}
        for name in ARGUMENTS[one.rule]:
            value = getattr(one, name)
            if name == "allowed":
                value = [sql_literal(each) if isinstance(each, str) else each for each in value]
            arguments[name] = [*value] if isinstance(value, tuple) else value
        yield {
            **({"name": one.name} if one.name else {}),
            "criticality": one.level,
            "check": {"function": one.rule, "arguments": arguments},
        }
