"""The rules of the orgs in a review: what they find in the projects that change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from mesh.errors import MeshError, OutsideError, UsageError
from mesh.mesh import Mesh, MeshDeployment
from mesh.model.review_policy import RULES, PolicyFile, Strictness
from mesh.review.declarations import declarations
from mesh.review.plan import StackPlan
from mesh.review.policy import Ruling
from mesh.review.review import EnvironmentReview, Review
from mesh.review.sentence import Name
from mesh.rules.check import RuleReport, check_rules
from mesh.rules.resource_subject import ResourceSubject

ORG_RULES = "org-rules"
"""The name under which review.yml and approvals know all rules of the orgs."""


def with_org_rules(
    review: Review,
    mesh: Mesh | None,
    policy: PolicyFile,
    approved: frozenset[str],
    today: date,
    *,
    run_own: bool,
    plans: Sequence[StackPlan] = (),
) -> Review:
    """The review with rulings for what the rules of the orgs find in the projects that change.

    Args:
        review: the review.
        mesh: the mesh of the plans; None where it cannot be read.
        policy: the policy file.
        approved: the approved rules.
        today: the day that waivers are compared with.
        run_own: True to run the own rules of the orgs, which is to run their code.
        plans: the plans of the review, for own rules about resources.
    """
    if mesh is None or not any(org.rules.document.data or org.rules.own for org in mesh.orgs):
        return review
    found: list[Ruling] = []
    not_run: dict[str, None] = {}
    for environment in review.environments:
        if not environment.stacks:
            continue
        try:
            deployed = mesh.in_environment(environment.environment)
        except (MeshError, OutsideError, UsageError):
            continue  # a metastore, or an environment that the review's notes name
        resources = tuple(_resources(environment, deployed, plans)) if run_own else ()
        report = check_rules(mesh, deployed, today, run_own=run_own, resources=resources)
        not_run |= dict.fromkeys(report.not_run)
        found += _rulings(environment, report, policy, approved)
    notes = [f"what {file} finds (--own-rules runs this code)" for file in not_run]
    order = list(RULES)
    rulings = sorted([*review.rulings, *found], key=lambda one: (not one.refused, order.index(one.rule)))
    return replace(review, rulings=tuple(rulings), notes=(*review.notes, *notes))


def _resources(
    environment: EnvironmentReview, deployed: MeshDeployment, plans: Sequence[StackPlan]
) -> Iterator[ResourceSubject]:
    """The resources of the projects that change, as they will be after the deployment."""
    by_stack = {plan.stack: plan for plan in plans}
    declared = declarations([deployed])
    scopes = {scope.project.path: scope for scope in deployed.scopes}
    for stack in environment.stacks:
        scope, plan = scopes.get(stack.location.path or ""), by_stack.get(stack.stack)
        if scope is None or plan is None:
            continue
        flows = {flow.document.file: flow.path for flow in scope.project.flows}
        for one in plan.resources:
            if one.action in ("delete", "forget"):
                continue
            place = declared.get((stack.stack, one.address))
            document = place.document if place and place.document else scope.project.document
            at = place.at if place and place.document else ()
            path = flows.get(document.file, scope.project.path)
            yield ResourceSubject(scope.org.name, path, one.type, one.address, one.arguments, document, at)


def _rulings(
    environment: EnvironmentReview, report: RuleReport, policy: PolicyFile, approved: frozenset[str]
) -> Iterator[Ruling]:
    """The rulings on the projects of one environment that change."""
    name = environment.environment
    of_errors = policy.strictness(ORG_RULES, name, [name])
    for stack in environment.stacks:
        if stack.location.kind != "project":
            continue
        for one in report.found:
            strictness: Strictness = of_errors
            if one.finding.severity == "warning" and of_errors == "refuse":
                strictness = "warn"
            if strictness != "ignore" and f"{one.path}/".startswith(f"{stack.location.path}/"):
                finding = one.finding
                place = Name.of(f"{finding.file}:{finding.line}")
                mark = ": warning: " if strictness == "warn" else ": "
                sentence = (place, mark, Name.of(finding.message))
                yield Ruling(ORG_RULES, stack.stack, name, strictness, ORG_RULES in approved, sentence)
