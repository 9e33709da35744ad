"""The resources that all students of a class share."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from datamesh.bindings import Construct, databricks
from datamesh.catalog import Catalog
from datamesh.permissions import Permissions
from datamesh.protection import lifecycle
from datamesh.schema import Schema
from datamesh.volume import Volume
from mesh.deployment import catalog as catalog_model
from mesh.model import schema as schema_model
from mesh.model import volume as volume_model
from mesh.model.grant import Grant
from mesh.model.naming import identifier
from mesh.model.permission import Permission
from mesh.workshop import cluster_policies, rights
from mesh.workshop.student import CATALOG
from mesh.workshop.workshop import DATA_SCHEMA, TRIPS_SCHEMA, VOLUMES, Workshop

STUDENTS = "students"  # the Terraform name of the group and of its entitlements
_ENTITLED: dict[str, Any] = dict.fromkeys(rights.ENTITLEMENTS, True)


class Classroom(Construct):
    """Group, data, warehouse and cluster policies of a class; none of them depends on a student.

    All rights are granted to the group, so adding or removing a student changes nothing else.
    """

    def __init__(self, scope: Construct, workshop: Workshop) -> None:
        """Creates the resources.

        Args:
            scope: the workshop's construct.
            workshop: the workshop, with templates escaped.
        """
        super().__init__(scope, "Classroom")
        self.workshop = workshop
        self.group = self._group()
        self.production = self._service_principal()
        self.catalogs = {name: self._catalog(name) for name in workshop.catalogs}
        for name in workshop.existing_catalogs:
            self._existing_catalog(name)
        self.training = self.catalogs[CATALOG].resource.name if CATALOG in self.catalogs else CATALOG
        data = self._schema(DATA_SCHEMA, "What the course begins with")
        self._schema(TRIPS_SCHEMA, "Trips of New York's taxis")
        for name in VOLUMES:
            self._volume(name, data)
        self._warehouse()
        self._policy("pipelines", cluster_policies.pipeline_policy(workshop.limits, workshop.tags))
        self._policy(
            "clusters",
            cluster_policies.cluster_policy(workshop.limits, workshop.tags),
            max_clusters_per_user=1,
        )

    def _group(self) -> databricks.group.Group | databricks.data_databricks_group.DataDatabricksGroup:
        """Creates the group with its entitlements, or adds the entitlements to an existing group.

        Provider documentation, `databricks_entitlements`: a group that Terraform creates has its
        entitlements as arguments; a separate resource would conflict with them.
        """
        if self.workshop.creates_group:
            made = databricks.group.Group(self, "Group", display_name=self.workshop.group, **_ENTITLED)
            made.override_logical_id(STUDENTS)
            return made
        existing = databricks.data_databricks_group.DataDatabricksGroup(
            self, "Group", display_name=self.workshop.group
        )
        existing.override_logical_id(STUDENTS)
        entitlements = databricks.entitlements.Entitlements(
            self, "Entitlements", group_id=existing.id, **_ENTITLED
        )
        entitlements.override_logical_id(STUDENTS)
        return existing

    def _service_principal(self) -> str | None:
        """Returns the application id of the production service principal."""
        declared = self.workshop.service_principal
        if not declared or not declared.create:
            return declared.application_id if declared else None
        principal = databricks.service_principal.ServicePrincipal(
            self,
            "ServicePrincipal",
            display_name=f"workshop-{self.workshop.name}",
            application_id=declared.application_id,
            # the Databricks provider sets the id on Azure only; elsewhere, the workspace chooses another one
            lifecycle=lifecycle(protected=False, ignore_changes=["application_id"]),
            **_ENTITLED,
        )
        principal.override_logical_id("production")
        return principal.application_id

    @property
    def _principals(self) -> list[str]:
        """The group and the service principal, created before their grants."""
        return [self.group.display_name, *([self.production] if self.production else [])]

    def _grants(self, privileges: Sequence[str]) -> tuple[Grant, ...]:
        return tuple(Grant(principal, tuple(privileges)) for principal in self._principals)

    def _permissions(self, level: str) -> list[Permission]:
        group = Permission("group_name", self.group.display_name, level)
        production = self.production and Permission("service_principal_name", self.production, level)
        return [group, *([production] if production else [])]

    def _catalog(self, name: str) -> Catalog:
        catalog = catalog_model.Catalog(
            name=name,
            level=(),
            comment=self.workshop.description,
            owner=None,
            isolation_mode=None,
            workspaces={},
            storage_root=None,
            properties=self.workshop.properties,
            grants=self._grants(rights.catalog_privileges(name, CATALOG)),
            protected=False,
        )
        return Catalog(self, catalog)

    def _existing_catalog(self, name: str) -> None:
        """Adds grants to an existing catalog; other grants stay unmanaged."""
        for kind, principal in zip(("students", "production"), self._principals, strict=False):
            granted = databricks.grant.Grant(
                self,
                f"{name} {kind}",
                catalog=name,
                principal=principal,
                privileges=list(rights.catalog_privileges(name, CATALOG)),
            )
            granted.override_logical_id(f"{identifier(name)}_{kind}")

    def _schema(self, name: str, comment: str) -> Schema:
        schema = schema_model.Schema(
            id=name,
            db=name,
            name=name,
            catalog=self.training,
            comment=comment,
            owner=None,
            storage_root=None,
            properties=self.workshop.properties,
            grants=self._grants(rights.DATA_SCHEMAS),
            protected=False,
        )
        return Schema(self, schema)

    def _volume(self, name: str, schema: Schema) -> None:
        """Creates a volume; the grants of its schema cover it."""
        volume = volume_model.Volume(
            id=name,
            name=name,
            catalog=self.training,
            schema=DATA_SCHEMA,
            schema_name=DATA_SCHEMA,
            comment=None,
            owner=None,
            grants=(),
            protected=False,
        )
        Volume(self, volume, schema)

    def _warehouse(self) -> None:
        declared = self.workshop.warehouse
        tags = [
            databricks.sql_endpoint.SqlEndpointTagsCustomTags(key=key, value=value)
            for key, value in self.workshop.tags.items()
        ]
        warehouse = databricks.sql_endpoint.SqlEndpoint(
            self,
            "Warehouse",
            name=self.workshop.warehouse_name,
            cluster_size=declared.size,
            min_num_clusters=1,
            max_num_clusters=declared.max_clusters,
            auto_stop_mins=declared.auto_stop_minutes,
            enable_serverless_compute=True,
            warehouse_type="PRO",
            tags=databricks.sql_endpoint.SqlEndpointTags(custom_tags=tags),
        )
        warehouse.override_logical_id("class")
        Permissions(warehouse, "warehouse", self._permissions("CAN_USE"), sql_endpoint_id=warehouse.id)

    def _policy(self, kind: str, rules: cluster_policies.Definition, **more: Any) -> None:
        policy = databricks.cluster_policy.ClusterPolicy(
            self,
            f"Policy {kind}",
            name=self.workshop.policy_name(kind),
            definition=json.dumps(rules, sort_keys=True, ensure_ascii=False),
            **more,
        )
        policy.override_logical_id(kind)
        Permissions(policy, kind, self._permissions("CAN_USE"), cluster_policy_id=policy.id)
