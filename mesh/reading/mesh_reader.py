"""Reads a mesh: orgs, domains, their projects, and the policy of reviews."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from mesh.deployment.compute_lookup import check_compute
from mesh.deployment.data_objects import check_volumes
from mesh.deployment.job_settings import check_settings
from mesh.documents.checked_model import validate_document
from mesh.documents.document import Document, document
from mesh.documents.override import check_overrides
from mesh.files.files import FOLDER
from mesh.model.access import check_access
from mesh.model.access_policy_check import check_policies
from mesh.model.backend import Backend, backend
from mesh.model.consumer import check_consumers
from mesh.model.contract_reads import check_contract_reads
from mesh.model.domain import Domain, DomainFile
from mesh.model.environment import EnvironmentFile, MetastoreFile, check_environments, check_metastores
from mesh.model.environment import environments as built_environments
from mesh.model.flow import Flow
from mesh.model.flow_check import check_runs_as
from mesh.model.foreign_key_check import check_foreign_keys
from mesh.model.naming import DEFAULT_CONFIG, NamingConfig, find_config, read_config
from mesh.model.org import Org, OrgFile
from mesh.model.principal import check_principals
from mesh.model.project import Project
from mesh.model.rename import check_project_renames
from mesh.model.review_policy import FILE as POLICY_FILE
from mesh.model.review_policy import PolicyFile, check_policy
from mesh.model.role import check_roles
from mesh.model.rules_file import FILE as RULES_FILE
from mesh.model.rules_file import OWN_RULES, Rules, RulesFile
from mesh.model.storage import check_storage_credentials
from mesh.reading.level_reader import LevelReader
from mesh.reading.project_reader import ReadProject, read_project

ReadProjects = Callable[[str, str | None, str], ReadProject]


@dataclass
class MeshReader(LevelReader):
    """Reads level by level and collects findings on the way.

    Args:
        files: the files of the mesh.
        read: reads the project of a folder, an org and a domain; by default `read_project`.
    """

    read: ReadProjects | None = None
    _configs: dict[str, NamingConfig] = field(default_factory=dict)

    def orgs(self) -> tuple[Org, ...]:
        """All orgs; without `orgs/`, the one that `domains/` at the root declares."""
        found = [self._org(f"orgs/{name}/", name) for name in self.folders("orgs")]
        if self.files.kind("domains") == FOLDER:
            found.append(self._org("", None))
        return tuple(found)

    def policy(self, orgs: Iterable[Org]) -> None:
        """Checks review.yml, if the file exists."""
        if not self.files.is_there(POLICY_FILE):
            return
        read, findings = document(POLICY_FILE, self.files)
        policy, wrong = validate_document(PolicyFile, read)
        environments = [one for org in orgs for one in org.environments.values()]
        scopes = {one.name for one in environments} | {f"metastore {one.metastore}" for one in environments}
        self.findings += [*findings, *wrong, *check_policy(policy, read, scopes)]

    def contracts(self, orgs: Iterable[Org]) -> None:
        """Checks the contracts that flows read."""
        self.findings += check_contract_reads(
            (flow for org in orgs for flow in org.owned_flows), {finding.file for finding in self.findings}
        )
        self.findings += check_foreign_keys(orgs)

    def _org(self, folder: str, name: str | None) -> Org:
        document, declared = self.declared(f"{folder}org.yml", OrgFile)
        domains = tuple(
            self._domain(f"{folder}domains/{domain}", domain, name)
            for domain in self.folders(f"{folder}domains")
        )
        environments, metastores = declared.environments, declared.metastores
        backends = self._backends(document, "environments", environments)
        org = Org(
            name,
            document,
            declared,
            self.compute(folder),
            self.defaults(folder),
            domains,
            built_environments(environments, backends),
            self._backends(document, "metastores", metastores),
            self._rules(folder),
        )
        self.findings += check_environments(environments, org.principals, document)
        self.findings += check_metastores(metastores, environments, document)
        self.findings += check_roles(declared.roles, document)
        self.findings += check_principals(org.principals, document)
        self.findings += check_storage_credentials(declared.storage_credentials, document)
        self._check_across(org)
        return org

    def _rules(self, folder: str) -> Rules:
        """The rules of an org, with the files of its own rules."""
        own = f"{folder}{OWN_RULES}"
        names = self.files.names(own) if self.files.kind(own) == FOLDER else []
        files = tuple(f"{own}/{name}" for name in names if name.endswith(".py") and not name.startswith("_"))
        return Rules(*self.declared(f"{folder}{RULES_FILE}", RulesFile), files)

    def _check_across(self, org: Org) -> None:
        """Checks what needs several levels of an org."""
        projects = [project for domain in org.domains for project in domain.projects]
        flows = [flow for project in projects for flow in project.flows]
        overridden = sorted({*_overridden_environments(flows)})
        for one in (org, *(org.in_environment(name) for name in overridden)):
            self.findings += check_access(one)
            self.findings += check_policies(one)
            self.findings += check_compute(one)
            self.findings += check_settings(one)
            principals = one.principals
            for domain in one.domains:
                for project in domain.projects:
                    for flow in project.flows:
                        self.findings += check_runs_as(flow, principals)
        for flow in flows:
            if flow.overrides:
                self.findings += check_overrides(flow.overrides, org.environments)
        self.findings += check_consumers(flows)
        self.findings += check_project_renames(projects)
        self.findings += [wrong for project in projects for wrong in check_volumes(project, org)]

    def _backends(
        self, document: Document, field: str, declared: Mapping[str, EnvironmentFile | MetastoreFile]
    ) -> dict[str, Backend]:
        """The declared backends, by name."""
        backends = {}
        for name, one in declared.items():
            if one.backend is not None:
                parsed, wrong = backend(one.backend, document, (field, name, "backend"))
                self.findings += wrong
                if parsed:
                    backends[name] = parsed
        return backends

    def _domain(self, folder: str, name: str, org: str | None) -> Domain:
        document, declared = self.declared(f"{folder}/domain.yml", DomainFile)
        projects = tuple(
            self._project(f"{folder}/projects/{project}", org, name)
            for project in self.folders(f"{folder}/projects")
        )
        return Domain(
            name, document, declared, self.compute(f"{folder}/"), self.defaults(f"{folder}/"), projects
        )

    def _project(self, folder: str, org: str | None, domain: str) -> Project:
        read = (self.read or partial(read_project, self.files))(folder, org, domain)
        self.findings += read.findings
        config = find_config(folder, self.files)
        return replace(read.project, naming=self._config(config) if config else DEFAULT_CONFIG)

    def _config(self, file: str) -> NamingConfig:
        if file not in self._configs:
            self._configs[file], findings = read_config(file, self.files)
            self.findings += findings
        return self._configs[file]


def _overridden_environments(flows: Iterable[Flow]) -> Iterator[str]:
    """The environments that deployment files override."""
    return (name for flow in flows for name in flow.by_environment)
