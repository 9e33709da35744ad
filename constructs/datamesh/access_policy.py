"""A row filter or column mask."""

from __future__ import annotations

from collections.abc import Sequence

from datamesh.bindings import Construct, cdktf, databricks
from mesh.model import access_policy as model


class AccessPolicy(Construct):
    """A policy on a schema or catalog; `mesh` leaves it out of a plan until its function exists."""

    def __init__(
        self, scope: Construct, policy: model.AccessPolicy, needed: Sequence[cdktf.ITerraformDependable]
    ) -> None:
        """Creates the policy.

        Args:
            scope: the project's construct.
            policy: the policy.
            needed: its schema or catalog, and the grants that let the deployer manage it; they are created
                before, and destroyed after.
        """
        super().__init__(scope, f"Policy {policy.full_name}")
        declared, bindings = policy.declared, databricks.policy_info
        matched = [
            bindings.PolicyInfoMatchColumns(condition=one.condition, alias=one.alias)
            for one in declared.match_columns
        ]
        self.resource = bindings.PolicyInfo(
            self,
            "Resource",
            name=policy.name,
            on_securable_type=policy.securable_type,
            on_securable_fullname=policy.securable,
            for_securable_type="TABLE",
            policy_type=f"POLICY_TYPE_{policy.kind.replace(' ', '_').upper()}",
            comment=declared.comment,
            to_principals=list(policy.to_principals),
            except_principals=list(policy.except_principals) or None,
            when_condition=declared.when_condition,
            match_columns=matched or None,
            row_filter=_row_filter(policy),
            column_mask=_column_mask(policy),
            depends_on=list(needed),
        )
        self.resource.override_logical_id(policy.id)


def _row_filter(policy: model.AccessPolicy) -> databricks.policy_info.PolicyInfoRowFilter | None:
    if (declared := policy.declared.row_filter) is None:
        return None
    using = [
        databricks.policy_info.PolicyInfoRowFilterUsing(alias=one.alias, constant=one.constant)
        for one in declared.using
    ]
    return databricks.policy_info.PolicyInfoRowFilter(function_name=policy.function_name, using=using or None)


def _column_mask(policy: model.AccessPolicy) -> databricks.policy_info.PolicyInfoColumnMask | None:
    if (declared := policy.declared.column_mask) is None:
        return None
    using = [
        databricks.policy_info.PolicyInfoColumnMaskUsing(alias=one.alias, constant=one.constant)
        for one in declared.using
    ]
    return databricks.policy_info.PolicyInfoColumnMask(
        function_name=policy.function_name, on_column=declared.on_column, using=using or None
    )
