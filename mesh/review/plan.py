"""Plans as `terraform show -json` tells them: what each does to every resource, or why there is none.

Source: Terraform documentation, "JSON Output Format", Plan Representation.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from mesh.errors import OutsideError, UsageError
from mesh.review.masking import Edit, Marks, edits, masked, sensitive, text_masked
from mesh.terraform.plan import Change
from mesh.terraform.saved_plan import ERROR, ORIGIN, PLAN, SHOWN

_SUFFIXES = (SHOWN, ERROR)
_MOST_LINES = 40  # of what Terraform says when it fails
_LONGEST_LINE = 300

Action = Literal["create", "update", "replace", "delete", "forget", "move", "import", "no-op"]


@dataclass(frozen=True)
class Planned(Change):
    """What a plan does to one resource; values are masked.

    Args:
        kind: the resource's type.
        former: the address that the state knows it by, where that is another one.
        edits: every attribute that changes.
        known: its attributes as the state has them, where somebody has changed them since; else None.
    """

    kind: str = ""
    former: str | None = None
    edits: tuple[Edit, ...] = ()
    known: Mapping[str, Any] | None = None

    @property
    def type(self) -> str:
        """The resource's type."""
        return self.kind

    @property
    def id(self) -> str:
        """Its Terraform name."""
        return self.address.rpartition(f"{self.kind}.")[2]

    @property
    def action(self) -> Action:
        """What happens to it, in one word."""
        if "delete" in self.actions:
            return "replace" if "create" in self.actions else "delete"
        if "forget" in self.actions:
            return "forget"
        for action in ("create", "update"):
            if action in self.actions:
                return action
        return "import" if self.imports else "move" if self.former else "no-op"

    @property
    def arguments(self) -> Mapping[str, Any]:
        """What is known of it: what it will be, and where it goes, what it was."""
        return self.after or self.before


@dataclass(frozen=True)
class StackPlan:
    """The plan of one stack.

    Args:
        stack: the stack's name.
        resources: everything that it declares or holds, changed or not.
        error: what Terraform says when it did not come to the end; None when it did.
    """

    stack: str
    resources: tuple[Planned, ...]
    error: str | None = None

    @property
    def changes(self) -> tuple[Planned, ...]:
        """What it changes."""
        return tuple(one for one in self.resources if one.action != "no-op")


def read_plans(paths: Sequence[Path]) -> tuple[StackPlan, ...]:
    """The plans in files, or in folders of files, that are called like their stacks, in the order of these.

    `<stack>.json` is what `terraform show -json` prints. `<stack>.err` is what Terraform says when the plan
    fails, and may stand beside it; a .json file that is empty or no JSON counts as a failed plan too.

    Args:
        paths: the files, and folders of such files.

    Raises:
        UsageError: a file is not there or not called like a plan, or two of one stack differ.
        OutsideError: a file cannot be read.
    """
    texts: dict[str, dict[str, tuple[Path, str]]] = {}
    for path in (file for one in paths for file in _files(one)):
        if path.suffix in (ORIGIN, PLAN):
            continue  # `plans/*` names them too
        if path.suffix not in _SUFFIXES:
            raise UsageError(f"{path} is not called like a plan (call it <stack>.json, or <stack>.err)")
        text = _text(path)
        first, told = texts.setdefault(path.stem, {}).setdefault(path.suffix, (path, text))
        if told != text:
            raise UsageError(f"{first} and {path} are two plans of one stack (give the one that is meant)")
    return tuple(
        stack_plan(stack, *(files.get(suffix, (None, None))[1] for suffix in _SUFFIXES))
        for stack, files in sorted(texts.items())
    )


