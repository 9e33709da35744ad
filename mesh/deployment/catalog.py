"""Unity Catalog catalogs that the projects of an org share on one metastore."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from mesh.deployment.access_policies import catalog_policies
from mesh.finding import Finding
from mesh.model.access import Access, of_run_as
from mesh.model.access_policy import AccessPolicy
from mesh.model.domain import Domain
from mesh.model.environment import Environment
from mesh.model.flow import Flow
from mesh.model.grant import Grant, merged
from mesh.model.level import CatalogFile
from mesh.model.naming import (
    CONFIG_FILE,
    ENVIRONMENT_FIELDS,
    IDENTITY_FIELDS,
    NameContext,
    NamingConfig,
    identifier,
    spelled_name,
    stored_name,
)
from mesh.model.org import Org
from mesh.model.project import Project
from mesh.model.schema import DEPLOYMENT_PROPERTY

# Databricks documentation, "What are catalogs in Databricks?": names that every workspace reserves
_TAKEN = {"system", "samples", "hive_metastore", "__databricks_internal"}

_NOBODY = dict.fromkeys(IDENTITY_FIELDS, "")


@dataclass(frozen=True)
class Catalog:
    """A catalog to deploy.

    Args:
        name: its name in Unity Catalog.
        level: the level of the mesh that owns it, for example `("transport",)` for a domain's;
            () for an org's.
        comment: its description.
        owner: the group that owns it; None means the deployer.
        isolation_mode: OPEN or ISOLATED; None leaves it unmanaged.
        workspaces: access by id of each bound workspace.
        storage_root: location of its managed tables; None means the default of the metastore.
        properties: the declared properties, and the state key of its deployment.
        grants: merged, one per principal.
        protected: True if Terraform refuses to destroy it.
        policies: the row filters and column masks on it.
        spelled: its name with the folders' capital letters, for Terraform names; None if there are none.
    """

    name: str
    level: tuple[str, ...]
    comment: str | None
    owner: str | None
    isolation_mode: str | None
    workspaces: Mapping[str, str]
    storage_root: str | None
    properties: Mapping[str, str]
    grants: tuple[Grant, ...]
    protected: bool
    policies: tuple[AccessPolicy, ...] = ()
    spelled: str | None = None

    @property
    def id(self) -> str:
        """Its Terraform name."""
        return identifier(self.spelled or self.name)


def catalog_name(flow: Flow, naming: NamingConfig, env: str) -> str:
    """The name of the catalog that `flow` uses in `env`."""
    return stored_name(_spelled(flow, naming, env))


def _spelled(flow: Flow, naming: NamingConfig, env: str) -> str:
    return spelled_name("catalog", flow.data_fields, NameContext(env, **_NOBODY), naming)


def catalog_level(flow: Flow, naming: NamingConfig, env: str) -> tuple[str, ...]:
    """Returns the level that shares the catalog of `flow`, by the fields of the naming template."""
    used = naming.fields("catalog", env) - {"org", *ENVIRONMENT_FIELDS}
    if not used:
        return ()
    return (flow.domain,) if used == {"domain"} else (flow.domain, flow.project)


def check_template(naming: NamingConfig, env: str) -> Iterator[Finding]:
    """Reports identity fields in catalog names: catalogs are shared."""
    for field in sorted(naming.fields("catalog", env) & set(IDENTITY_FIELDS)):
        key = env if env in naming.templates.get("catalog", {}) else "other"
        message = f"catalogs are shared, so their names may not use `{{{field}}}` (use it in `db`)"
        if naming.document:
            yield naming.document.finding("catalog-with-identity", ("naming", "catalog", key), message)
        else:
            yield Finding(CONFIG_FILE, 1, 1, "catalog-with-identity", message)


def catalogs(org: Org, sharing: Sequence[Environment], state_key: str) -> tuple[Catalog, ...]:
    """Returns the catalogs that the flows of an org use, ordered by name.

    Args:
        org: the org.
        sharing: the environments that share a metastore.
        state_key: the state key of their foundation.
    """
    levels: dict[str, tuple[str, ...]] = {}
    users: dict[str, list[Environment]] = {}
    spellings: dict[str, str] = {}
    for env in sharing:
        for spelled, level in _used(org, env.name):
            used = stored_name(spelled)
            spellings[used] = min(spelled, spellings.get(used, spelled))
            levels[used] = _common(levels.get(used, level), level)
            users.setdefault(used, []).append(env)
    made = (_catalog(org, used, level, users[used], state_key) for used, level in sorted(levels.items()))
    return tuple(_with_policies(replace(one, spelled=spellings[one.name]), org) for one in made)


def _with_policies(catalog: Catalog, org: Org) -> Catalog:
    """The catalog with the policies that its level declares."""
    owning = _split_levels(org, catalog.level)[0][-1]
    declared = owning.declared.catalog.policies if owning.declared.catalog else {}
    made = catalog_policies(catalog.name, catalog.id, declared, org.principals, owning.document)
    return replace(catalog, policies=tuple(made))


def _used(org: Org, env: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yields each catalog that a flow uses, by its spelled name, with the level that shares it."""
    for domain in org.domains:
        for project in domain.projects:
            for flow in project.flows:
                if flow.schemas:
                    naming = project.naming
                    yield _spelled(flow, naming, env), catalog_level(flow, naming, env)


