"""Domains of Databricks' own catalogue, with their governed tags and the ids of their owners."""

from __future__ import annotations

from collections.abc import Sequence

from datamesh.bindings import Construct, cdktf, databricks
from mesh.model.discover import DiscoverDomain, DiscoverOwner
from mesh.model.naming import identifier


class DiscoverDomains(Construct):
    """The domains of an org, parents first; cdktf's bindings do not have them.

    Owners are ids of principals. Terraform looks each of them up by its name, once.
    """

    def __init__(self, scope: Construct, domains: Sequence[DiscoverDomain]) -> None:
        """Creates the domains.

        Args:
            scope: the org's construct.
            domains: the domains, each after its parent.
        """
        super().__init__(scope, "Discover")
        self._ids: dict[DiscoverOwner, str] = {}
        self._taken: set[tuple[str, str]] = set()
        for domain in domains:
            self._domain(domain)

    def _domain(self, domain: DiscoverDomain) -> None:
        needed: list[cdktf.TerraformResource] = []
        if domain.makes_tag:
            tag = databricks.tag_policy.TagPolicy(self, f"Tag {domain.id}", tag_key=domain.tag_key)
            tag.override_logical_id(domain.id)
            needed.append(tag)
        bindings = databricks.domain  # type: ignore[attr-defined]  # cdktn alone has it
        resource = bindings.Domain(
            self,
            f"Domain {domain.id}",
            tag_key=domain.tag_key,
            subtitle=domain.subtitle,
            description=domain.description,
            icon=bindings.DomainIcon(**domain.icon) if domain.icon else None,
            draft=domain.draft,
            parent_domain_id=f"${{databricks_domain.{domain.parent}.domain_id}}" if domain.parent else None,
            depends_on=needed or None,
        )
        resource.override_logical_id(domain.id)
        for field, owners in (
            ("technical_owner_ids", domain.technical_owners),
            ("business_owner_ids", domain.business_owners),
        ):
            if owners:  # an argument of the bindings would have to be a number
                resource.add_override(field, [self._id(one) for one in owners])

    def _id(self, owner: DiscoverOwner) -> str:
        if owner not in self._ids:
            source = self._source(owner)
            name = identifier(owner.name)
            if (owner.kind, name) not in self._taken:  # else it keeps cdktf's name
                self._taken.add((owner.kind, name))
                source.override_logical_id(name)
            self._ids[owner] = f"${{tonumber({source.fqn}.id)}}"
        return self._ids[owner]

    def _source(self, owner: DiscoverOwner) -> cdktf.TerraformDataSource:
        id = f"{owner.kind} {owner.name}"
        match owner.kind:
            case "user":
                return databricks.data_databricks_user.DataDatabricksUser(self, id, user_name=owner.name)
            case "service_principal":
                return databricks.data_databricks_service_principal.DataDatabricksServicePrincipal(
                    self, id, application_id=owner.name
                )
            case "group":
                return databricks.data_databricks_group.DataDatabricksGroup(self, id, display_name=owner.name)
