"""Access policies of Unity Catalog: row filters and column masks of the tables of a schema or catalog.

Source: Databricks documentation, "CREATE POLICY"; the fields are those of `databricks_policy_info`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, Field

from mesh.documents.checked_model import CheckedModel, FieldError

Text = Annotated[str, Field(min_length=1, max_length=4096)]
Alias = Annotated[str, Field(max_length=255, pattern=r"^[0-9A-Z_a-z]+$")]
# editors know no other letters as `\w`
_PART = r"[0-9A-Z_a-z\u0080-\uFFFF-]+"


def _function(name: str) -> str:
    if len(name) > 767 or not re.fullmatch(r"[\w-]+(\.[\w-]+){0,2}", name):
        remedy = "write its name, `schema.function` or `catalog.schema.function`"
        raise FieldError("wrong-value", f"`{name[:120]}` is not a function ({remedy})")
    return name


_PATTERN = {"pattern": rf"^{_PART}(\.{_PART}){{0,2}}$"}
FunctionName = Annotated[str, AfterValidator(_function), Field(json_schema_extra={**_PATTERN})]


class MatchColumnFile(CheckedModel):
    """A condition that finds a column of a table by its tags."""

    condition: Text
    """The condition, for example `has_tag('pii')` or `has_tag_value('pii', 'name')`."""

    alias: Alias
    """The name of the column in this policy."""


class ArgumentFile(CheckedModel):
    """An argument of the function."""

    alias: Alias | None = None
    """A column of `match_columns`."""

    constant: Text | None = None
    """A constant, as text."""


class RowFilterFile(CheckedModel):
    """A function that is true for the rows that may be seen."""

    function_name: FunctionName
    """A function; without schema or catalog, those of the policy are meant."""

    using: tuple[ArgumentFile, ...] = ()
    """The arguments of the function."""


class ColumnMaskFile(RowFilterFile):
    """A function whose result is seen instead of the values of a column."""

    on_column: Alias
    """The column, by its alias in `match_columns`; it is the first argument of the function."""


class AccessPolicyFile(CheckedModel):
    """A row filter or a column mask, for the tables of a catalog or schema."""

    comment: Annotated[str | None, Field(max_length=1000)] = None
    """What it is for."""

    to_principals: Annotated[tuple[Text, ...], Field(min_length=1)]
    """The groups, users and service principals that it applies to; `account users` for everybody."""

    except_principals: tuple[Text, ...] = ()
    """Those of them that it does not apply to."""

    when_condition: Text | None = None
    """Limits it to the tables with these tags, for example `has_tag('regional')`."""

    match_columns: tuple[MatchColumnFile, ...] = ()
    """The columns that the function needs, found by their tags; tables without them stay as they are."""

    row_filter: RowFilterFile | None = None
    """The function that chooses rows."""

    column_mask: ColumnMaskFile | None = None
    """The function that masks a column."""


class SchemaPolicyFile(AccessPolicyFile):
    """A row filter or a column mask in deployment.yml, for the tables of a schema."""

    schema_: Annotated[str | None, Field(alias="schema")] = None
    """The schema of the tables, by the name that the flow declares; by default its only schema."""


@dataclass(frozen=True)
class AccessPolicy:
    """An access policy as it is deployed.

    Args:
        id: its Terraform name.
        name: its name, which is unique on its securable.
        securable_type: `SCHEMA` or `CATALOG`.
        securable: the full name of the schema or catalog.
        parent: the Terraform name of the schema or catalog, in the same stack.
        flow: the path of its flow; "" on a catalog.
        declared: as the file declares it.
        to_principals: whom it applies to, by their names in Databricks.
        except_principals: whom it does not apply to, likewise.
        function_name: the full name of its function.
        position: file and line that declare it.
        formerly: former Terraform names, oldest first.
    """

    id: str
    name: str
    securable_type: str
    securable: str
    parent: str
    flow: str
    declared: AccessPolicyFile
    to_principals: tuple[str, ...]
    except_principals: tuple[str, ...]
    function_name: str
    position: str
    formerly: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """`row filter` or `column mask`."""
        return "column mask" if self.declared.column_mask else "row filter"

    @property
    def full_name(self) -> str:
        """Schema or catalog, and name, for messages."""
        return f"{self.securable}.{self.name}"
