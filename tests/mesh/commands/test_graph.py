"""`mesh graph`: nodes and edges of a deployed mesh."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesh.commands.graph import Edge, Graph, Node, as_json, escape, graph, mermaid
from mesh.console import visible
from mesh.errors import UsageError
from mesh.git.checkout import GitContext
from mesh.load import load
from tests.mesh.conftest import FLOW, ONE_FLOW, PROJECT, RUN_AS

REVENUE = "acme/transport/taxinyc/prep/revenue"


TIPS = "acme/transport/taxinyc/prep/tips"


COSTS = "orgs/acme/domains/finance/projects/costs/flows/prep/monthly"


MONTHLY = "acme/finance/costs/prep/monthly"


ORG = f"environments: {{dev: {{}}, prod: {{run_as: {{service_principal_name: {RUN_AS}}}}}}}"


def drawn(root: Path, files: dict[str, str], path: str | None = None, env: str = "prod") -> Graph:
    """The graph of a mesh of these files, beside one flow."""
    for file, text in {"orgs/acme/org.yml": ORG, **ONE_FLOW, **files}.items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(text)
    mesh = load(root)
    git = GitContext(root, "ola@acme.example", "https://github.com/acme/mesh", "main", commit="c" * 40)
    return graph(mesh, mesh.in_environment(env, git), path)


def another(folder: str, *reads: str, schemas: str = "") -> dict[str, str]:
    """A flow in `folder`, which reads the data of other flows."""
    said = "".join(f"  {one.partition('=')[0]}: {one.partition('=')[2]}\n" for one in reads)
    text = (f"reads:\n{said}" if said else "") + schemas + ONE_FLOW[f"{FLOW}/deployment.yml"]
    return {f"{folder}/deployment.yml": text, f"{folder}/a.py": ""}


def test_every_level_is_nested_in_the_level_above(tmp_path: Path) -> None:
    """And follows it in the text."""
    found = drawn(tmp_path, {})
    assert [(node.id, node.parent) for node in found.nodes] == [
        ("acme", None),
        ("acme/transport", "acme"),
        ("acme/transport/taxinyc", "acme/transport"),
        (REVENUE, "acme/transport/taxinyc"),
    ]


def test_a_mesh_without_org_begins_with_its_domains(tmp_path: Path) -> None:
    folder = "domains/transport/projects/taxinyc/flows/prep/revenue"
    for file, text in another(folder).items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text)
    mesh = load(tmp_path)
    found = graph(mesh, mesh.in_environment("local", GitContext(tmp_path)))
    assert [(node.id, node.kind) for node in found.nodes][:2] == [
        ("transport", "domain"),
        ("transport/taxinyc", "project"),
    ]


@pytest.mark.parametrize("path", ["prep/revenue", "taxinyc/prep/revenue", REVENUE])
def test_an_edge_leads_from_the_writing_flow_to_the_reading_flow(tmp_path: Path, path: str) -> None:
    """For every spelling of the path in `reads`."""
    found = drawn(tmp_path, another(COSTS, f"taxi={path}"))
    assert found.edges == (Edge(REVENUE, MONTHLY, "reads", "taxi"),)


@pytest.mark.parametrize("path", ["transport", "acme/transport", "taxinyc", "transport/taxinyc"])
def test_a_partial_graph_shows_its_neighbours_as_outside_nodes(tmp_path: Path, path: str) -> None:
    """Unrelated nodes are left out."""
    files = another(COSTS, f"taxi={REVENUE}") | another(f"{PROJECT}/flows/prep/tips", f"costs={MONTHLY}")
    files |= another("orgs/acme/domains/finance/projects/costs/flows/prep/yearly", f"monthly={MONTHLY}")
    found = drawn(tmp_path, files, path)
    assert [node.id for node in found.nodes if node.outside] == [MONTHLY]
    assert {(edge.source, edge.target) for edge in found.edges} == {(REVENUE, MONTHLY), (MONTHLY, TIPS)}


def test_a_flow_shows_its_tasks_with_their_compute(tmp_path: Path) -> None:
    """In the order of the file; an edge leads from a task to the tasks that depend on it."""
    files = {
        f"{FLOW}/deployment.yml": (
            "tasks:\n"
            "- {task_key: a, serverless: true}\n"
            "- {task_key: b, existing_cluster_name: shared, depends_on: [{task_key: a}]}\n"
            "- {task_key: c, existing_cluster_id: 1-2-x, depends_on: [{task_key: a}, {task_key: b}]}\n"
            "- {task_key: d, job_cluster_key: common-job-cluster}\n"
            "- {task_key: e, for_each_task: {inputs: '[1]', task: {task_key: each, serverless: true}}}\n"
        ),
        **{f"{FLOW}/{task}.py": "" for task in ("b", "c", "d", "each")},
    }
    found = drawn(tmp_path, files, "prep/revenue")
    assert [(node.name, node.runs, node.compute) for node in found.nodes if node.kind == "task"] == [
        ("a", "notebook", "serverless"),
        ("b", "notebook", "cluster shared"),
        ("c", "notebook", "cluster 1-2-x"),
        ("d", "notebook", "job cluster common-job-cluster"),
        ("e", "for_each", "serverless"),
    ]
    waits = [(edge.source[-1], edge.target[-1]) for edge in found.edges if edge.kind == "depends_on"]
    assert waits == [("a", "b"), ("a", "c"), ("b", "c")]


def test_a_flow_shows_the_schemas_that_it_writes_and_reads(tmp_path: Path) -> None:
    """Of another flow, the schema in the job's parameters."""
    files = another(COSTS, schemas="schemas: [monthly, archive]\n")
    files |= another(f"{PROJECT}/flows/prep/tips", f"taxi={REVENUE}", f"costs={MONTHLY}")
    found = drawn(tmp_path, files, "prep/tips")
    assert [edge for edge in found.edges if edge.kind != "depends_on"] == [
        Edge(TIPS, "transport.tips", "writes"),
        Edge(REVENUE, "transport.revenue", "writes"),
        Edge("transport.revenue", TIPS, "reads", "taxi"),
        Edge(MONTHLY, "finance.monthly", "writes"),
        Edge("finance.monthly", TIPS, "reads", "costs"),
    ]
    assert Node("finance.monthly", "schema", "finance.monthly", outside=True) in found.nodes


