"""All grants on one securable."""

from __future__ import annotations

from collections.abc import Sequence

from constructs import Construct

from datamesh.bindings import databricks
from mesh.model.grant import Grant


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
        blocks = [
            databricks.grants.GrantsGrant(principal=grant.principal, privileges=list(grant.privileges))
            for grant in grants
        ]
        if keeper:
            blocks.append(databricks.grants.GrantsGrant(principal=keeper, privileges=["MANAGE"]))
        if not blocks:
            return
        self.resource = databricks.grants.Grants(self, "Resource", grant=blocks, **securable)  # type: ignore[arg-type]
        self.resource.override_logical_id(logical_id)
