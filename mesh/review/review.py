"""The review of all plans, from which each format is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from mesh.deployment.deployment import Deployment
from mesh.git.renames import no_renames, renames_in
from mesh.mesh import Mesh
from mesh.model.contract_difference import ContractDifference
from mesh.model.review_policy import PolicyFile
from mesh.review.access import access_changes
from mesh.review.access_policies import policy_changes
from mesh.review.compute import compute_changes
from mesh.review.contracts import ContractComparison, contract_rulings
from mesh.review.data import DataChange, data_changes
from mesh.review.declared_tables import DeclarationChange, declaration_changes
from mesh.review.drift_change import DriftChange, PlanChange
from mesh.review.labels import REVIEW_LABELS, ReportLabels
from mesh.review.mesh_index import MeshIndex, index_mesh
from mesh.review.other_changes import OtherChange, other_changes
from mesh.review.plan import ResourceChange, StackPlan
from mesh.review.plan_remarks import PlanRemark
from mesh.review.policy import RuleSubject, Ruling, in_order, rulings
from mesh.review.removed_projects import catalog_remedies, project_renames
from mesh.review.runs import run_changes
from mesh.review.stack_location import StackLocation, StackLocator
from mesh.review.table_owners import table_owner_changes
from mesh.review.waiting_policies import WaitingChange, WaitingPolicies, waiting_policies
from mesh.review.waiting_tables import WaitingTable, waiting_tables
from mesh.review.workspace_facts import NO_FACTS, WorkspaceFacts
from mesh.terraform.plan import change_counts

ReportChange = (
    PlanChange | DeclarationChange | PlanRemark | WaitingTable | WaitingPolicies | WaitingChange | DriftChange
)

AREAS: Mapping[str, str] = {
    "data": "Data",
    "access": "Access",
    "runs": "Runs",
    "compute": "Compute",
    "other": "Other",
}


@dataclass(frozen=True)
class StackReview:
    """The review of one stack.

    Args:
        stack: the stack's name.
        location: its location in the mesh.
        changes: its changes: data, access, runs, compute, other.
        resources: the resources that Terraform changes, for the diff.
        error: Terraform's error; None where planning succeeded.
        labels: the labels of the report.
    """

    stack: str
    location: StackLocation
    changes: tuple[ReportChange, ...]
    resources: tuple[ResourceChange, ...]
    error: str | None = None
    labels: ReportLabels = REVIEW_LABELS

    @property
    def changed(self) -> bool:
        """True if any resource changes."""
        return bool(self.resources)

    @property
    def loses(self) -> bool:
        """True if data is lost."""
        return any(getattr(one, "loses", False) for one in self.changes)

    @property
    def counts(self) -> tuple[int, int, int]:
        """The numbers of resources to add, change and destroy, as Terraform counts them."""
        return change_counts(self.resources)


@dataclass(frozen=True)
class EnvironmentReview:
    """The review of one environment, or of the resources that environments share on a metastore.

    Args:
        environment: the name of the environment, or `metastore <name>`.
        stacks: the stacks with changes or errors.
        projects: the number of projects with a plan.
        changed: the number of projects that change.
        failed: the number of projects whose plan failed.
        shared: True if resources change that projects share.
    """

    environment: str
    stacks: tuple[StackReview, ...]
    projects: int
    changed: int
    failed: int
    shared: bool

    @property
    def summary(self) -> str:
        """One line: `2 projects change, 98 do not, 1 failed`."""
        parts = []
        if self.changed:
            parts.append("1 project changes" if self.changed == 1 else f"{self.changed} projects change")
            if rest := self.projects - self.changed - self.failed:
                parts.append(f"{rest} {'does' if rest == 1 else 'do'} not")
        elif self.projects:
            parts.append("no project changes")
        if self.shared:
            parts.append("shared resources change")
        return ", ".join([*parts, *self.failures]) or "no changes"

    @property
    def failures(self) -> list[str]:
        """The numbers of failed projects and of failed stacks with shared resources, as text."""
        shared = sum(one.error is not None and one.location.kind != "project" for one in self.stacks)
        projects = [f"{self.failed} failed"] if self.failed else []
        return [*projects, *([f"{shared} shared stack{'s'[: shared > 1]} failed"] if shared else [])]


@dataclass(frozen=True)
class Review:
    """The review of all plans.

    Args:
        environments: the environments; production comes first.
        rulings: the rulings; refusals come first.
        notes: facts that could not be read, with the reason.
        labels: the labels of the report.
        contracts: the contracts, compared with another commit; None if they were not compared.
    """

    environments: tuple[EnvironmentReview, ...]
    rulings: tuple[Ruling, ...]
    notes: tuple[str, ...] = ()
    labels: ReportLabels = REVIEW_LABELS
    contracts: ContractComparison | None = None

    @property
    def contract_changes(self) -> tuple[ContractDifference, ...]:
        """The changes of contracts."""
        return self.contracts.differences if self.contracts else ()

    @property
    def empty(self) -> bool:
        """True if nothing was reviewed, or no contract changes."""
        return not self.environments and not self.contract_changes

    @property
    def stacks(self) -> tuple[StackReview, ...]:
        """All stacks with changes or errors."""
        return tuple(stack for one in self.environments for stack in one.stacks)

    @property
    def refused(self) -> bool:
        """True if a rule refuses the review."""
        return any(one.refused for one in self.rulings)

    @property
    def verdict(self) -> str:
        """The text where no rule refuses; it says so if there are changes that nobody knows."""
        unknown = any(
            one.rule in ("failed-plan", "unknown-change") and not one.approved for one in self.rulings
        )
        more = ", but not every change is known" if unknown else ""
        return f"{self.labels.verdict}{more}" if self.labels.verdict else ""

    def without_rulings(self) -> Review:
        """The same review without rulings, for changes that the user asked for."""
        return replace(self, rulings=(), labels=replace(self.labels, verdict=""))

    @property
    def losses(self) -> tuple[DataChange, ...]:
        """All data that is lost."""
        changes = (change for stack in self.stacks for change in stack.changes)
        return tuple(one for one in changes if isinstance(one, DataChange) and one.loses)


def review(
    plans: Sequence[StackPlan],
    mesh: Mesh | None,
    policy: PolicyFile,
    approved: frozenset[str] = frozenset(),
    notes: Sequence[str] = (),
    facts: WorkspaceFacts = NO_FACTS,
    now: datetime | None = None,
    contracts: ContractComparison | None = None,
) -> Review:
    """Reviews plans.

    Args:
        plans: one plan per stack.
        mesh: the mesh of the plans; None where it cannot be read.
        policy: the policy file.
        approved: the approved rules.
        notes: facts that could not be read.
        facts: facts from the workspaces of the plans.
        now: the moment after which the next runs of schedules count; None takes that of each plan.
        contracts: the contracts, compared with another commit; None to leave them out.
    """
    locator = StackLocator(mesh)
    locations = {plan.stack: locator.locate(plan) for plan in plans}
    environments = dict.fromkeys(name for one in locations.values() for name in one.environments)
    index, index_notes = index_mesh(mesh, environments)
    renames = renames_in(mesh.root) if mesh else no_renames
    renamed = project_renames(plans, locations, _without_former_names(mesh, index), renames)
    index = replace(
        index,
        remedies={stack: one.remedy for stack, one in locations.items() if one.removed},
        project_renames=renamed,
        catalog_remedies=catalog_remedies(plans, locations, renamed),
        renames=renames,
        contents=facts.contents,
        existing_grants=facts.existing_grants,
        now=now,
    )
    declared = declaration_changes(plans, index)
    rule_subjects, others = all_changes(plans, index, declared)
    remarks = [remark for plan in plans for remark in plan.remarks]
    waiting: list[ReportChange] = [*waiting_tables(plans, index), *waiting_policies(plans, index)]
    stacks = stack_reviews(plans, locations, [*rule_subjects, *declared, *waiting, *others, *remarks])
    ruled = rulings(plans, [*rule_subjects, *declared, *remarks], locations, policy, index, approved)
    of_contracts = contract_rulings(contracts, policy, approved) if contracts else ()
    return Review(
        environments=tuple(
            _environment(name, group) for name, group in by_environment(stacks, index.production)
        ),
        rulings=tuple(in_order([*ruled, *of_contracts])),
        notes=(*notes, *index_notes, *facts.notes),
        contracts=contracts,
    )


def _without_former_names(mesh: Mesh | None, index: MeshIndex) -> dict[str, Deployment]:
    """The deployments of projects that declare no former name, by stack."""
    projects = (
        project
        for org in (mesh.orgs if mesh else ())
        for domain in org.domains
        for project in domain.projects
    )
    named = {project.path for project in projects if project.declared.renamed_from}
    return {stack: one for stack, one in index.deployments.items() if one.path not in named}


def all_changes(
    plans: Sequence[StackPlan], index: MeshIndex, declared: Sequence[DeclarationChange] = ()
) -> tuple[list[RuleSubject], list[OtherChange]]:
    """All changes of plans: the changes that rules apply to, and all other changes.

    Args:
        plans: all plans.
        index: the index of the mesh.
        declared: changes of notebooks that are reported already.
    """
    data = data_changes(plans, index)
    rule_subjects: list[RuleSubject] = [*data]
    rule_subjects += [*access_changes(plans, index), *policy_changes(plans, index)]
    rule_subjects += table_owner_changes(plans, index)
    rule_subjects += [*run_changes(plans, index), *compute_changes(plans)]
    reported = {(one.stack, one.address) for one in data} | {(one.stack, one.address) for one in declared}
    return rule_subjects, other_changes(plans, reported)


def stack_reviews(
    plans: Sequence[StackPlan],
    locations: Mapping[str, StackLocation],
    changes: Iterable[ReportChange],
    labels: ReportLabels = REVIEW_LABELS,
) -> list[StackReview]:
    """One review per plan, with the changes of its stack."""
    by_stack: dict[str, list[ReportChange]] = {}
    for change in changes:
        by_stack.setdefault(change.stack, []).append(change)
    return [
        StackReview(
            plan.stack,
            locations[plan.stack],
            tuple(by_stack.get(plan.stack, ())),
            (*plan.changes, *plan.deposed),
            plan.error,
            labels,
        )
        for plan in plans
    ]


def by_environment(
    stacks: Iterable[StackReview], production: frozenset[str]
) -> Iterator[tuple[str, list[StackReview]]]:
    """Stacks grouped by environment: production first; in each group, stacks that lose data first."""
    ordered = sorted(stacks, key=lambda one: _order(one, production))
    groups = groupby(ordered, lambda one: one.location.environment)
    yield from ((environment, list(group)) for environment, group in groups)


def _order(stack: StackReview, production: frozenset[str]) -> tuple[object, ...]:
    location = stack.location
    shared = location.environment.startswith("metastore ")
    return (
        shared,
        location.environment not in production,
        location.environment,
        not stack.loses,
        stack.error is None,
        location.kind != "project",
        location.path,
        stack.stack,
    )


def _environment(name: str, stacks: Sequence[StackReview]) -> EnvironmentReview:
    projects = [one for one in stacks if one.location.kind == "project"]
    failed = sum(one.error is not None for one in projects)
    return EnvironmentReview(
        environment=name,
        stacks=tuple(one for one in stacks if one.changed or one.changes or one.error is not None),
        projects=len(projects),
        changed=sum(one.changed and one.error is None for one in projects),
        failed=failed,
        shared=any(one.changed for one in stacks if one.location.kind != "project"),
    )
