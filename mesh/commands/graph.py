"""`mesh graph`: the levels of a mesh, which flows read whose data, and the tasks of a flow.

The graph is built from the deployments, so names are the deployed names, and tasks have the fields of the
Jobs API.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from mesh.console import visible
from mesh.deployment import flow_references
from mesh.deployment.deployment import Deployment
from mesh.deployment.flow import FlowDeployment
from mesh.mesh import Mesh, MeshDeployment, resolve_path
from mesh.model.compute_object import Lookup

# Databricks Jobs API, `tasks`: these run on serverless compute if no other compute is named
_ON_CLUSTERS = ("notebook", "spark_python", "python_wheel", "spark_jar", "dbt")


@dataclass(frozen=True)
class Node:
    """A node of the graph.

    Args:
        id: unique in the graph: a level's path, a schema's full name, `<flow>#<task>`.
        kind: the kind of node.
        name: the displayed name.
        parent: the id of the node that contains it; None at the top.
        outside: True if it is outside the requested level.
        runs: the type of a task, as the Jobs API names it without `_task`: `notebook`, `sql` and so on.
        compute: the compute of a task, if it is known.
    """

    id: str
    kind: Literal["org", "domain", "project", "flow", "task", "pipeline", "schema"]
    name: str
    parent: str | None = None
    outside: bool = False
    runs: str | None = None
    compute: str | None = None


@dataclass(frozen=True)
class Edge:
    """An edge from one node to another.

    Args:
        source: the id of the first node: the flow that writes data, the task that ends first.
        target: the id of the second node.
        kind: the relation.
        name: the name of the relation in the target: the alias in `reads`, an outcome in `depends_on`.
    """

    source: str
    target: str
    kind: Literal["reads", "writes", "depends_on", "runs"]
    name: str | None = None


@dataclass(frozen=True)
class Graph:
    """Nodes and edges, in the order of the mesh.

    Args:
        nodes: every node comes after the node that contains it.
        edges: the edges between these nodes.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def graph(mesh: Mesh, deployed: MeshDeployment, path: str | None = None) -> Graph:
    """The graph of the mesh, of a level, or of the tasks of a flow.

    Args:
        mesh: the declared mesh.
        deployed: the mesh in an environment.
        path: the path of an org, domain, project or flow, which may omit leading levels; None for the mesh.

    Raises:
        UsageError: the path matches nothing, or several levels.
    """
    flows = {flow.path: flow for one in deployed.deployments for flow in one.flows}
    levels = {node.id: node for one in deployed.deployments for node in _levels(one)}
    edges = tuple(_between_flows(deployed))
    if path is None:
        return Graph(tuple(levels.values()), edges)
    whole = resolve_path(path, levels, mesh, deployed.name)
    if whole in flows:
        return _of_flow(flows[whole], flows, edges)
    return _below(levels[whole], levels, edges)


def as_json(graph: Graph) -> dict[str, list[dict[str, Any]]]:
    """All fields of nodes and edges, for scripts; null for missing values."""
    return {
        "nodes": [asdict(node) for node in graph.nodes],
        "edges": [asdict(edge) for edge in graph.edges],
    }


def _levels(deployment: Deployment) -> Iterator[Node]:
    """A project with the levels above it and its flows."""
    if deployment.org:
        yield Node(deployment.org, "org", deployment.org)
    domain = deployment.path.rpartition("/")[0]
    yield Node(domain, "domain", deployment.domain, deployment.org)
    yield Node(deployment.path, "project", deployment.project, domain)
    for flow in deployment.flows:
        yield Node(flow.path, "flow", flow.path.removeprefix(f"{deployment.path}/"), deployment.path)


def _between_flows(deployed: MeshDeployment) -> Iterator[Edge]:
    """The edges between flows."""
    known = flow_references.runnables(deployed.scopes)
    for scope in deployed.scopes:
        for flow in scope.project.flows:
            for alias, read in flow.declared.reads.items():
                yield Edge(deployed.flow(read.flow).path, flow.path, "reads", alias)
            runs = (
                run
                for job in flow.jobs
                for reference in flow_references.references_of_entry(job)
                for run in flow_references.resolve(reference, job, known)
            )
            paths = dict.fromkeys(_flow_of(run.path, deployed) for run in runs)
            for path in (path for path in paths if path != flow.path):
                yield Edge(flow.path, path, "runs")


