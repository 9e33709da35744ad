"""`mesh lineage`: the tables and columns that code reads and writes, up to sources and down to readers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mesh.console import visible
from mesh.files.whole_file import write_result
from mesh.lineage.address import Addresses, Target
from mesh.lineage.branches import Branch, Direction, branches
from mesh.lineage.lineage import Lineage
from mesh.lineage.openlineage import events
from mesh.lineage.table import Column, Gap, Table
from mesh.mesh import MeshDeployment

if TYPE_CHECKING:
    from rich.text import Text
    from rich.tree import Tree

_HEADINGS: dict[Direction, str] = {"up": "from", "down": "to"}


@dataclass(frozen=True)
class LineageReport:
    """The lineage of a flow, table or column.

    Args:
        env: the environment.
        kind: the kind of the target.
        name: its name in Unity Catalog; the path of a flow.
        address: its address in the mesh.
        columns: the known columns of a table.
        directions: the branches in each direction that was asked for.
        gaps: what the code of the tasks in it does not tell.
    """

    env: str
    kind: str
    name: str
    address: str
    columns: tuple[str, ...]
    directions: dict[Direction, tuple[Branch, ...]]
    gaps: tuple[Gap, ...]


def directions(*, up: bool, down: bool) -> tuple[Direction, ...]:
    """The directions that the options ask for; both without an option."""
    chosen: dict[Direction, bool] = {"up": up, "down": down}
    return tuple(one for one, wanted in chosen.items() if wanted or not (up or down))


def report(
    addresses: Addresses, env: str, target: str, directions: Sequence[Direction] = ("up", "down")
) -> LineageReport:
    """The lineage of one flow, table or column.

    Args:
        addresses: the addresses of the mesh.
        env: the environment.
        target: what the user typed.
        directions: `up`, `down` or both.

    Raises:
        UsageError: nothing has this name, or several have it.
    """
    lineage = addresses.lineage
    found = addresses.find(target)
    trees = {one: branches(addresses, found, one) for one in directions}
    tasks = {branch.name for tree in trees.values() for top in tree for branch in top.all}
    flow = found if isinstance(found, str) else None
    gaps = sorted(
        gap
        for task in lineage.tasks
        if f"{task.flow}, {task.task}" in tasks or task.flow == flow
        for gap in task.gaps
    )
    columns = tuple(one.name for one in addresses.columns(found)) if isinstance(found, Table) else ()
    return LineageReport(
        env,
        _kind(found),
        str(found),
        addresses.of(found),
        columns,
        trees,
        tuple(dict.fromkeys(gaps)),
    )


def addresses_of(deployed: MeshDeployment, lineage: Lineage) -> Addresses:
    """The addresses of a mesh."""
    flows = tuple(flow.path for one in deployed.deployments for flow in one.flows)
    return Addresses(lineage, flows)


def _kind(target: Target) -> str:
    return "column" if isinstance(target, Column) else "table" if isinstance(target, Table) else "flow"


def as_json(found: LineageReport) -> dict[str, Any]:
    """The report for scripts: names in Unity Catalog, addresses, and `file:line` of each connection."""
    return {
        "environment": found.env,
        "kind": found.kind,
        "name": found.name,
        "address": found.address,
        **({"columns": list(found.columns)} if found.kind == "table" else {}),
        **{direction: [_branch(one) for one in tree] for direction, tree in found.directions.items()},
        "unknown": [_gap(one) for one in found.gaps],
    }


def _branch(branch: Branch) -> dict[str, Any]:
    return {
        "kind": branch.kind,
        "name": branch.name,
        "address": branch.address,
        "places": [str(one) for one in branch.places],
        **({"note": branch.note} if branch.note else {}),
        "branches": [_branch(one) for one in branch.branches],
    }


def _gap(gap: Gap) -> dict[str, Any]:
    return {"place": str(gap.place), "why": gap.why}


def as_tree(found: LineageReport) -> Tree:
    """The report as a tree for terminals."""
    from rich.text import Text
    from rich.tree import Tree

    facts = [found.env] if found.name == found.address else [found.env, found.name]
    title = Text.assemble(
        (visible(found.address), "bold"), f"  {visible(' · '.join(facts))}", overflow="fold"
    )
    tree = Tree(title)
    if found.columns:
        shown = visible(", ".join(found.columns))
        tree.add(Text.assemble(("columns  ", "dim"), shown, overflow="fold"))
    for direction, below in found.directions.items():
        node = tree.add(Text(_HEADINGS[direction], "dim"))
        for one in below:
            _grow(node, one)
        if not below:
            node.add(Text("no code of the mesh", "dim"))
    _add_gaps(tree, found.gaps)
    return tree


def _grow(tree: Tree, branch: Branch) -> None:
    from rich.text import Text

    style = "cyan" if branch.kind == "task" else ""
    parts: list[str | tuple[str, str]] = [(visible(branch.address), style)]
    if branch.places:
        parts.append((f"  {visible(', '.join(map(str, branch.places)))}", "dim"))
    if branch.note:
        parts.append((f"  ({branch.note})", "dim"))
    node = tree.add(Text.assemble(*parts, overflow="fold"))
    for one in branch.branches:
        _grow(node, one)


def _add_gaps(tree: Tree, gaps: Sequence[Gap]) -> None:
    from rich.text import Text

    if gaps:
        node = tree.add(Text("not known", "yellow"))
        for one in gaps:
            node.add(_gap_text(one))


def _gap_text(gap: Gap) -> Text:
    from rich.text import Text

    return Text(visible(str(gap)), overflow="fold")


def overview(lineage: Lineage, addresses: Addresses) -> Iterator[Tree]:
    """All flows with the tables that they read and write, one tree per flow, for terminals."""
    from rich.text import Text
    from rich.tree import Tree

    for flow in addresses.flows:
        tasks = [task for task in lineage.tasks if task.flow == flow]
        tree = Tree(Text(visible(flow), "bold", overflow="fold"))
        written = {table for task in tasks for table in task.written}
        read = {table for task in tasks for table in task.read} - written
        for label, tables in (("reads  ", read), ("writes ", written)):
            for table in sorted(tables):
                name = visible(addresses.of(table))
                tree.add(Text.assemble((label, "dim"), name, overflow="fold"))
        _add_gaps(tree, sorted({gap for task in tasks for gap in task.gaps}))
        if tasks:
            yield tree


def overview_json(lineage: Lineage, addresses: Addresses) -> list[dict[str, Any]]:
    """One entry per task, for scripts: the columns that it reads, and the origin of those that it writes."""
    return [
        {
            "flow": task.flow,
            "task": task.task,
            "reads": [
                {
                    "table": str(table),
                    "address": addresses.of(table),
                    "columns": sorted(one.name for one in task.columns if one.table == table),
                    "places": [str(one) for one in task.places(table)],
                }
                for table in sorted(task.read)
            ],
            "writes": [
                {
                    "table": str(write.table),
                    "address": addresses.of(write.table),
                    "columns": {
                        name: sorted(str(one) for one in origin.columns)
                        for name, origin in write.relation.columns.items()
                    },
                    "rows": sorted(str(one) for one in write.relation.used),
                    "complete": write.relation.complete,
                    "place": str(write.place),
                }
                for write in task.writes
            ],
            "unknown": [_gap(one) for one in task.gaps],
        }
        for task in lineage.tasks
    ]


def write_events(deployed: MeshDeployment, lineage: Lineage, file: Path, moment: datetime) -> int:
    """Writes the lineage as events of OpenLineage, one JSON object a line; returns their number.

    Args:
        deployed: the mesh in an environment.
        lineage: its lineage.
        file: the file, which is written completely or not at all.
        moment: the time of the events.

    Raises:
        OutsideError: the file cannot be written.
    """
    hosts = {one.workspace for one in deployed.environments if one.workspace}
    host = urlsplit(hosts.pop()).netloc if len(hosts) == 1 else deployed.name
    found = list(events(lineage, f"unitycatalog://{host}", moment, deployed.git.url))
    text = "".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in found)
    write_result(file, text)
    return len(found)
