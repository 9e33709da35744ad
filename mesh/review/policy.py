"""What a review refuses: the rules, how strict each is, and what somebody has approved."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mesh.errors import UsageError
from mesh.finding import nearest
from mesh.model.review_policy import RULES, PolicyFile, Strictness
from mesh.review.access import AccessChange
from mesh.review.compute import ComputeChange
from mesh.review.data import DataChange
from mesh.review.mesh_index import Known
from mesh.review.plan import StackPlan
from mesh.review.runs import RunChange
from mesh.review.sentence import Name, Sentence
from mesh.review.stack_location import Place


@dataclass(frozen=True)
class Ruling:
    """One thing that a rule is about.

    Args:
        rule: the rule.
        stack: whose plan it is.
        where: the environment.
        strictness: `refuse` or `warn`.
        approved: whether somebody has approved what the rule is about.
        sentence: what it is.
        details: what a person wants to know besides.
    """

    rule: str
    stack: str
    where: str
    strictness: Strictness
    approved: bool
    sentence: Sentence
    details: tuple[Sentence, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether this alone refuses."""
        return self.strictness == "refuse" and not self.approved


def rulings(
    plans: Sequence[StackPlan],
    changes: Iterable[DataChange | AccessChange | RunChange | ComputeChange],
    places: Mapping[str, Place],
    policy: PolicyFile,
    known: Known,
    approved: frozenset[str],
) -> list[Ruling]:
    """Everything that a rule is about and the policy does not ignore, in the order of rules.

    Args:
        plans: all plans.
        changes: what they change.
        places: where each stack is.
        policy: how strict rules are.
        known: what the mesh knows.
        approved: the rules that somebody has approved.
    """
    about: list[tuple[str, str, Sentence, tuple[Sentence, ...]]] = [
        (plan.stack, "failed-plan", ("Terraform cannot plan ", Name.of(plan.stack)), ())
        for plan in plans
        if plan.error is not None
    ]
    for change in changes:
        environments = [one for one in places[change.stack].environments if one in known.production]
        usual = frozenset().union(*(known.run_as.get(one, frozenset()) for one in environments))
        about += [
            (change.stack, rule, change.sentence, details)
            for rule, details in _about(change, policy, production=bool(environments), usual=usual)
        ]
    found = []
    for stack, rule, sentence, details in about:
        place = places[stack]
        strictness = policy.strictness(rule, place.where, place.environments)
        if strictness != "ignore":
            found.append(Ruling(rule, stack, place.where, strictness, rule in approved, sentence, details))
    order = list(RULES)
    return sorted(found, key=lambda one: (not one.refused, order.index(one.rule)))


def _about(
    change: DataChange | AccessChange | RunChange | ComputeChange,
    policy: PolicyFile,
    *,
    production: bool,
    usual: frozenset[str],
) -> Iterator[tuple[str, tuple[Sentence, ...]]]:
    """The rules that a change is about, and what has to be said of it there.

    Args:
        change: the change.
        policy: says who everybody is.
        production: whether it is where everybody relies on it.
        usual: the principals that jobs there run as; none where the mesh does not tell.
    """
    match change:
        case DataChange(loses=True):
            yield "data-loss", change.details
        case AccessChange():
            if "ALL_PRIVILEGES" in change.gained:
                yield "all-privileges", ()
            if change.gained and change.principal.lower() in map(str.lower, policy.everybody):
                yield "everybody", tuple(reached.of(change.called) for reached in change.reaches)
        case RunChange(happens="created" | "changed" | "replaced" | "moved") if production:
            other = change.happens in ("created", "replaced") and usual and change.principal not in usual
            if change.run_as or other:
                told = tuple(point for point in change.points if point[0] == "runs as ")
                yield "run-as", told or (("runs as the one who deploys",),)
        case ComputeChange() if change.loosened:
            yield "policy-loosened", tuple(one.sentence for one in change.loosened)


def approvals(named: Iterable[str], text: str = "") -> frozenset[str]:
    """The rules that are approved: those named, and those that a pull request's text approves.

    Args:
        named: rules.
        text: the pull request's text; a line of its own `<rule>: approved` approves.

    Raises:
        UsageError: there is no such rule.
    """
    for name in named:
        if name not in RULES:
            raise UsageError(f"`{name}` is no rule of reviews ({nearest(name, RULES, 'rules')})")
    return frozenset(named) | {rule for line in _own_lines(text) if (rule := _approved(line)) in RULES}


def _approved(line: str) -> str:
    match = re.fullmatch(r" {0,3}([a-z-]+): approved *", line)
    return match[1] if match else ""


_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_OPENED = re.compile(r"<!--|<(pre|script|style|textarea)\b", re.IGNORECASE)


def _own_lines(text: str) -> Iterator[str]:
    """The lines that a reader of the pull request sees as text: not in code blocks, not in HTML comments.

    Source: CommonMark, fenced code blocks and HTML blocks; what is never closed goes on to the end.
    """
    fence = until = ""
    for line in text.splitlines():
        if until:
            if until in line.lower():
                until = ""
            continue
        opened = _FENCE.match(line)
        if fence:
            if opened and opened[1].startswith(fence) and not line.strip(f" {fence[0]}"):
                fence = ""
            continue
        if opened:
            fence = opened[1]
            continue
        if found := _OPENED.search(line):
            end = f"</{found[1].lower()}" if found[1] else "-->"
            until = "" if end in line[found.end() :].lower() else end
            continue
        yield line
