"""Decides which objects in a workspace belong to a workshop, which other objects to report, and why.

An object is identified by its creator, its owner and its tags, never by its name. An object that does not
clearly belong to the workshop is kept.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mesh.deployment.state_key import StateKey, parse_state_key
from mesh.model.defaults import CONTEXT_TAGS
from mesh.model.schema import DEPLOYMENT_PROPERTY, WORKSHOP_PROPERTY
from mesh.terraform.state import State
from mesh.workshop.teardown.class_facts import ClassFacts
from mesh.workshop.teardown.removals import (
    ObjectToKeep,
    ObjectToRemove,
    TeardownPlan,
    TeardownWorkshop,
    WorkspaceContents,
)
from mesh.workshop.teardown.workspace_object import WorkspaceObject
from mesh.workshop.workshop import WORKSHOP_TAG

# Resources that are kept with a catalog, and their argument that names the catalog
_OF_CATALOG = {"databricks_catalog": "name", "databricks_grants": "catalog"}
_HOME = re.compile(r"(/Workspace)?/Users/[^/]+/?")
_JOBS_AND_PIPELINES = ("databricks_job", "databricks_pipeline")
_COMPUTE = ("databricks_cluster", "databricks_sql_endpoint")

# A job names its experiment and its schema, and both are identified by the job: so experiments are removed
# before jobs, and jobs before schemas.
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
_NOT_EMPTY = "it still contains objects that are not the workshop's"

Decision = ObjectToRemove | ObjectToKeep


def plan_teardown(workshop: TeardownWorkshop, state: State, contents: WorkspaceContents) -> TeardownPlan:
    """Plans a tear-down.

    Args:
        workshop: the workshop.
        state: the workshop's own state.
        contents: the contents of the workspace.
    """
    ownership = _Ownership(ClassFacts(workshop, state, contents))
    decisions = [decision for each in contents.objects for decision in ownership.decide(each)]
    decisions += [
        ObjectToKeep(f"catalog {name}", f"its content cannot be read: {error}", name)
        for name, error in contents.unreadable.items()
        if name in ownership.facts.catalogs
    ]
    decisions += ownership.labelled_catalogs([each for each in decisions if isinstance(each, ObjectToKeep)])
    decisions += ownership.untagged_objects([each for each in decisions if isinstance(each, ObjectToRemove)])
    kept = [each for each in decisions if isinstance(each, ObjectToKeep)]
    addresses, kept_in_state = ownership.state_addresses({each.catalog for each in kept if each.catalog})
    removals = [each for each in decisions if isinstance(each, ObjectToRemove)]
    removals.sort(key=lambda each: (_ORDER.index(each.object.type), each.object.name, each.object.id))
    return TeardownPlan(addresses, tuple(removals), (*kept, *kept_in_state, *ownership.kept_users()))


def catalog_of(address: str, attributes: Mapping[str, object]) -> str | None:
    """The catalog of a resource in a state: the resource itself, or the catalog that its grants apply to.

    Args:
        address: the Terraform address.
        attributes: the resource's attributes in the state.
    """
    argument = _OF_CATALOG.get(address.partition(".")[0])
    name = attributes.get(argument) if argument else None
    return str(name) if name else None


@dataclass(frozen=True)
class _Ownership:
    """Decides for each object if the tear-down removes it, keeps it or ignores it.

    Args:
        facts: the facts about the class.
    """

    facts: ClassFacts

    def decide(self, candidate: WorkspaceObject) -> Iterable[Decision]:
        """Decides if an object is removed or kept; empty if it is unrelated or in the workshop's state."""
        if (candidate.type, candidate.id) in self.facts.state.ids:
            return []
        decision: Decision | None = None
        if candidate.type == "databricks_schema":
            decision = self._schema(candidate)
        elif candidate.type in _JOBS_AND_PIPELINES:
            decision = self._job_or_pipeline(candidate)
        elif candidate.type in _COMPUTE:
            decision = self._compute(candidate)
        return [decision] if decision else []

    def _schema(self, schema: WorkspaceObject) -> Decision | None:
        ours, workshop = schema.catalog in self.facts.catalogs, schema.tags.get(WORKSHOP_PROPERTY)
        if workshop and workshop != self.facts.workshop.name:
            return self._keep(schema, f"it belongs to workshop `{workshop}`") if ours else None
        if workshop:
            return self._labelled(schema, trusted=ours)
        key = parse_state_key(schema.tags.get(DEPLOYMENT_PROPERTY, ""))
        if not key.project:
            return self._manual_schema(schema)
        return self._personal_schema(schema, key) if key.user else self._shared_schema(schema, key)

    def _labelled(self, candidate: WorkspaceObject, *, trusted: bool = False) -> Decision:
        """Decides on an object with this workshop's tag or property, which any user may set."""
        owner = self.facts.owner(candidate)
        if trusted or owner in (self.facts.students | {self.facts.caller}):
            return ObjectToRemove(candidate, f"labelled as part of workshop `{self.facts.workshop.name}`")
        return self._keep(
            candidate, f"it is labelled as part of this workshop, but its owner is {owner or 'unknown'}"
        )

    def _personal_schema(self, schema: WorkspaceObject, key: StateKey) -> Decision | None:
        """Decides on a schema of a personal deployment."""
        ours = schema.catalog in self.facts.catalogs
        if key.user not in self.facts.students:
            remedy = "add the user to the roster to remove it"
            reason = f"deployed by {key.user}, who is not on the roster ({remedy})"
            return self._keep(schema, reason) if ours else None
        if not ours and self.facts.branches.get(key.user or "") not in key.identity[1:]:
            reason = f"deployed by {key.user}, but not from the course's branch"
            in_use = schema.catalog in self.facts.workshop.existing_catalogs
            return self._keep(schema, reason) if in_use else None
        if (owner := self.facts.owner(schema)) != key.user:
            reason = f"it is labelled as deployed by {key.user}, but its owner is {owner or 'unknown'}"
            return self._keep(schema, reason)
        if others := self.facts.other_workshops(owner):
            return self._keep(schema, _ambiguous(key.user, others))
        return ObjectToRemove(schema, f"deployed by {key.user}", key.text)

    def _shared_schema(self, schema: WorkspaceObject, key: StateKey) -> Decision | None:
        """Decides on a schema of a shared deployment, such as production."""
        creator = _creator(schema)
        ours = schema.catalog in self.facts.catalogs
        if ours and creator in self.facts.deployers:
            return ObjectToRemove(schema, f"deployed by {creator} for the class", key.text)
        in_existing = schema.catalog in self.facts.workshop.existing_catalogs
        if ours or (in_existing and creator in self.facts.deployers):
            return self._keep(schema, f"it belongs to {key.text}, which is not only the class's")
        return None

    def _manual_schema(self, schema: WorkspaceObject) -> Decision | None:
        """Decides on a schema without labels, created by hand."""
        owner = self.facts.owner(schema)
        if schema.catalog not in self.facts.catalogs:
            reason = f"created by {owner}, whom the workshop invited, in a catalog of others"
            return self._keep(schema, reason) if owner in self.facts.invited else None
        if owner in self.facts.students and (others := self.facts.other_workshops(owner)):
            return self._keep(schema, _ambiguous(owner, others))
        if owner in self.facts.students or owner in self.facts.invited:
            return ObjectToRemove(schema, f"created by {owner}")
        if owner is None:
            return self._keep(schema, "its owner is unknown")
        return self._keep(schema, f"its owner {owner} is not a student of this workshop")

    def _job_or_pipeline(self, candidate: WorkspaceObject) -> Decision | None:
        creator, workshop = _creator(candidate), candidate.tags.get(WORKSHOP_TAG)
        schema = self.facts.schemas.get((candidate.parent or "").lower())
        key = parse_state_key(schema.tags.get(DEPLOYMENT_PROPERTY, "")) if schema else parse_state_key("")
        if schema and key.project and not key.user and _is_deployed(candidate):
            return _like_schema(candidate, self._shared_schema(schema, key))
        if workshop and workshop != self.facts.workshop.name:
            is_student = creator in self.facts.students
            return self._keep(candidate, f"it belongs to workshop `{workshop}`") if is_student else None
        if workshop:
            return self._labelled(candidate)
        ours = candidate.catalog in self.facts.catalogs
        if creator not in self.facts.students:
            reason = f"its creator {creator or 'unknown'} is not a student of this workshop"
            return self._keep(candidate, reason) if ours and _is_deployed(candidate) else None
        if schema and key.user == creator and _is_deployed(candidate):
            return _like_schema(candidate, self._personal_schema(schema, key))
        if _is_deployed(candidate) and ours and not self.facts.other_workshops(creator):
            return ObjectToRemove(candidate, f"deployed by {creator} into {candidate.parent}")
        if self.facts.policies & candidate.policies:
            return ObjectToRemove(candidate, f"created by {creator} with this workshop's cluster policy")
        if creator in self.facts.invited:
            return ObjectToRemove(candidate, f"created by {creator}, whom the workshop invited")
        return self._keep(candidate, f"created by {creator}, but nothing links it to this workshop")

    def _compute(self, candidate: WorkspaceObject) -> Decision | None:
        """Decides on a cluster or SQL warehouse."""
        creator, workshop = _creator(candidate), candidate.tags.get(WORKSHOP_TAG)
        if workshop == self.facts.workshop.name:
            return self._labelled(candidate)
        if creator in self.facts.students and self.facts.policies & candidate.policies and not workshop:
            return ObjectToRemove(candidate, f"created by {creator} with this workshop's cluster policy")
        if creator in self.facts.invited and not workshop:
            return ObjectToRemove(candidate, f"created by {creator}, whom the workshop invited")
        return None

    def untagged_objects(self, removals: Sequence[ObjectToRemove]) -> Iterator[ObjectToRemove]:
        """Finds objects of deployments that have no tags: experiments of jobs, and folders of code.

        Args:
            removals: the objects to remove so far.
        """
        by_experiment = {each.object.experiment: each for each in removals if each.object.experiment}
        by_key = {each.deployment: each for each in removals if each.deployment}
        folders = {folder: each for key, each in by_key.items() for folder in parse_state_key(key).folders}
        for each in self.facts.contents.objects:
            if (each.type, each.id) in self.facts.state.ids:
                continue
            if each.type == "databricks_mlflow_experiment":
                home = each.name.split("/")[2].lower() if each.name.startswith("/Users/") else None
                if home in self.facts.students and (job := by_experiment.get(each.name)):
                    yield ObjectToRemove(each, f"used by job {job.object.name}", job.deployment)
                elif home in self.facts.invited:
                    yield ObjectToRemove(each, f"created by {home}, whom the workshop invited")
            if each.type == "databricks_directory" and each.name in folders:
                yield ObjectToRemove(each, folders[each.name].reason, folders[each.name].deployment)

    def labelled_catalogs(self, kept: Iterable[ObjectToKeep]) -> Iterator[Decision]:
        """Decides on catalogs with this workshop's property that are in no state.

        Args:
            kept: the objects to keep so far.
        """
        not_empty = {each.catalog for each in kept}
        for catalog in self.facts.all_catalogs:
            if catalog.name in self.facts.catalogs and (catalog.type, catalog.id) not in self.facts.state.ids:
                if catalog.name in not_empty:
                    yield ObjectToKeep(str(catalog), _NOT_EMPTY)
                else:
                    yield self._labelled(catalog)

    def state_addresses(self, not_empty: Collection[str]) -> tuple[tuple[str, ...], list[ObjectToKeep]]:
        """Splits the workshop's state into addresses to destroy and objects to keep.

        Args:
            not_empty: the catalogs that still contain an object to keep.
        """
        kept: dict[str, ObjectToKeep] = {}
        for address, attributes in self.facts.state.held.items():
            if (catalog := catalog_of(address, attributes)) in not_empty:
                prefix = "grants on " if address.startswith("databricks_grants.") else ""
                kept[address] = ObjectToKeep(f"{prefix}catalog {catalog}", _NOT_EMPTY)
            elif address.startswith("databricks_directory.") and _HOME.fullmatch(str(attributes.get("path"))):
                kept[address] = ObjectToKeep(f"folder {attributes.get('path')}", "it is a user's home folder")
            elif address.startswith("databricks_user."):
                user = str(attributes.get("user_name"))
                if others := self.facts.other_groups(user.lower()):
                    kept[address] = ObjectToKeep(f"user {user}", f"is also in {', '.join(sorted(others))}")
        return tuple(address for address in self.facts.state.held if address not in kept), list(kept.values())

    def kept_users(self) -> Iterator[ObjectToKeep]:
        """The students whom the workshop did not invite."""
        invitations = self.facts.state.of_type("databricks_user").values()
        in_state = {str(user.get("user_name")).lower() for user in invitations}
        for student in self.facts.workshop.students:
            email = student.email.lower()
            if email in self.facts.contents.groups and email not in in_state:
                yield ObjectToKeep(f"user {student.email}", "was in the workspace before the workshop")

    def _keep(self, candidate: WorkspaceObject, reason: str) -> ObjectToKeep:
        ours = candidate.type == "databricks_schema" and candidate.catalog in self.facts.catalogs
        return ObjectToKeep(str(candidate), reason, candidate.catalog if ours else None)


def _like_schema(candidate: WorkspaceObject, decision: Decision | None) -> Decision | None:
    """Decides on a job or pipeline in the same way as on the schema that it fills."""
    if isinstance(decision, ObjectToRemove):
        return ObjectToRemove(candidate, decision.reason, decision.deployment)
    return ObjectToKeep(str(candidate), decision.reason) if decision else None


def _creator(candidate: WorkspaceObject) -> str | None:
    return (candidate.creator or "").lower() or None


def _is_deployed(candidate: WorkspaceObject) -> bool:
    """True if a job or pipeline has the tags of a deployment."""
    return set(CONTEXT_TAGS) <= set(candidate.tags)


def _ambiguous(user: str | None, others: Sequence[str]) -> str:
    return f"{user} is also in workshop {', '.join(others)}, which may own it"
