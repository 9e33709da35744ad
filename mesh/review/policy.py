"""The rules of a review: which changes they refuse, and which rules are approved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mesh.model.review_policy import RULES, PolicyFile, Strictness
from mesh.review.access import AccessChange
from mesh.review.access_policies import PolicyChange
from mesh.review.compute import ComputeChange
from mesh.review.data import DataChange
from mesh.review.declared_tables import DeclarationChange
from mesh.review.masking import SENSITIVE
from mesh.review.mesh_index import MeshIndex
from mesh.review.plan import StackPlan
from mesh.review.plan_remarks import PlanRemark
from mesh.review.runs import RUNS_AS, RunChange
from mesh.review.sentence import Name, Sentence
from mesh.review.stack_location import StackLocation

# The changes that rules apply to
RuleSubject = DataChange | AccessChange | PolicyChange | RunChange | ComputeChange


@dataclass(frozen=True)
class Ruling:
    """A rule, applied to one change.

    Args:
        rule: the rule.
        stack: the stack of the plan.
        environment: the environment.
        strictness: `refuse` or `warn`.
        approved: True if the rule is approved.
        sentence: the change as a sentence.
        details: further sentences.
    """

    rule: str
    stack: str
    environment: str
    strictness: Strictness
    approved: bool
    sentence: Sentence
    details: tuple[Sentence, ...] = ()

    @property
    def refused(self) -> bool:
        """True if this ruling refuses the review."""
        return self.strictness == "refuse" and not self.approved


def rulings(
    plans: Sequence[StackPlan],
    changes: Iterable[RuleSubject | DeclarationChange | PlanRemark],
    locations: Mapping[str, StackLocation],
    policy: PolicyFile,
    index: MeshIndex,
    approved: frozenset[str],
) -> list[Ruling]:
    """All rulings on the changes of plans, without ignored rules; refusals first, then in rule order.

    Args:
        plans: all plans.
        changes: the changes of the plans.
        locations: the location of each stack.
        policy: the policy file.
        index: the index of the mesh.
        approved: the approved rules.
    """
    matches: list[tuple[str, str, Sentence, tuple[Sentence, ...]]] = [
        (plan.stack, "failed-plan", ("Terraform could not plan ", Name.of(plan.stack)), ())
        for plan in plans
        if plan.error is not None
    ]
    for change in changes:
        environments = [one for one in locations[change.stack].environments if one in index.production]
        principals = frozenset().union(*(index.run_as.get(one, frozenset()) for one in environments))
        matches += [
            (change.stack, rule, change.sentence, details)
            for rule, details in _matching_rules(
                change, policy, production=bool(environments), principals=principals
            )
        ]
    result = []
    for stack, rule, sentence, details in matches:
        location = locations[stack]
        strictness = policy.strictness(rule, location.environment, location.environments)
        if strictness != "ignore":
            result.append(
                Ruling(rule, stack, location.environment, strictness, rule in approved, sentence, details)
            )
    return in_order(result)


def in_order(result: Iterable[Ruling]) -> list[Ruling]:
    """Rulings in the order of a report: refusals first, then in rule order."""
    order = list(RULES)
    return sorted(result, key=lambda one: (not one.refused, order.index(one.rule)))


def _matching_rules(
    change: RuleSubject | DeclarationChange | PlanRemark,
    policy: PolicyFile,
    *,
    production: bool,
    principals: frozenset[str],
) -> Iterator[tuple[str, tuple[Sentence, ...]]]:
    """The rules that apply to a change, with further sentences about the change.

    Args:
        change: the change.
        policy: the policy file, which names the groups that contain everybody.
        production: True if the stack belongs to a production environment.
        principals: the declared run-as principals of these environments; empty where the mesh declares none.
    """
    match change:
        case DataChange(loses=True):
            yield "data-loss", change.details
        case AccessChange():
            # what is sensitive could be anything
            if {"ALL_PRIVILEGES", SENSITIVE} & set(change.gained):
                yield "all-privileges", ()
            if change.gained and change.principal.lower() in (SENSITIVE, *map(str.lower, policy.everybody)):
                yield "everybody", tuple(access.sentence(change.called) for access in change.reaches)
        case PolicyChange(reveals=True) | DeclarationChange(reveals=True):
            yield "sees-more", change.details
        case RunChange(happens="created" | "changed" | "replaced" | "recreated" | "moved") if production:
            is_new = change.happens in ("created", "replaced", "recreated")
            if change.run_as or (is_new and principals and change.principal not in principals):
                details = tuple(point for point in change.points if point[0] == RUNS_AS)
                yield "run-as", details or ((RUNS_AS, "the deployer"),)
        case PlanRemark(judged=False):
            yield "unknown-change", ()
        case ComputeChange() if change.loosened:
            yield "policy-loosened", tuple(one.sentence for one in change.loosened)
