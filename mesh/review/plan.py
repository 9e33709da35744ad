"""Plans as `terraform show -json` prints them: the change to every resource, or the error.

Source: Terraform documentation, "JSON Output Format", Plan Representation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from mesh.documents.secret_text import text_masked
from mesh.errors import OutsideError, UsageError
from mesh.review.error_text import error_excerpt, plain_text
from mesh.review.masking import Edit, Marks, edits, masked, sensitive
from mesh.review.plan_remarks import PlanRemark, has_known_actions, plan_remarks
from mesh.review.plan_text import parse_plan
from mesh.review.sensitive_text import SensitiveText, sensitive_text
from mesh.terraform.plan import PlannedChange
from mesh.terraform.saved_plan import ERROR, ORIGIN, PLAN, PLAN_JSON

_SUFFIXES = (PLAN_JSON, ERROR)

Action = Literal["create", "update", "replace", "recreate", "delete", "forget", "move", "import", "no-op"]


@dataclass(frozen=True)
class ResourceChange(PlannedChange):
    """The change that a plan makes to one resource; values are masked.

    Args:
        kind: the resource's type.
        previous_address: its address in the state, where the plan moves it.
        edits: every attribute that changes.
        recorded: its attributes in the state, where the resource was changed outside Terraform; else None.
        deposed: the key of an object that an earlier replacement left behind; "" for the current object.
    """

    kind: str = ""
    previous_address: str | None = None
    edits: tuple[Edit, ...] = ()
    recorded: Mapping[str, Any] | None = None
    deposed: str = ""

    @property
    def type(self) -> str:
        """The resource's type."""
        return self.kind

    @property
    def id(self) -> str:
        """The resource's Terraform name."""
        return self.address.rpartition(f"{self.kind}.")[2]

    @property
    def object_address(self) -> str:
        """Its address, with the key of a deposed object."""
        return f"{self.address} (deposed object {self.deposed})" if self.deposed else self.address

    @property
    def action(self) -> Action:
        """Terraform's actions as one word, such as `replace`."""
        if "delete" in self.actions:
            return "replace" if "create" in self.actions else "delete"
        if "forget" in self.actions:
            return "recreate" if "create" in self.actions else "forget"
        for action in ("create", "update"):
            if action in self.actions:
                return action
        return "import" if self.imports else "move" if self.previous_address else "no-op"

    @property
    def arguments(self) -> Mapping[str, Any]:
        """The attributes after the change; for a destroyed resource, the attributes before the change."""
        return self.after or self.before


@dataclass(frozen=True)
class StackPlan:
    """The plan of one stack.

    Args:
        stack: the stack's name.
        resources: every declared or existing resource, changed or not.
        error: Terraform's error; None where planning succeeded.
        planned: the moment of the plan; None if it does not say so.
        deposed: the changes of objects that earlier replacements left behind, beside the current objects.
        remarks: what the plan says besides, and what a review cannot judge.
    """

    stack: str
    resources: tuple[ResourceChange, ...]
    error: str | None = None
    planned: datetime | None = None
    deposed: tuple[ResourceChange, ...] = ()
    remarks: tuple[PlanRemark, ...] = ()

    @property
    def changes(self) -> tuple[ResourceChange, ...]:
        """The resources that the plan changes."""
        return tuple(one for one in self.resources if one.action != "no-op")

    @property
    def only_destroys(self) -> bool:
        """True if the plan creates and changes nothing."""
        return all(one.action == "delete" for one in self.changes)


def read_plans(paths: Sequence[Path]) -> tuple[StackPlan, ...]:
    """Reads plan files, sorted by stack.

    `<stack>.json` is the output of `terraform show -json`. `<stack>.err` is Terraform's error and may exist
    beside it. A .json file that is empty or not the JSON of a plan counts as a failed plan.

    Args:
        paths: plan files, and folders of plan files.

    Raises:
        UsageError: a file does not exist, has the wrong name, or two files of one stack differ.
        OutsideError: a file cannot be read.
    """
    texts: dict[str, dict[str, tuple[Path, str]]] = {}
    for path in (file for one in paths for file in _files(one)):
        if path.suffix in (ORIGIN, PLAN):
            continue  # a shell's `plans/*` includes them
        if path.suffix not in _SUFFIXES:
            raise UsageError(f"{path} is not a plan file (name it <stack>.json or <stack>.err)")
        text = _text(path)
        first, first_text = texts.setdefault(path.stem, {}).setdefault(path.suffix, (path, text))
        if first_text != text:
            raise UsageError(f"{first} and {path} are two plans of one stack (pass only one of them)")
    return tuple(
        stack_plan(stack, *(files.get(suffix, (None, None))[1] for suffix in _SUFFIXES))
        for stack, files in sorted(texts.items())
    )


def _files(path: Path) -> list[Path]:
    """The plan files at a path."""
    if path.is_dir():
        return sorted(file for suffix in _SUFFIXES for file in path.glob(f"*{suffix}"))
    if not path.exists():
        raise UsageError(f"there is no plan {path}")
    return [path]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise OutsideError(f"{path} cannot be read: {(error.strerror or str(error)).lower()}") from error


