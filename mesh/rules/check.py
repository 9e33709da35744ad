"""Checks a mesh in an environment against the rules of its orgs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from mesh.deployment.scope import Scope
from mesh.documents.document import Document
from mesh.finding import Finding, nearest
from mesh.mesh import Mesh, MeshDeployment
from mesh.model.org import Org
from mesh.rules.own_rule import OwnRuleError, own_rules, rule_name
from mesh.rules.resource_subject import ResourceSubject
from mesh.rules.rule import BUILT_IN, Rule, built_in_rules
from mesh.rules.subject import (
    DomainSubject,
    FlowSubject,
    JobSubject,
    ProjectSubject,
    Subject,
    grant_subjects,
)
from mesh.rules.waiver import Waivers


@dataclass(frozen=True)
class RuleFinding:
    """A finding of a rule.

    Args:
        finding: the finding; its code is the name of the rule.
        path: the path in the mesh of what breaks the rule; "" for findings about rules.yml and own rules.
    """

    finding: Finding
    path: str = ""


@dataclass(frozen=True)
class RuleReport:
    """What the rules of all orgs found.

    Args:
        found: the findings, in order of their positions.
        not_run: the files of own rules that were not run.
    """

    found: tuple[RuleFinding, ...] = ()
    not_run: tuple[str, ...] = ()

    @property
    def findings(self) -> list[Finding]:
        """The findings, each once."""
        return sorted({one.finding for one in self.found})


def check_rules(
    mesh: Mesh,
    deployed: MeshDeployment,
    today: date,
    *,
    run_own: bool,
    resources: Sequence[ResourceSubject] = (),
) -> RuleReport:
    """Checks a mesh in an environment against the rules of its orgs.

    Args:
        mesh: the declared mesh.
        deployed: the mesh in an environment; projects without flows there are not checked.
        today: the day that waivers are compared with.
        run_own: True to run the own rules of the orgs, which is to run their code.
        resources: the resources of plans, for own rules about resources.
    """
    found: list[RuleFinding] = []
    not_run: list[str] = []
    for org in mesh.orgs:
        scopes = [scope for scope in deployed.scopes if scope.org.name == org.name]
        if org.rules.document.data or org.rules.own:
            planned = [one for one in resources if one.org == org.name]
            found += _of_org(org, scopes, planned, mesh.root, today, run_own=run_own)
            not_run += [] if run_own else org.rules.own
    return RuleReport(tuple(sorted(set(found), key=lambda one: (one.finding, one.path))), tuple(not_run))


def _of_org(
    org: Org,
    scopes: Sequence[Scope],
    resources: Sequence[ResourceSubject],
    root: Path,
    today: date,
    *,
    run_own: bool,
) -> Iterator[RuleFinding]:
    own_names = [rule_name(file) for file in org.rules.own]
    document, known = org.rules.document, {*BUILT_IN, *own_names}
    for name in org.rules.declared.own:
        if name not in own_names:
            message = f"`{name}` has no file rules/{name}.py ({nearest(name, own_names, 'own rules')})"
            yield RuleFinding(document.finding("unknown-rule", ("own", name), message, at_key=True))
    for name in own_names:
        if name in BUILT_IN:
            message = f"is also the name of a built-in rule, `{name}` (rename the file)"
            yield RuleFinding(Finding(f"{_folder(org)}/{name}.py", 1, 1, "no-rule-function", message))
    rules = [*built_in_rules(org.rules.declared)]
    if run_own:
        own, wrong = own_rules(org.rules, root)
        rules += own
        yield from map(RuleFinding, wrong)
    waivers = Waivers(org.rules, today)
    subjects = [*_subjects(scopes), *resources]
    for rule in rules:
        yield from _of_rule(rule, [one for one in subjects if isinstance(one, rule.subjects)], waivers)
    # plans hold the resources of some projects only, so a waiver may be for the others
    judged = [rule.name for rule in rules if ResourceSubject not in rule.subjects]
    yield from map(RuleFinding, waivers.findings(known, judged))


def _of_rule(rule: Rule, subjects: Iterable[Subject], waivers: Waivers) -> Iterator[RuleFinding]:
    for subject in subjects:
        try:
            violations = [*rule.check(subject)]
        except OwnRuleError as error:
            yield RuleFinding(error.finding)
            return  # would fail for the other subjects as well
        for one in violations:
            if not waivers.covers(rule.name, subject.path, rule.severity):
                found = _finding(one.document, rule, one.message, one.at)
                yield RuleFinding(found, subject.path)


def _finding(document: Document, rule: Rule, message: str, at: tuple[str | int, ...]) -> Finding:
    """The finding of a violation; its message ends with the rule's name, which waivers need."""
    return replace(document.finding(rule.name, at, f"{message} [{rule.name}]"), severity=rule.severity)


def _subjects(scopes: Sequence[Scope]) -> list[Subject]:
    """What the rules of an org are about, in the order of the mesh; none where the org is not deployed."""
    if not scopes:
        return []
    org = scopes[0].org
    subjects: list[Subject] = [*grant_subjects(org), *(DomainSubject(one, org) for one in org.domains)]
    for scope in scopes:
        subjects.append(ProjectSubject(scope.project, scope))
        for flow in scope.project.flows:
            subjects += [FlowSubject(flow, scope), *(JobSubject(scope, entry) for entry in flow.entries)]
    return subjects


def _folder(org: Org) -> str:
    return str(Path(org.rules.own[0]).parent)