def test_a_flow_shows_its_readers(tmp_path: Path) -> None:
    """With an edge from the schema that they read."""
    found = drawn(tmp_path, another(COSTS, f"taxi={REVENUE}"), "prep/revenue")
    assert Edge("transport.revenue", MONTHLY, "reads", "taxi") in found.edges
    assert [node.id for node in found.nodes if node.outside] == [MONTHLY]


def test_json_has_every_field_and_only_edges_between_existing_nodes(tmp_path: Path) -> None:
    """For the whole mesh, a project and a flow."""
    files = another(COSTS, f"taxi={REVENUE}")
    for path in (None, "finance", "costs", "prep/monthly", "prep/revenue"):
        found = as_json(drawn(tmp_path, files, path))
        ids = [node["id"] for node in found["nodes"]]
        assert len(ids) == len(set(ids))
        assert {edge[end] for edge in found["edges"] for end in ("source", "target")} <= set(ids)
        assert {*found["nodes"][0]} == {"id", "kind", "name", "parent", "outside", "runs", "compute"}
        assert {*found["edges"][0]} == {"source", "target", "kind", "name"}


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("transprt", "`transprt` is not in the mesh (did you mean `transport`?)"),
        (
            "prep/a",
            "`prep/a` may be acme/finance/costs/prep/a or acme/transport/taxinyc/prep/a (write a longer path)",
        ),
        ("globex", "`globex` is not deployed in `dev` (environments of globex: local, prod)"),
    ],
)
def test_an_unknown_path_is_refused_with_the_nearest_path(tmp_path: Path, path: str, message: str) -> None:
    """Wrong usage, never a traceback."""
    files = another("orgs/acme/domains/finance/projects/costs/flows/prep/a")
    files |= another(f"{PROJECT}/flows/prep/a")
    files |= another("orgs/globex/domains/energy/projects/prices/flows/prep/prices")
    files["orgs/globex/org.yml"] = ORG.replace("dev: {}, ", "")
    with pytest.raises(UsageError) as caught:
        drawn(tmp_path, files, path, "dev")
    assert str(caught.value) == message