def stack_plan(stack: str, text: str | None, error: str | None) -> StackPlan:
    """The plan of a stack.

    Args:
        stack: the stack's name.
        text: the output of `terraform show -json`; None where there is none.
        error: Terraform's error.
    """
    plan, problem = parse_plan(text) if text is not None else ({}, None)
    message = (error or "").strip() or problem
    if text is None and not message:
        message = "Terraform left neither a plan nor an error message"
    if not message and plan.get("errored"):
        message = "Terraform did not complete this plan, and its error message is not among the files"
    hidden = sensitive_text(plan)
    excerpt = None if message is None else error_excerpt(hidden.hide(plain_text(message)))
    resources = tuple(_resources(plan, hidden))
    return StackPlan(
        stack,
        resources=tuple(one for one in resources if not one.deposed),
        error=excerpt,
        planned=_moment(plan.get("timestamp")),
        deposed=tuple(one for one in resources if one.deposed and one.action != "no-op"),
        remarks=tuple(plan_remarks(stack, plan, hidden.hide)),
    )


def _moment(text: object) -> datetime | None:
    """The moment in a plan's JSON; Terraform writes it in UTC."""
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)


def _resources(plan: Mapping[str, Any], hidden: SensitiveText) -> Iterator[ResourceChange]:
    drifts = {
        one.get("address"): one["change"]
        for one in changes_in(plan, "resource_drift")
        if not one.get("deposed")
    }
    for one in changes_in(plan, "resource_changes"):
        if one.get("mode", "managed") == "managed" and has_known_actions(one["change"]):
            drift = drifts.get(one.get("previous_address") or one["address"])
            yield hide_sensitive_text(resource_change(one, drift), hidden)


def hide_sensitive_text(change: ResourceChange, text: SensitiveText) -> ResourceChange:
    """The change without sensitive values where they have no mark, such as in the output of a provider."""
    if not text.values:
        return change
    return replace(
        change,
        address=text.hide(change.address),
        previous_address=text.hide(change.previous_address) if change.previous_address else None,
        because=tuple(map(text.hide, change.because)),
        edits=tuple(
            replace(
                edit,
                path=text.hide(edit.path),
                before=None if edit.before is None else text.hide(edit.before),
                after=None if edit.after is None else text.hide(edit.after),
            )
            for edit in change.edits
        ),
        before=text.hide_in(change.before),
        after=text.hide_in(change.after),
        recorded=text.hide_in(change.recorded),
    )


def changes_in(plan: Mapping[str, Any], section: str) -> Iterator[Mapping[str, Any]]:
    """The changes in one section of a plan's JSON, for example `resource_drift`."""
    changes = plan.get(section)
    for one in changes if isinstance(changes, list) else ():
        if isinstance(one, dict) and isinstance(one.get("change"), dict) and one.get("address"):
            yield one


def resource_change(entry: Mapping[str, Any], drift: Mapping[str, Any] | None = None) -> ResourceChange:
    """One resource of a plan's JSON, masked.

    Args:
        entry: the resource with its `change`.
        drift: its `change` in `resource_drift`, where there is one.
    """
    change, address = entry["change"], text_masked(str(entry["address"]))
    actions = tuple(map(str, change.get("actions") or ()))
    hidden = sensitive(
        *(change.get(marks) for marks in ("before_sensitive", "after_sensitive")),
        (drift or {}).get("before_sensitive"),
    )
    old_marks, new_marks = Marks(hidden), Marks(hidden, change.get("after_unknown") or False)
    before, after = change.get("before"), change.get("after")
    unchanged = set(actions) <= {"no-op"}
    if unchanged:
        before = before or after
    return ResourceChange(
        address=address,
        actions=actions,
        before=_mapping(masked(before, old_marks)),
        after=_mapping(masked(after, new_marks)) if after is not None else {},
        because=tuple(text_masked(str(path[0])) for path in change.get("replace_paths") or () if path),
        imports=bool(change.get("importing")),
        kind=str(entry.get("type") or address.split(".")[-2 if "." in address else -1]),
        previous_address=text_masked(str(previous)) if (previous := entry.get("previous_address")) else None,
        edits=() if unchanged else tuple(_edits(before, after, old_marks, new_marks)),
        recorded=_mapping(masked(drift.get("before"), Marks(hidden))) if drift else None,
        deposed=str(entry.get("deposed") or ""),
    )


def _edits(before: Any, after: Any, old_marks: Marks, new_marks: Marks) -> Iterator[Edit]:
    """All attributes that change; keys of mappings are masked, too."""
    for edit in edits(before, after, old_marks, new_marks):
        yield replace(edit, path=text_masked(edit.path))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def resources_of(plans: Iterable[StackPlan], *types: str) -> Iterator[tuple[StackPlan, ResourceChange]]:
    """All resources of these types in all plans, changed or not."""
    for plan in plans:
        for resource in plan.resources:
            if resource.type in types:
                yield plan, resource
