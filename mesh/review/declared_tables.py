"""What a deployment declares otherwise about tables, views and functions, read from its notebooks."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from mesh.review.changed_functions import weakened_policies
from mesh.review.mesh_index import MeshIndex
from mesh.review.outcome import Outcome
from mesh.review.plan import ResourceChange, StackPlan
from mesh.review.sentence import Name, Sentence, counted

# The generated notebooks with the name of what they hold
DESCRIBES = "describe_tables"
_HELD = {DESCRIBES: "TABLES", "create_views": "VIEWS", "create_functions": "FUNCTIONS"}
_MOST = 20  # lines
_TITLES = {
    "owner": "owner",
    "comment": "comment",
    "column": "comment of ",
    "primary_key": "primary key",
    "foreign_key": "foreign key ",
}
_ORDER = (*_TITLES, "view", "function")

Declared = Mapping[tuple[str, str, str], Any]
"""What is declared, by table, kind and name of column or key."""


@dataclass(frozen=True)
class DeclarationChange:
    """What a flow declares otherwise about its tables, views and functions.

    Args:
        stack: the stack of the plan.
        address: the notebook that sets it.
        flow: the path of the flow's folder below `flows`.
        about: `functions`, or `tables and views`.
        points: the changes, as sentences.
        weakened: the policies that may hide less afterwards, as sentences.
    """

    stack: str
    address: str
    flow: str
    about: str
    points: tuple[Sentence, ...]
    weakened: tuple[Sentence, ...] = ()

    area = "data"
    happens: Outcome = "changed"

    @property
    def sentence(self) -> Sentence:
        """The change as a sentence."""
        if not self.points:
            return (f"{self.about} of ", Name.of(self.flow), " are new: the next run sets them")
        number = counted(len(self.points), "declaration")
        does = "changes" if len(self.points) == 1 else "change"
        return (f"{number} about {self.about} of ", Name.of(self.flow), f" {does}: the next run sets it")

    @property
    def reveals(self) -> bool:
        """True if somebody may see more: a policy uses a function that changes."""
        return bool(self.weakened)

    @property
    def details(self) -> tuple[Sentence, ...]:
        """The changes, as sentences."""
        more = len(self.points) - _MOST
        return (*self.weakened, *self.points[:_MOST], *([(f"and {more} more",)] if more > 0 else []))


def declaration_changes(plans: Sequence[StackPlan], index: MeshIndex) -> list[DeclarationChange]:
    """All changes of comments, keys, owners, views and functions in plans.

    Args:
        plans: all plans.
        index: the index of the mesh.
    """
    found: list[DeclarationChange] = []
    for plan in plans:
        for change in plan.changes:
            path = PurePosixPath(str(change.after.get("path") or change.before.get("path") or ""))
            if change.type != "databricks_notebook" or path.name not in _HELD or not change.after:
                continue
            held, is_new = _HELD[path.name], change.action == "create"
            about = "functions" if held == "FUNCTIONS" else "tables and views"
            weakened: tuple[Sentence, ...] = ()
            if held == "FUNCTIONS":
                former = [one.before for one in _destroyed(plan)] if is_new else [change.before]
                weakened = tuple(_weakened(former, change.after, str(path.parent), plan.stack, index, plans))
            # a new task is named by its job
            points = () if is_new else tuple(_points(change, held))
            if points or weakened:
                flow = str(path.parent).rpartition("/flows/")[2]
                found.append(DeclarationChange(plan.stack, change.address, flow, about, points, weakened))
    return found


def _destroyed(plan: StackPlan) -> Iterator[ResourceChange]:
    """Yields the notebooks of functions that go: those of a renamed flow are new ones."""
    for change in plan.changes:
        name = PurePosixPath(str(change.before.get("path") or "")).name
        if (
            change.type == "databricks_notebook"
            and change.action == "delete"
            and _HELD.get(name) == "FUNCTIONS"
        ):
            yield change


def _points(change: ResourceChange, held: str) -> Iterator[Sentence]:
    before, after = (declared(one, held) for one in (change.before, change.after))
    if before is None or after is None:
        return
    for key in sorted({*before, *after}, key=lambda one: (one[0], _ORDER.index(one[1]), one[2])):
        was, will = before.get(key), after.get(key)
        table, kind, name = key
        if was == will:
            continue
        happens = "is new" if was is None else "is no longer declared" if will is None else "changes"
        if kind == "owner" and will is not None:
            continue  # a change of access
        if kind in ("view", "function"):
            stays = ", and stays as it is" if will is None else ""
            yield (f"{kind} ", Name.of(table), f" {happens}{stays}")
        else:
            title: Sentence = (_TITLES[kind], Name.of(name)) if name else (_TITLES[kind],)
            stays = ", and stays" if kind == "owner" else ""
            yield (*title, " of table ", Name.of(table), f" {happens}{stays}")


def _weakened(
    former: Sequence[Mapping[str, Any]],
    values: Mapping[str, Any],
    flow: str,
    stack: str,
    index: MeshIndex,
    plans: Sequence[StackPlan],
) -> Iterator[Sentence]:
    before, after = (
        {key[0]: _sql(*one) for each in notebooks for key, one in (declared(each, "FUNCTIONS") or {}).items()}
        for notebooks in (former, [values])
    )
    yield from weakened_policies(before, after, flow, stack, index, plans)


def _sql(head: str, body: Sequence[Any]) -> str:
    """Returns the SQL of a function as it is written; as JSON, the name in a new line begins with an `n`."""
    parts = (one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in body)
    return "\n".join((head, *parts))


def declared(values: Mapping[str, Any], held: str) -> Declared | None:
    """Returns what a notebook holds; None if it cannot be read."""
    try:
        text = base64.b64decode(str(values.get("content_base64"))).decode()
        match = re.search(rf"^{held} = json\.loads\(r'''\n(.*?)\n'''\)$", text, re.MULTILINE | re.DOTALL)
        return dict(_parts(json.loads(match[1]))) if match else None
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _parts(held: list[dict[str, Any]]) -> Iterator[tuple[tuple[str, str, str], Any]]:
    for one in held:
        table = ".".join(filter(None, (one["schema"], one["name"])))
        if "query" in one:
            yield (table, "view", ""), one["query"]
        if "head" in one:
            yield (table, "function", ""), (one["head"], one["body"])
        for kind in ("owner", "comment", "primary_key"):
            if kind in one:
                yield (table, kind, ""), one[kind]
        for column, comment in one.get("columns", {}).items():
            yield (table, "column", column), comment
        for key in one.get("foreign_keys", ()):
            yield (table, "foreign_key", key["name"]), key