def test_jobs_that_run_the_jobs_of_other_flows_are_drawn(tmp_path: Path) -> None:
    """Also if a flow has several jobs, whose tasks may have equal keys."""
    tips = f"{PROJECT}/flows/prep/tips"
    files = {
        f"{tips}/deployment.yml": (
            "schemas: [tips]\n"
            "jobs:\n"
            "- {name: day, tasks: [{task_key: a, serverless: true}]}\n"
            "- {name: night, tasks: [{task_key: a, serverless: true}, "
            "{task_key: next, run_job_task: {flow: taxinyc/prep/revenue}}]}\n"
        ),
        f"{tips}/a.py": "",
    }
    whole = drawn(tmp_path, files)
    assert Edge(TIPS, REVENUE, "runs") in whole.edges
    flow = drawn(tmp_path, files, "prep/tips")
    assert [node.name for node in flow.nodes if node.kind == "task"] == ["a", "a", "next"]
    assert Edge(TIPS, REVENUE, "runs") in flow.edges


HOSTILE = [
    'a"]',
    'x"] --> y["z',
    'a")]\n  click n1 "javascript:alert(1)"',
    "n1 --> n2\nclick n1 call alert()",
    "`**bold**`",
    "%% a comment",
    "%%{init: {'theme': 'dark'}}%%",
    "<script>alert(1)</script>",
    "<br>",
    "a; b | c { d } ( e ) [ f ]",
    "1. one",
    "- one",
    "__main__",
    "end",
    "subgraph",
    "#quot;#9829;&lt;",
    "style x:y#1;",
    "---\ntitle: x\n---",
    "fa:fa-car",
    "$$x^2$$",
    "\u202eabc\x1b[2J\0",
    "æøå 東京",
]


TEXT = r"(?:[\w ]|#\d+;|(?<=[^\W_])[_\-./](?=[^\W_]))*"


LABEL = rf'"{TEXT}(?:<br>{TEXT})?"'


LINE = re.compile(
    "flowchart LR|"
    rf" *n\d+(?:\[{LABEL}\]|\({LABEL}\)|\[\({LABEL}\)\])|"
    rf" *subgraph n\d+\[{LABEL}\]| *end|"
    rf'  n\d+ -->(?:\|"{TEXT}"\|)? n\d+|'
    r"  classDef outside stroke-dasharray: 4 4|  class n\d+(?:,n\d+)* outside"
)


def hostile(text: str) -> Graph:
    """A graph with `text` in every field."""
    nodes = (
        Node("p", "project", text),
        Node("p/f", "flow", text, "p"),
        Node("p/f#t", "task", text, "p/f", runs=text, compute=text),
        Node("s", "schema", text, outside=True),
    )
    return Graph(nodes, (Edge("s", "p/f", "reads", text), Edge("p/f#t", "s", "depends_on", text)))


def read(text: str) -> str:
    """The text that mermaid renders for entity codes."""
    return re.sub(r"#(\d+);", lambda code: chr(int(code[1])), text)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_name_cannot_add_a_line_node_or_instruction(text: str) -> None:
    """Every line has one of the known forms, and there is one line per node."""
    lines = mermaid(hostile(text)).splitlines()
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    assert len(lines) == 11


@given(st.text())
def test_every_text_is_shown_literally(text: str) -> None:
    """Control characters are escaped."""
    assert re.fullmatch(TEXT, escape(text))
    assert read(escape(text)) == visible(text)


def test_plain_names_are_not_encoded() -> None:
    assert escape("acme_transport_taxinyc.dev-1/prep revenue") == "acme_transport_taxinyc.dev-1/prep revenue"


def test_an_empty_level_is_a_node_instead_of_a_subgraph() -> None:
    assert mermaid(Graph((Node("f", "flow", "f"),), ())) == 'flowchart LR\n  n1["f"]\n'
