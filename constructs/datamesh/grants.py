"""All grants on one securable."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from datamesh.bindings import Construct, databricks
from mesh.model.grant import Grant

# A user or a service principal; groups deploy nothing
_INDIVIDUAL = re.compile(r".*@.*|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.DOTALL)
_MANAGE = "MANAGE"


class Grants(Construct):
    """The authoritative list of grants on one securable; Terraform revokes all other grants.

    The owner keeps all rights. Without grants, no resource is created.
    """

    def __init__(
        self,
        scope: Construct,
        logical_id: str,
        grants: Sequence[Grant],
        keeper: str | None = None,
        **securable: str,
    ) -> None:
        """Creates the grants.

        Args:
            scope: the securable's construct.
            logical_id: the Terraform name of the securable.
            grants: one per principal.
            keeper: the principal that gets MANAGE, because another principal owns the securable.
            securable: its kind and full name, for example `schema="main.sales"`.
        """
        super().__init__(scope, "Grants")
        self.resources: list[databricks.grants.Grants] = []
        alike = [one for one in grants if keeper and _INDIVIDUAL.fullmatch(one.principal)]
        blocks = [
            databricks.grants.GrantsGrant(principal=grant.principal, privileges=list(grant.privileges))
            for grant in grants
            if grant not in alike
        ]
        if keeper and not alike:
            blocks.append(databricks.grants.GrantsGrant(principal=keeper, privileges=[_MANAGE]))
        if not blocks and not alike:
            return
        resource = databricks.grants.Grants(self, "Resource", grant=blocks, **securable)  # type: ignore[arg-type]
        resource.override_logical_id(logical_id)
        self.resources.append(resource)
        if keeper and alike:
            resource.add_override("dynamic.grant", _merged(alike, keeper))


def _merged(grants: Sequence[Grant], keeper: str) -> dict[str, Any]:
    """Returns the grants of individuals and the keeper, one per principal.

    Terraform merges them, because only the plan knows the keeper's name.
    """
    every = ", ".join(_expression(one) for one in (*grants, Grant(keeper, (_MANAGE,))))
    return {
        "for_each": f"${{{{for one in [{every}] : lower(one.principal) => one...}}}}",
        "content": {
            "principal": "${grant.value[0].principal}",
            "privileges": "${distinct(flatten(grant.value[*].privileges))}",
        },
    }


def _expression(grant: Grant) -> str:
    principal = json.dumps(grant.principal, ensure_ascii=False)
    return f"{{principal = {principal}, privileges = {json.dumps(grant.privileges)}}}"