def _common(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    """Returns the common prefix of two levels."""
    depth = next((i for i, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), None)
    return one[:depth] if depth is not None else min(one, other, key=len)


def _catalog(
    org: Org, catalog: str, level: tuple[str, ...], users: Sequence[Environment], state_key: str
) -> Catalog:
    above, below = _split_levels(org, level)
    declared = above[-1].declared.catalog or CatalogFile()
    nearest_first = [one.declared for one in above[::-1]]
    runs_as = {(org.principals.databricks_name(env.runs_as), env.production) for env in users if env.runs_as}
    needed = [grant for one, shared in runs_as for grant in of_run_as(one, "catalog", shared=shared)]
    return Catalog(
        name=catalog,
        level=level,
        comment=declared.comment or next((one.description for one in nearest_first if one.description), None),
        owner=declared.owner or next((one.owner for one in nearest_first if one.owner), None),
        isolation_mode=declared.isolation_mode,
        workspaces=declared.workspaces,
        storage_root=declared.storage_root,
        properties={**declared.properties, DEPLOYMENT_PROPERTY: state_key},
        grants=merged([*Access(org).catalog(above, below), *needed]),
        protected=any(env.protected for env in users),
    )


def _split_levels(
    org: Org, level: tuple[str, ...]
) -> tuple[list[Org | Domain | Project], list[Domain | Project | Flow]]:
    """Returns the levels from the org down to `level`, and the levels below it."""
    above: list[Org | Domain | Project] = [org]
    below: list[Domain | Project | Flow] = []
    for domain in org.domains:
        if level and domain.name != level[0]:
            continue
        (above if level else below).append(domain)
        for project in domain.projects:
            if len(level) > 1 and project.name != level[1]:
                continue
            (above if len(level) > 1 else below).append(project)
            below += project.flows
    return above, below


def check_catalogs(catalogs: Iterable[Catalog], org: Org) -> Iterator[Finding]:
    """Reports catalogs with reserved names, and `catalog` on levels without a catalog."""
    owned = set()
    for catalog in catalogs:
        owned.add(catalog.level)
        if catalog.name in _TAKEN:
            message = f"catalog `{catalog.name}` is reserved by Databricks"
            remedy = "rename the folder, or use more fields in naming.catalog"
            yield org.document.finding("bad-name", (), f"{message} ({remedy})")
    levels: list[tuple[tuple[str, ...], Org | Domain | Project]] = [((), org)]
    for domain in org.domains:
        levels.append(((domain.name,), domain))
        levels += [((domain.name, project.name), project) for project in domain.projects]
    for level, declaring in levels:
        if declaring.declared.catalog and level not in owned:
            message = "`catalog` is set on a level without a catalog"
            remedy = "naming.catalog decides which levels have a catalog"
            yield declaring.document.finding(
                "no-catalog-here", ("catalog",), f"{message} ({remedy})", at_key=True
            )
