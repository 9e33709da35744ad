"""An org: the domains that share a platform team."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from pydantic import Field

from mesh.documents.document import Document
from mesh.model.backend import Backend
from mesh.model.compute import Compute
from mesh.model.consumer import ContractRead, contract_reads_of
from mesh.model.contract_reads import OwnedFlow
from mesh.model.defaults import Defaults
from mesh.model.discover import DiscoverFile
from mesh.model.domain import Domain
from mesh.model.environment import Environment, EnvironmentFile, MetastoreFile
from mesh.model.level import Name, SharingLevel
from mesh.model.principal import GroupFile, Principals, ServicePrincipalFile, UserFile
from mesh.model.role import BUILT_IN_ROLES, RoleFile, Roles
from mesh.model.rules_file import Rules
from mesh.model.storage import ExternalLocationFile, StorageCredentialFile


class OrgFile(SharingLevel):
    """The fields of an org.yml."""

    discover: DiscoverFile | None = None
    """Shows it as a domain on the page Discover of Databricks."""

    metastores: Mapping[Name, MetastoreFile] = Field(default_factory=dict)
    """Metastores by name; if any are listed, each environment must name a listed one."""

    environments: Mapping[Name, EnvironmentFile] = Field(default_factory=dict)
    """Environments by name; by default local, dev, test and prod."""

    roles: Mapping[Name, RoleFile] = Field(default_factory=dict)
    """Sets of privileges by name, beside reader, writer and owner."""

    groups: Mapping[str, GroupFile] = Field(default_factory=dict)
    """Groups by name; if any are listed, grants and permissions may name only listed groups."""

    users: Mapping[str, UserFile] = Field(default_factory=dict)
    """Users by e-mail."""

    service_principals: Mapping[str, ServicePrincipalFile] = Field(default_factory=dict)
    """Service principals by display name."""

    storage_credentials: Mapping[Name, StorageCredentialFile] = Field(default_factory=dict)
    """Storage credentials by name."""

    external_locations: Mapping[Name, ExternalLocationFile] = Field(default_factory=dict)
    """External locations by name."""


@dataclass(frozen=True)
class Org:
    """An org as its folder declares it.

    Args:
        name: its name; None where `domains/` is at the mesh's root.
        document: its org.yml.
        declared: the fields of that file.
        compute: the fields of its compute.yml.
        defaults: the fields of its defaults.yml.
        domains: in order of their names.
        environments: by name.
        metastore_backends: the backend for the state of a metastore's catalogs, if declared.
        rules: the rules that it sets, which `mesh validate` and `mesh review` check.
    """

    name: str | None
    document: Document
    declared: OrgFile
    compute: Compute
    defaults: Defaults
    domains: tuple[Domain, ...]
    environments: Mapping[str, Environment]
    metastore_backends: Mapping[str, Backend]
    rules: Rules = field(default_factory=Rules)

    def in_environment(self, name: str) -> Org:
        """Returns the org with its flows as declared for one environment."""
        return replace(self, domains=tuple(domain.in_environment(name) for domain in self.domains))

    @cached_property
    def roles(self) -> Roles:
        """The roles of the org, and the built-in roles."""
        return {**BUILT_IN_ROLES, **self.declared.roles}

    @cached_property
    def contract_reads(self) -> Mapping[str, tuple[ContractRead, ...]]:
        """The reads of contracts between its projects, by the path of the flow that provides the contract."""
        return contract_reads_of(self.owned_flows)

    @property
    def owned_flows(self) -> Iterator[OwnedFlow]:
        """All its flows, each with the owner that the nearest level names."""
        for domain in self.domains:
            for project in domain.projects:
                for flow in project.flows:
                    levels = (flow.declared, project.declared, domain.declared, self.declared)
                    yield OwnedFlow(flow, next((one.owner for one in levels if one.owner), None))

    @cached_property
    def principals(self) -> Principals:
        """The principals that org.yml lists."""
        return Principals(self.declared.groups, self.declared.users, self.declared.service_principals)
