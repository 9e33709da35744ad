"""What in a workspace belongs to a workshop, what of the rest is told of, and why.

Everything is known by who made it and by what it says of itself, never by what it is called. Whatever does
not clearly belong to the workshop is kept.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from mesh.deployment.state_key import Key, parsed
from mesh.model.defaults import CONTEXT_TAGS
from mesh.model.schema import DEPLOYMENT_PROPERTY
from mesh.terraform.state import State
from mesh.workshop.teardown.removals import Kept, Removal, Survey, Verdict, Workshop
from mesh.workshop.teardown.workspace_object import Thing
from mesh.workshop.workshop import PROPERTY, STUDENT_PROPERTY, TAG

# Databricks documentation, "Manage groups": those that a workspace has by itself
_SYSTEM_GROUPS = frozenset({"admins", "users", "account users"})
# What stays with a catalog, and its argument that names the catalog
_OF_CATALOG = {"databricks_catalog": "name", "databricks_grants": "catalog"}
_HOME = re.compile(r"(/Workspace)?/Users/[^/]+/?")
_RUN = ("databricks_job", "databricks_pipeline")
_COMPUTE = ("databricks_cluster", "databricks_sql_endpoint")

# Jobs name what they fill and track in, so they go after the one and before the other.
_ORDER = (
    "databricks_mlflow_experiment",
    "databricks_job",
    "databricks_pipeline",
    "databricks_cluster",
    "databricks_sql_endpoint",
    "databricks_directory",
    "databricks_schema",
    "databricks_catalog",
)


def verdict(workshop: Workshop, state: State, survey: Survey) -> Verdict:
    """What of a workspace belongs to a workshop.

    Args:
        workshop: the workshop.
        state: what its own state holds.
        survey: what the workspace holds.
    """
    judge = _Judge(workshop, state, survey)
    told = [one for thing in survey.things for one in judge.judged(thing)]
    told += [
        Kept(f"catalog {name}", f"nobody can tell what lies in it: {why}", name)
        for name, why in survey.unreadable.items()
        if name in judge.catalogs
    ]
    told += judge.marked_catalogs([one for one in told if isinstance(one, Kept)])
    told += judge.beside([one for one in told if isinstance(one, Removal)])
    kept = [one for one in told if isinstance(one, Kept)]
    addresses, staying = judge.of_state({one.catalog for one in kept if one.catalog})
    removals = [one for one in told if isinstance(one, Removal)]
    removals.sort(key=lambda one: (_ORDER.index(one.thing.type), one.thing.name, one.thing.id))
    return Verdict(addresses, tuple(removals), (*kept, *staying, *judge.users()))


def needs(address: str, attributes: Mapping[str, object]) -> str | None:
    """The catalog that something in a state makes no sense without: itself, and what is granted on it.

    Args:
        address: Terraform's.
        attributes: what the state knows of it.
    """
    argument = _OF_CATALOG.get(address.partition(".")[0])
    named = attributes.get(argument) if argument else None
    return str(named) if named else None


@dataclass(frozen=True)
class _Judge:
    workshop: Workshop
    state: State
    survey: Survey

    @cached_property
    def students(self) -> frozenset[str]:
        """Those on the roster, and those whom the workshop's state or group still knows."""
        on_roster = {one.email.lower() for one in self.workshop.students}
        groups = {str(one.get("display_name")) for one in self.state.of_type("databricks_group").values()}
        in_group = {who for who, member in self.survey.groups.items() if groups & member}
        return frozenset((on_roster | self.invited | in_group - {self.survey.me.lower()}) - {""})

    @cached_property
    def invited(self) -> frozenset[str]:
        """Those who are in the workspace because of this workshop alone, service principals as well."""
        users = (str(one.get("user_name")).lower() for one in self.state.of_type("databricks_user").values())
        principals = self.state.of_type("databricks_service_principal").values()
        return frozenset(
            [*(who for who in users if not self.elsewhere(who)), *(_application(one) for one in principals)]
        )

    @cached_property
    def deployers(self) -> frozenset[str]:
        """Those who deploy what everybody in the class shares."""
        principal = self.workshop.service_principal
        return self.students | {principal.application_id.lower() if principal else ""} - {""}

    @cached_property
    def branches(self) -> Mapping[str, str]:
        """The branches that students on the roster work on in the course."""
        return {one.email.lower(): one.branch for one in self.workshop.students}

    @cached_property
    def catalogs(self) -> frozenset[str]:
        """Those that this workshop made."""
        held = {str(one.get("name")) for one in self.state.of_type("databricks_catalog").values()}
        marked = (one for one in self._catalogs if one.marks.get(PROPERTY) == self.workshop.name)
        # anybody may write so on a catalog
        return frozenset(held.union(one.name for one in marked if self._whose(one) == self.survey.me.lower()))

    @cached_property
    def _catalogs(self) -> list[Thing]:
        return [one for one in self.survey.things if one.type == "databricks_catalog"]

    @cached_property
    def _groups(self) -> frozenset[str]:
        return frozenset(one for member in self.survey.groups.values() for one in member)

    @cached_property
    def policies(self) -> frozenset[str]:
        """The ids of the cluster policies that this workshop made."""
        return frozenset(
            str(one.get("id")) for one in self.state.of_type("databricks_cluster_policy").values()
        )

    @cached_property
    def schemas(self) -> Mapping[str, Thing]:
        """All schemas, by their full names."""
        return {one.name.lower(): one for one in self.survey.things if one.type == "databricks_schema"}

    def elsewhere(self, who: str) -> frozenset[str]:
        """The groups of a user that are not this workshop's."""
        ours = {str(one.get("display_name")) for one in self.state.of_type("databricks_group").values()}
        return self.survey.groups.get(who, frozenset()) - ours - _SYSTEM_GROUPS

    def judged(self, thing: Thing) -> Iterable[Removal | Kept]:
        """What becomes of something; nothing where the workshop has nothing to do with it, or holds it."""
        if (thing.type, thing.id) in self.state.ids:
            return []
        match thing.type:
            case "databricks_schema":
                found = self._schema(thing)
            case one if one in _RUN:
                found = self._run(thing)
            case one if one in _COMPUTE:
                found = self._compute(thing)
            case _:
                found = None
        return [found] if found else []

    def _schema(self, schema: Thing) -> Removal | Kept | None:
        ours, marked = schema.catalog in self.catalogs, schema.marks.get(PROPERTY)
        if marked and marked != self.workshop.name:
            return self._kept(schema, f"it is of workshop `{marked}`") if ours else None
        if marked:
            return self._marked(schema, trusted=ours)
        key = parsed(schema.marks.get(DEPLOYMENT_PROPERTY, ""))
        if not key.project:
            return self._by_hand(schema)
        return self._personal(schema, key) if key.user else self._shared(schema, key)

    def _marked(self, thing: Thing, *, trusted: bool = False) -> Removal | Kept:
        """Something that says it is this workshop's, which anybody may write."""
        who = self._whose(thing)
        if trusted or who in (self.students | {self.survey.me.lower()}):
            return Removal(thing, f"says that it is of workshop `{self.workshop.name}`")
        return self._kept(thing, f"it says that it is of this workshop, but is {who or 'nobody'}'s")

    def _personal(self, schema: Thing, key: Key) -> Removal | Kept | None:
        """A schema of somebody's own deployment."""
        ours = schema.catalog in self.catalogs
        if key.user not in self.students:
            why = f"{key.user} deployed it, who is not on the roster (put on the roster, it would go)"
            return self._kept(schema, why) if ours else None
        if not ours and self.branches.get(key.user or "") not in key.rest:
            why = f"{key.user} deployed it, but not from the branch of the course"
            return self._kept(schema, why) if schema.catalog in self.workshop.existing_catalogs else None
        if (who := self._whose(schema)) != key.user:
            return self._kept(schema, f"it says that {key.user} deployed it, but is {who or 'nobody'}'s")
        if others := self._other_workshops(who):
            return self._kept(schema, self._of_either(key.user, others))
        return Removal(schema, f"deployed by {key.user}", key.text)

    def _shared(self, schema: Thing, key: Key) -> Removal | Kept | None:
        """A schema of a deployment that everybody shares, production's for example."""
        who = self._creator(schema)
        if schema.catalog in self.catalogs and who in self.deployers:
            return Removal(schema, f"deployed by {who} for the class", key.text)
        theirs = schema.catalog in self.workshop.existing_catalogs and who in self.deployers
        if schema.catalog in self.catalogs or theirs:
            return self._kept(schema, f"it is of {key.text}, which is not the class's alone")
        return None

    def _by_hand(self, schema: Thing) -> Removal | Kept | None:
        """A schema that says nothing of itself."""
        who = self._whose(schema)
        if schema.catalog not in self.catalogs:
            why = f"made by {who}, whom the workshop invited, in a catalog of others"
            return self._kept(schema, why) if who in self.invited else None
        if who in self.students and (others := self._other_workshops(who)):
            return self._kept(schema, self._of_either(who, others))
        if who in self.students or who in self.invited:
            return Removal(schema, f"made by {who}")
        if who is None:
            return self._kept(schema, "nobody can tell whose it is")
        return self._kept(schema, f"it is {who}'s, who is no student of this workshop")

    def _run(self, thing: Thing) -> Removal | Kept | None:
        """A job or pipeline."""
        who, marked = self._creator(thing), thing.marks.get(TAG)
        schema = self.schemas.get((thing.place or "").lower())
        key = parsed(schema.marks.get(DEPLOYMENT_PROPERTY, "")) if schema else parsed("")
        if schema and key.project and not key.user and self._of_mesh(thing):
            found = self._shared(schema, key)
            return self._as(thing, found)
        if marked and marked != self.workshop.name:
            return self._kept(thing, f"it is of workshop `{marked}`") if who in self.students else None
        if marked:
            return self._marked(thing)
        if who not in self.students:
            why = f"it is {who or 'nobody'}'s, who is no student of this workshop"
            return self._kept(thing, why) if thing.catalog in self.catalogs and self._of_mesh(thing) else None
        if schema and key.user == who and self._of_mesh(thing):
            found = self._personal(schema, key)
            return self._as(thing, found)
        if self._of_mesh(thing) and thing.catalog in self.catalogs and not self._other_workshops(who):
            return Removal(thing, f"deployed by {who} into {thing.place}")
        if self.policies & thing.policies:
            return Removal(thing, f"made by {who} under this workshop's cluster policy")
        if who in self.invited:
            return Removal(thing, f"made by {who}, whom the workshop invited")
        return self._kept(thing, f"{who} made it, and nothing says that it is of this workshop")

    def _as(self, thing: Thing, schema: Removal | Kept | None) -> Removal | Kept | None:
        """The same for a job or pipeline as for the schema that it fills."""
        if isinstance(schema, Removal):
            return Removal(thing, schema.why, schema.deployment)
        return Kept(str(thing), schema.why) if schema else None

    def _compute(self, thing: Thing) -> Removal | Kept | None:
        """A cluster or SQL warehouse."""
        who, marked = self._creator(thing), thing.marks.get(TAG)
        if marked == self.workshop.name:
            return self._marked(thing)
        if who in self.students and self.policies & thing.policies and not marked:
            return Removal(thing, f"made by {who} under this workshop's cluster policy")
        if who in self.invited and not marked:
            return Removal(thing, f"made by {who}, whom the workshop invited")
        return None

    def beside(self, removals: Sequence[Removal]) -> Iterator[Removal]:
        """What deployments have that says nothing of itself: experiments that jobs name, folders of code."""
        tracked = {one.thing.experiment: one for one in removals if one.thing.experiment}
        keys = {one.deployment: one for one in removals if one.deployment}
        folders = {folder: one for key, one in keys.items() for folder in parsed(key or "").folders}
        for thing in self.survey.things:
            if (thing.type, thing.id) in self.state.ids:
                continue
            if thing.type == "databricks_mlflow_experiment":
                home = thing.name.split("/")[2].lower() if thing.name.startswith("/Users/") else None
                if home in self.students and (job := tracked.get(thing.name)):
                    yield Removal(thing, f"job {job.thing.name} tracks in it", job.deployment)
                elif home in self.invited:
                    yield Removal(thing, f"made by {home}, whom the workshop invited")
            if thing.type == "databricks_directory" and thing.name in folders:
                yield Removal(thing, folders[thing.name].why, folders[thing.name].deployment)

    def marked_catalogs(self, kept: Iterable[Kept]) -> Iterator[Removal | Kept]:
        """Catalogs that say they are this workshop's, and no state holds."""
        full = {one.catalog for one in kept}
        for one in self._catalogs:
            if one.name in self.catalogs and (one.type, one.id) not in self.state.ids:
                if one.name in full:
                    yield Kept(str(one), "it still holds what is not the workshop's")
                else:
                    yield self._marked(one)

    def of_state(self, full: Collection[str]) -> tuple[tuple[str, ...], list[Kept]]:
        """What of the state can go, by address, and what stays.

        Args:
            full: the catalogs that still hold something that stays.
        """
        stay: dict[str, Kept] = {}
        for address, one in self.state.held.items():
            if (catalog := needs(address, one)) in full:
                what = "what is granted on " if address.startswith("databricks_grants.") else ""
                stay[address] = Kept(f"{what}catalog {catalog}", "it still holds what is not the workshop's")
            elif address.startswith("databricks_directory.") and _HOME.fullmatch(str(one.get("path"))):
                stay[address] = Kept(f"folder {one.get('path')}", "it is somebody's home")
            elif address.startswith("databricks_user."):
                who = str(one.get("user_name"))
                if others := self.elsewhere(who.lower()):
                    stay[address] = Kept(f"user {who}", f"is in {', '.join(sorted(others))} too")
        return tuple(one for one in self.state.held if one not in stay), list(stay.values())

    def users(self) -> Iterator[Kept]:
        """Students whom the workshop did not invite."""
        held = {str(one.get("user_name")).lower() for one in self.state.of_type("databricks_user").values()}
        for one in self.workshop.students:
            if one.email.lower() in self.survey.groups and one.email.lower() not in held:
                yield Kept(f"user {one.email}", "was in the workspace before the workshop")

    def _kept(self, thing: Thing, why: str) -> Kept:
        ours = thing.type == "databricks_schema" and thing.catalog in self.catalogs
        return Kept(str(thing), why, thing.catalog if ours else None)

    def _whose(self, thing: Thing) -> str | None:
        """Whose something is: its owner's, or where that is a group, its maker's."""
        owner = thing.owner if thing.owner and thing.owner not in self._groups else None
        return (owner or thing.creator or "").lower() or None

    def _creator(self, thing: Thing) -> str | None:
        return (thing.creator or "").lower() or None

    def _of_mesh(self, thing: Thing) -> bool:
        """Whether a job or pipeline has the tags of a deployment."""
        return set(CONTEXT_TAGS) <= set(thing.marks)

    def _of_either(self, who: str | None, others: Sequence[str]) -> str:
        return f"{who} is in workshop {', '.join(others)} here too, which may have it"

    def _other_workshops(self, who: str | None) -> list[str]:
        """Other workshops that a student has a schema of, in a catalog that this one uses as well."""
        used = self.catalogs.union(self.workshop.existing_catalogs)
        found = {
            marked
            for one in self.schemas.values()
            if (marked := one.marks.get(PROPERTY)) and marked != self.workshop.name
            if one.catalog in used and who in (one.marks.get(STUDENT_PROPERTY, "").lower(), self._whose(one))
        }
        return sorted(found)


def _application(principal: Mapping[str, object]) -> str:
    return str(principal.get("application_id")).lower()