def _files(path: Path) -> list[Path]:
    """The files that a path means."""
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
        text: what `terraform show -json` prints; None where there is nothing.
        error: what Terraform says when the plan fails.
    """
    shown, wrong = _parsed(text) if text is not None else ({}, None)
    said = (error or "").strip() or wrong
    if text is None and not said:
        said = "Terraform has left neither a plan nor a word"
    if not said and shown.get("errored"):
        said = "Terraform did not come to the end of this plan; what it says is not among the files"
    return StackPlan(stack, tuple(_resources(shown)), None if said is None else told(said))


def _parsed(text: str) -> tuple[Mapping[str, Any], str | None]:
    """The plan, or what is in its place."""
    if not text.strip():
        return {}, "the plan is empty"
    try:
        shown = json.loads(text)
    except (ValueError, RecursionError):
        return {}, text
    if not isinstance(shown, dict) or not ({"resource_changes", "planned_values"} & shown.keys()):
        return {}, "this is JSON, but no plan as `terraform show -json` prints it"
    return shown, None


def told(said: str) -> str:
    """What Terraform says, from its first error on: warnings come first, and mostly are of no help."""
    _, error, rest = text_masked(said).partition("Error: ")
    lines = (error + rest if error else rest or text_masked(said)).splitlines()
    more = [f"… and {len(lines) - _MOST_LINES} more lines"] if len(lines) > _MOST_LINES else []
    shown = [
        line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}…" for line in lines[:_MOST_LINES]
    ]
    return "\n".join([*shown, *more])


def _resources(shown: Mapping[str, Any]) -> Iterator[Planned]:
    drifted = {one.get("address"): one["change"] for one in changes_in(shown, "resource_drift")}
    for one in changes_in(shown, "resource_changes"):
        if one.get("mode", "managed") == "managed":
            yield planned(one, drifted.get(one.get("previous_address") or one["address"]))


def changes_in(shown: Mapping[str, Any], where: str) -> Iterator[Mapping[str, Any]]:
    """The changes that stand in one part of a plan's JSON, for example `resource_drift`."""
    found = shown.get(where)
    for one in found if isinstance(found, list) else ():
        if isinstance(one, dict) and isinstance(one.get("change"), dict) and one.get("address"):
            yield one


def planned(shown: Mapping[str, Any], drift: Mapping[str, Any] | None = None) -> Planned:
    """What a plan's JSON says of one resource, masked.

    Args:
        shown: the resource with its `change`.
        drift: the change that somebody has made since, if any.
    """
    change, address = shown["change"], text_masked(str(shown["address"]))
    actions = tuple(map(str, change.get("actions") or ()))
    hidden = sensitive(
        *(change.get(marks) for marks in ("before_sensitive", "after_sensitive")),
        (drift or {}).get("before_sensitive"),
    )
    were, will_be = Marks(hidden), Marks(hidden, change.get("after_unknown") or False)
    before, after = change.get("before"), change.get("after")
    same = set(actions) <= {"no-op"}
    if same:
        before = before or after
    return Planned(
        address=address,
        actions=actions,
        before=_mapping(masked(before, were)),
        after=_mapping(masked(after, will_be)) if after is not None else {},
        because=tuple(str(path[0]) for path in change.get("replace_paths") or () if path),
        imports=bool(change.get("importing")),
        kind=str(shown.get("type") or address.split(".")[-2 if "." in address else -1]),
        former=shown.get("previous_address"),
        edits=() if same else tuple(_edits(before, after, were, will_be)),
        known=_mapping(masked(drift.get("before"), Marks(hidden))) if drift else None,
    )


def _edits(before: Any, after: Any, were: Marks, will_be: Marks) -> Iterator[Edit]:
    """All that changes; keys of mappings are somebody's text as well."""
    for edit in edits(before, after, were, will_be):
        yield replace(edit, path=text_masked(edit.path))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def resources(plans: Iterable[StackPlan], *types: str) -> Iterator[tuple[StackPlan, Planned]]:
    """All resources of some types in all plans, changed or not."""
    for plan in plans:
        for one in plan.resources:
            if one.type in types:
                yield plan, one
