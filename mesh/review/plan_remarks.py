"""What a plan says besides changes of resources, and what a review cannot judge in it.

Source: Terraform documentation, "JSON Output Format", Plan Representation and Checks Representation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from mesh.documents.secret_text import text_masked
from mesh.review.sentence import Name, Sentence, listed

# The actions of a resource, as Terraform combines them
ACTIONS = frozenset(
    {
        *(("no-op",), ("read",), ("create",), ("update",), ("delete",), ("forget",)),
        *(("delete", "create"), ("create", "delete"), ("create", "forget"), ("forget", "create")),
    }
)
_FORMAT = "1."  # later major versions may mean other things
_ACCESS = {"databricks_grants": "grant", "databricks_permissions": "access_control"}

RemarkKind = Literal["incomplete", "deferred", "action", "unknown", "hidden", "check-failed"]


@dataclass(frozen=True)
class PlanRemark:
    """A remark on a plan.

    Args:
        stack: the stack of the plan.
        happens: the kind of remark.
        name: the address of a resource, action or check; "" for the whole plan.
        reasons: texts from the plan: a reason, unknown actions, messages of a check.
    """

    stack: str
    happens: RemarkKind
    name: str = ""
    reasons: tuple[str, ...] = ()

    area = "other"

    @property
    def judged(self) -> bool:
        """True if the review understands everything that the remark is about."""
        return self.happens == "check-failed"

    @property
    def sentence(self) -> Sentence:
        """The remark as a sentence."""
        name = Name.of(self.name)
        match self.happens:
            case "incomplete":
                return ("this plan is incomplete: after it is applied, another plan shows further changes",)
            case "deferred":
                return (name, " is deferred: a later plan shows its changes", *self._in_brackets)
            case "action":
                return ("action ", name, " will be invoked", *self._in_brackets)
            case "unknown" if self.name:
                return (name, " has an action that a review does not know", *self._in_brackets)
            case "unknown":
                return ("this plan has parts that a review does not know", *self._in_brackets)
            case "hidden":
                return ("who gains and loses access through ", name, " is sensitive, so it is not shown")
            case _:
                return ("check ", name, " fails")

    @property
    def _in_brackets(self) -> Sentence:
        return (" (", *listed(self.reasons), ")") if self.reasons else ()

    @property
    def details(self) -> tuple[Sentence, ...]:
        """The messages of a failed check."""
        return tuple((Name.of(one),) for one in self.reasons) if self.happens == "check-failed" else ()


def plan_remarks(stack: str, plan: Mapping[str, Any], hide: Callable[[str], str]) -> Iterator[PlanRemark]:
    """All remarks on a plan.

    Args:
        stack: the stack of the plan.
        plan: the plan's JSON.
        hide: masks the sensitive values of the plan in a text.
    """

    def remark(happens: RemarkKind, name: Any = "", *reasons: Any) -> PlanRemark:
        texts = [hide(text_masked(str(one))) for one in (name, *reasons)]
        return PlanRemark(stack, happens, texts[0], tuple(texts[1:]))

    version = str(plan.get("format_version") or _FORMAT)
    if not version.startswith(_FORMAT):
        yield remark("unknown", "", f"format version {version}")
    if plan.get("complete") is False and not plan.get("errored"):
        yield remark("incomplete")
    for one in _entries(plan, "deferred_changes"):
        yield remark("deferred", _address(one.get("resource_change")), *_present(one.get("reason")))
    for one in _entries(plan, "action_invocations"):
        yield remark("action", _address(one), *_present(one.get("type")))
    for one in _entries(plan, "deferred_action_invocations"):
        yield remark("deferred", _address(one.get("action_invocation")), *_present(one.get("reason")))
    for name, reasons in _unknown(plan):
        yield remark("unknown", name, *reasons)
    yield from (remark("hidden", name) for name in _hidden_access(plan))
    for one in _entries(plan, "checks"):
        if one.get("status") in ("fail", "error"):
            yield remark("check-failed", _check_name(one), *_problems(one))


def _entries(plan: Mapping[str, Any], section: str) -> Iterator[Mapping[str, Any]]:
    """The entries of a section; an entry of another form is empty."""
    entries = plan.get(section)
    if entries and not isinstance(entries, list):
        yield {}
    for one in entries if isinstance(entries, list) else ():
        yield one if isinstance(one, dict) else {}


def _address(entry: Any) -> str:
    return str(entry.get("address") or "?") if isinstance(entry, dict) else "?"


def _present(value: Any) -> tuple[str, ...]:
    return (str(value),) if value else ()


def _unknown(plan: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The resources with actions or of a form that a review does not know."""
    for one in _entries(plan, "resource_changes"):
        change = one.get("change")
        if not isinstance(change, dict) or not one.get("address"):
            yield _address(one), ()
        elif one.get("mode", "managed") == "managed" and not has_known_actions(change):
            actions = change.get("actions")
            yield _address(one), tuple(map(str, actions if isinstance(actions, list) else _present(actions)))


def has_known_actions(change: Mapping[str, Any]) -> bool:
    """True if Terraform is known to combine the actions of a change so."""
    actions = change.get("actions")
    return isinstance(actions, list) and tuple(map(str, actions)) in ACTIONS


def _hidden_access(plan: Mapping[str, Any]) -> Iterator[str]:
    """The addresses of changed grants and permissions that are sensitive as a whole."""
    for one in _entries(plan, "resource_changes"):
        change, block = one.get("change"), _ACCESS.get(str(one.get("type")))
        if block is None or not isinstance(change, dict) or change.get("actions") in (["no-op"], ["forget"]):
            continue
        marks = (change.get("before_sensitive"), change.get("after_sensitive"))
        if any(mark is True or (isinstance(mark, dict) and mark.get(block) is True) for mark in marks):
            yield _address(one)


def _check_name(check: Mapping[str, Any]) -> str:
    address = check.get("address")
    return str(address.get("to_display") or "?") if isinstance(address, dict) else "?"


def _problems(check: Mapping[str, Any]) -> Iterator[str]:
    """The messages of a check, each once."""
    messages = {
        str(problem.get("message")): None
        for instance in _entries(check, "instances")
        for problem in _entries(instance, "problems")
        if problem.get("message")
    }
    yield from messages