def _flow_of(entry: str, deployed: MeshDeployment) -> str:
    """The path of the flow that contains a job or pipeline."""
    paths = [flow.path for one in deployed.deployments for flow in one.flows]
    return next(path for path in paths if f"{entry}/".startswith(f"{path}/"))


def _below(top: Node, levels: Mapping[str, Node], edges: tuple[Edge, ...]) -> Graph:
    """The graph of one level, with the outside flows that read its data or whose data it reads."""
    inside = {id: node for id, node in levels.items() if f"{id}/".startswith(f"{top.id}/")}
    kept = tuple(edge for edge in edges if edge.source in inside or edge.target in inside)
    ends = dict.fromkeys(end for edge in kept for end in (edge.source, edge.target) if end not in inside)
    inside[top.id] = Node(top.id, top.kind, top.id)
    return Graph((*inside.values(), *map(_outside, ends)), kept)


def _of_flow(flow: FlowDeployment, flows: Mapping[str, FlowDeployment], edges: tuple[Edge, ...]) -> Graph:
    """The graph of a flow: its tasks, and the schemas that it reads and writes."""
    nodes = {flow.path: Node(flow.path, "flow", flow.path)}
    drawn: dict[Edge, None] = {}
    for job in flow.jobs:
        # tasks of different jobs may have the same key
        place = flow.path if len(flow.jobs) == 1 else f"{flow.path}/{job.id}"
        for task in job.settings["tasks"]:
            id, key, runs = f"{place}#{task['task_key']}", task["task_key"], _runs(task)
            nodes[id] = Node(id, "task", key, flow.path, runs=runs, compute=_compute(task, runs))
            for before in task.get("depends_on", ()):
                first = f"{place}#{before['task_key']}"
                drawn[Edge(first, id, "depends_on", before.get("outcome"))] = None
            drawn |= dict.fromkeys(_runs_own(flow, id, task))
    for pipeline in flow.pipelines:
        id = f"{flow.path}#{pipeline.id}"
        compute = "serverless" if pipeline.settings["serverless"] else None
        label = pipeline.name if len(flow.pipelines) == 1 else pipeline.id
        nodes[id] = Node(id, "pipeline", label, flow.path, runs="pipeline", compute=compute)
    for schema in _schemas(flow):
        nodes.setdefault(schema, Node(schema, "schema", schema))
        drawn[Edge(flow.path, schema, "writes")] = None
    for edge in edges:
        if flow.path not in (edge.source, edge.target):
            continue
        for other in (edge.source, edge.target):
            nodes.setdefault(other, _outside(other))
        if edge.kind == "runs":
            drawn[edge] = None
            continue
        read = _schemas(flows[edge.source])[:1]  # the parameters name the first schema
        for schema in read:
            nodes.setdefault(schema, Node(schema, "schema", schema, outside=True))
            drawn[Edge(edge.source, schema, "writes")] = None
        drawn[Edge(read[0] if read else edge.source, edge.target, "reads", edge.name)] = None
    return Graph(tuple(nodes.values()), tuple(drawn))


def _runs_own(flow: FlowDeployment, task_id: str, task: Mapping[str, Any]) -> Iterator[Edge]:
    """The edges from a task to pipelines of the same flow."""
    runs = (task.get("pipeline_task") or {}).get("pipeline_id")
    for pipeline in flow.pipelines:
        if isinstance(runs, Lookup) and runs.logical_id == pipeline.id:
            yield Edge(task_id, f"{flow.path}#{pipeline.id}", "runs")


def _outside(path: str) -> Node:
    return Node(path, "flow", path, outside=True)


def _schemas(flow: FlowDeployment) -> list[str]:
    return [f"{flow.catalog}.{schema}" for schema in flow.schema_names]


