"""The domains of an org in Databricks' own catalogue, and the tag that puts data into them.

Governed tags and these domains belong to the account, and data of production is what people look for. So
one foundation holds them: that of the environment with the most protection. See ADR 44.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mesh.deployment.scope import Scope
from mesh.documents.document import Location
from mesh.finding import Finding
from mesh.model.discover import (
    LONGEST_DESCRIPTION,
    DiscoverDomain,
    DiscoverFile,
    DiscoverOwner,
)
from mesh.model.domain import Domain
from mesh.model.environment import Environment, owning_environment
from mesh.model.naming import identifier
from mesh.model.org import Org
from mesh.model.principal import APPLICATION_ID, Principals, check_named
from mesh.toolkit import CDKTN, toolkit

# Terraform provider, changelog: the first version with `databricks_domain`
_FIRST_PROVIDER = (1, 132)


def discover_environment(org: Org) -> Environment | None:
    """The environment whose foundation holds the domains; None if the org has only this machine."""
    others = [one for one in org.environments.values() if not one.embedded]
    return owning_environment(others) if others else None


def discover_domains(org: Org, environment: Environment) -> tuple[DiscoverDomain, ...]:
    """The domains in the foundation on the metastore of an environment, the org's first.

    Args:
        org: the org.
        environment: the environment.
    """
    holder = discover_environment(org)
    if holder is None or holder.metastore != environment.metastore:
        return ()
    return tuple(_domain(org, level, declared) for level, declared in _declared(org))


def domain_tag(scope: Scope) -> str | None:
    """The governed tag of the schemas of a deployment; None if they are in no domain.

    Args:
        scope: the project, its environment and identity.
    """
    holder = discover_environment(scope.org)
    if holder is None or holder.name != scope.environment.name or not scope.shared:
        return None
    nearest: list[Org | Domain] = [scope.domain, scope.org]
    tags = (_tag_key(level, one) for level in nearest if (one := level.declared.discover))
    return next(tags, None)


def check_discover(org: Org, environment: Environment) -> Iterator[Finding]:
    """Reports domains that Databricks or the toolkit would refuse.

    Args:
        org: the org.
        environment: the environment whose foundation would hold them.
    """
    taken: dict[str, str] = {}
    for one in discover_domains(org, environment):
        level = next(each for each, _ in _declared(org) if _names(each) == one.level)
        document, at = level.document, ("discover",)
        if _provider(toolkit().provider) < _FIRST_PROVIDER:
            message = f"provider {toolkit().provider} of {toolkit().name} has no `databricks_domain`"
            remedy = f"set MESH_TOOLKIT={CDKTN.name}, or remove `discover`"
            yield document.finding("toolkit-without-domains", at, f"{message} ({remedy})", at_key=True)
        if not one.tag_key:
            message = "the org has no name, so its domain has no tag (add `tag_key`)"
            yield document.finding("discover-without-tag", at, message, at_key=True)
        if twin := taken.get(one.tag_key):
            message = f"tag `{one.tag_key}` is that of `{twin}`, too: a tag belongs to one domain"
            yield document.finding("one-name-twice", at, f"{message} (set another `tag_key`)", at_key=True)
        taken.setdefault(one.tag_key, "/".join(one.level) or str(org.name))
        if len(one.description or "") > LONGEST_DESCRIPTION:
            message = f"the description has more than {LONGEST_DESCRIPTION} characters, as Discover allows"
            yield document.finding("text-too-long", ("description",), f"{message} (shorten it)")
        owners = level.declared.discover.business_owners if level.declared.discover else ()
        named: list[tuple[str, Location]] = [
            (owner, (*at, "business_owners", index)) for index, owner in enumerate(owners)
        ]
        yield from check_named(org.principals, named, document, of_data=True)


def _declared(org: Org) -> Iterator[tuple[Org | Domain, DiscoverFile]]:
    levels: list[Org | Domain] = [org, *org.domains]
    yield from ((level, one) for level in levels if (one := level.declared.discover))


def _domain(org: Org, level: Org | Domain, declared: DiscoverFile) -> DiscoverDomain:
    is_org, top = isinstance(level, Org), identifier(org.name or "org")
    owner, listed = level.declared.owner or org.declared.owner, org.principals
    return DiscoverDomain(
        id=top if is_org else f"{top}_{identifier(level.name or '')}",
        level=_names(level),
        tag_key=_tag_key(level, declared),
        makes_tag=declared.make_tag,
        parent=top if not is_org and org.declared.discover else None,
        subtitle=declared.subtitle,
        description=level.declared.description,
        icon=declared.icon.model_dump(exclude_none=True) if declared.icon else {},
        draft=declared.draft,
        technical_owners=(_owner(owner, listed),) if owner else (),
        business_owners=tuple(_owner(one, listed) for one in dict.fromkeys(declared.business_owners)),
    )


def _names(level: Org | Domain) -> tuple[str, ...]:
    return () if isinstance(level, Org) else (level.name,)


def _tag_key(level: Org | Domain, declared: DiscoverFile) -> str:
    """The governed tag; by default the name of the level. Keys of tags have no `-`."""
    return declared.tag_key or re.sub(r"\W", "_", level.name or "")


def _owner(principal: str, listed: Principals) -> DiscoverOwner:
    name = listed.databricks_name(principal)
    if APPLICATION_ID.match(name):
        return DiscoverOwner("service_principal", name)
    return DiscoverOwner("user" if "@" in name else "group", name)


def _provider(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2])
