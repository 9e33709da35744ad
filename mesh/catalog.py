"""Unity Catalog catalogs, which an org's projects share on one metastore."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mesh.finding import Finding
from mesh.flow import Flow
from mesh.grant import Grant, applicable, catalog_only, merged
from mesh.identifier import identifier
from mesh.level import Level
from mesh.naming import CONFIG_FILE, IDENTITY_FIELDS, NameContext, NamingConfig, name
from mesh.org import Org

_NOBODY = dict.fromkeys(IDENTITY_FIELDS, "")


@dataclass(frozen=True)
class Catalog:
    """A catalog as it is deployed.

    Args:
        name: its name in Unity Catalog.
        level: the part of the mesh that it belongs to, for example `("transport",)` for a domain's;
            () for an org's.
        comment: what it holds.
        owner: the group that owns it; None leaves it to the one who deploys.
        grants: merged, one per principal.
        protected: whether Terraform refuses to destroy it.
    """

    name: str
    level: tuple[str, ...]
    comment: str | None
    owner: str | None
    grants: tuple[Grant, ...]
    protected: bool

    @property
    def id(self) -> str:
        """Its Terraform name."""
        return identifier(self.name)


def catalog_name(flow: Flow, naming: NamingConfig, env: str) -> str:
    """The name of the catalog that `flow` uses in `env`."""
    return name("catalog", flow.name_fields, NameContext(env, **_NOBODY), naming)


def catalog_level(flow: Flow, naming: NamingConfig, env: str) -> tuple[str, ...]:
    """The part of the org that shares the catalog of `flow`: as deep as the template's fields say."""
    used = naming.fields("catalog", env) - {"org", "env"}
    if not used:
        return ()
    return (flow.domain,) if used == {"domain"} else (flow.domain, flow.project)


def check_template(naming: NamingConfig, env: str) -> Iterator[Finding]:
    """Catalogs are everybody's, so their names may not depend on who deploys."""
    for field in sorted(naming.fields("catalog", env) & set(IDENTITY_FIELDS)):
        key = env if env in naming.templates.get("catalog", {}) else "other"
        message = f"catalogs are shared, so their names may not use `{{{field}}}` (use it in `db`)"
        if naming.document:
            yield naming.document.finding("catalog-with-identity", ("naming", "catalog", key), message)
        else:
            yield Finding(CONFIG_FILE, 1, 1, "catalog-with-identity", message)


def catalogs(org: Org, envs: Iterable[str], *, protected: bool) -> tuple[Catalog, ...]:
    """The catalogs that an org's flows use in `envs`, in order of their names.

    Args:
        org: the org.
        envs: the environments that share a metastore.
        protected: whether Terraform refuses to destroy them.
    """
    levels: dict[str, tuple[str, ...]] = {}
    for env in envs:
        for domain in org.domains:
            for project in domain.projects:
                for flow in project.flows:
                    if flow.schemas:
                        used = catalog_name(flow, project.naming, env)
                        level = catalog_level(flow, project.naming, env)
                        levels[used] = _common(levels.get(used, level), level)
    return tuple(_catalog(org, used, level, protected) for used, level in sorted(levels.items()))


def _common(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    """The levels at which both agree, from the top."""
    depth = next((i for i, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), None)
    return one[:depth] if depth is not None else min(one, other, key=len)


def _catalog(org: Org, catalog: str, level: tuple[str, ...], protected: bool) -> Catalog:
    above, below = _split_levels(org, level)
    grants = [grant for declared in above for grant in applicable(declared.grants, "catalog")]
    grants += [grant for declared in below for grant in catalog_only(declared.grants)]
    nearest_first = above[::-1]
    return Catalog(
        name=catalog,
        level=level,
        comment=next((declared.description for declared in nearest_first if declared.description), None),
        owner=next((declared.owner for declared in nearest_first if declared.owner), None),
        grants=merged(grants),
        protected=protected,
    )


def _split_levels(org: Org, level: tuple[str, ...]) -> tuple[list[Level], list[Level]]:
    """What the org's files declare: from the org down to `level`, and below it."""
    above: list[Level] = [org.declared]
    below: list[Level] = []
    for domain in org.domains:
        if level and domain.name != level[0]:
            continue
        (above if level else below).append(domain.declared)
        for project in domain.projects:
            if len(level) > 1 and project.name != level[1]:
                continue
            (above if len(level) > 1 else below).append(project.declared)
            below += [flow.declared for flow in project.flows]
    return above, below