def _runs(task: Mapping[str, Any]) -> str | None:
    """The type of a task; the Jobs API has a field `<type>_task` for each type."""
    return next((key.removesuffix("_task") for key in task if key.endswith("_task")), None)


def _compute(task: Mapping[str, Any], runs: str | None) -> str | None:
    """The compute of a task; a Lookup is printed as the name that it looks up."""
    if key := task.get("job_cluster_key"):
        return f"job cluster {key}"
    if cluster := task.get("existing_cluster_id"):
        return _object_name(cluster, "cluster")
    if task.get("new_cluster"):
        return "new cluster"
    inner = task.get(f"{runs}_task")
    if runs == "for_each" and isinstance(inner, Mapping) and isinstance(each := inner.get("task"), Mapping):
        return _compute(each, _runs(each))
    if isinstance(inner, Mapping) and (warehouse := inner.get("warehouse_id")):
        return _object_name(warehouse, "sql warehouse")
    return "serverless" if runs in _ON_CLUSTERS else None


def _object_name(id: object, kind: str) -> str:
    """The name of a looked-up object, or the kind and the id."""
    text = str(id)
    return text.removeprefix("id of ") if text.startswith(f"id of {kind} ") else f"{kind} {text}"


LONGEST = 50_000
"""The maximum length of a diagram, unless `maxTextSize` raises it; mermaid documentation, "Config"."""

# Letters, digits and spaces are safe everywhere, and so are `_ - . /` between letters, where they are no
# Markdown. All other characters could end the text or be read as HTML.
_UNSAFE = re.compile(r"[^\w\-./ ]|(?<![^\W_])[_\-./]|[_\-./](?![^\W_])")

_SHAPES = {
    "schema": ('[("', '")]'),
    "task": ('("', '")'),
    "pipeline": ('[["', '"]]'),
}
_BOX = ('["', '"]')


def mermaid(graph: Graph) -> str:
    """The graph as a mermaid diagram.

    Levels are subgraphs, flows are boxes, tasks are rounded boxes, schemas are cylinders.
    """
    return "".join(f"{line}\n" for line in _Flowchart(graph).lines())


def escape(text: str) -> str:
    """Escapes a text for mermaid with entity codes: `#34;` for a quotation mark."""
    return _UNSAFE.sub(lambda match: f"#{ord(match[0])};", visible(text))


class _Flowchart:
    """Writes a graph as a flowchart; ids are numbers, because a name could be a reserved word of mermaid."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._ids = {node.id: f"n{number}" for number, node in enumerate(graph.nodes, 1)}
        self._inside: dict[str | None, list[Node]] = {}
        for node in graph.nodes:
            self._inside.setdefault(node.parent if node.parent in self._ids else None, []).append(node)

    def lines(self) -> Iterator[str]:
        yield "flowchart LR"
        for node in self._inside.get(None, ()):
            yield from self._node(node, "  ")
        for edge in self._graph.edges:
            yield f"  {self._edge(edge)}"
        if outside := [self._ids[node.id] for node in self._graph.nodes if node.outside]:
            yield "  classDef outside stroke-dasharray: 4 4"
            yield f"  class {','.join(outside)} outside"

    def _node(self, node: Node, indent: str) -> Iterator[str]:
        id, below = self._ids[node.id], self._inside.get(node.id)
        if not below:
            begin, end = _SHAPES.get(node.kind, _BOX)
            yield f"{indent}{id}{begin}{_label(node)}{end}"
            return
        yield f'{indent}subgraph {id}["{_label(node)}"]'
        for inner in below:
            yield from self._node(inner, f"{indent}  ")
        yield f"{indent}end"

    def _edge(self, edge: Edge) -> str:
        label = {
            "reads": f"read as {edge.name}",
            "writes": "",
            "depends_on": edge.name or "",
            "runs": "runs",
        }[edge.kind]
        arrow = f'-->|"{escape(label)}"|' if label else "-->"
        return f"{self._ids[edge.source]} {arrow} {self._ids[edge.target]}"


def _label(node: Node) -> str:
    lines = (node.name, " on ".join(filter(None, (node.runs, node.compute))))
    return "<br>".join(escape(line) for line in lines if line)
