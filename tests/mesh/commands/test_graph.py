"""`mesh graph`: what it finds in a deployed mesh."""

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
    """A flow in `folder`, which reads the data of others."""
    said = "".join(f"  {one.partition('=')[0]}: {one.partition('=')[2]}\n" for one in reads)
    text = (f"reads:\n{said}" if said else "") + schemas + ONE_FLOW[f"{FLOW}/deployment.yml"]
    return {f"{folder}/deployment.yml": text, f"{folder}/a.py": ""}


def test_every_level_lies_in_the_one_above(tmp_path: Path) -> None:
    """And stands behind it."""
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
def test_data_leads_from_the_flow_that_makes_it_to_the_one_that_reads_it(tmp_path: Path, path: str) -> None:
    """However `reads` writes the path."""
    found = drawn(tmp_path, another(COSTS, f"taxi={path}"))
    assert found.edges == (Edge(REVENUE, MONTHLY, "reads", "taxi"),)


@pytest.mark.parametrize("path", ["transport", "acme/transport", "taxinyc", "transport/taxinyc"])
def test_a_part_shows_what_it_reads_and_is_read_by_as_outside(tmp_path: Path, path: str) -> None:
    """What has nothing to do with it is left out."""
    files = another(COSTS, f"taxi={REVENUE}") | another(f"{PROJECT}/flows/prep/tips", f"costs={MONTHLY}")
    files |= another("orgs/acme/domains/finance/projects/costs/flows/prep/yearly", f"monthly={MONTHLY}")
    found = drawn(tmp_path, files, path)
    assert [node.id for node in found.nodes if node.outside] == [MONTHLY]
    assert {(edge.source, edge.target) for edge in found.edges} == {(REVENUE, MONTHLY), (MONTHLY, TIPS)}


def test_a_flow_shows_its_tasks_with_what_they_run_on(tmp_path: Path) -> None:
    """In the order of the file; what ends first leads to what waits for it."""
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
    """Of another flow's, the one that the job's parameters name."""
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


def test_a_flow_shows_who_reads_it(tmp_path: Path) -> None:
    """From the schema that they read."""
    found = drawn(tmp_path, another(COSTS, f"taxi={REVENUE}"), "prep/revenue")
    assert Edge("transport.revenue", MONTHLY, "reads", "taxi") in found.edges
    assert [node.id for node in found.nodes if node.outside] == [MONTHLY]


def test_what_scripts_read_has_every_field_and_no_edge_to_what_is_not_there(tmp_path: Path) -> None:
    """For the whole mesh, a part and a flow."""
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
def test_a_path_that_leads_nowhere_is_answered_with_what_would_be_right(
    tmp_path: Path, path: str, message: str
) -> None:
    """Wrong usage, never a traceback."""
    files = another("orgs/acme/domains/finance/projects/costs/flows/prep/a")
    files |= another(f"{PROJECT}/flows/prep/a")
    files |= another("orgs/globex/domains/energy/projects/prices/flows/prep/prices")
    files["orgs/globex/org.yml"] = ORG.replace("dev: {}, ", "")
    with pytest.raises(UsageError) as caught:
        drawn(tmp_path, files, path, "dev")
    assert str(caught.value) == message


def test_jobs_that_run_the_jobs_of_other_flows_are_drawn(tmp_path: Path) -> None:
    """Whichever of several jobs in one flow it is; tasks of several jobs may have one key."""
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
    """A graph that says `text` wherever it can."""
    nodes = (
        Node("p", "project", text),
        Node("p/f", "flow", text, "p"),
        Node("p/f#t", "task", text, "p/f", runs=text, compute=text),
        Node("s", "schema", text, outside=True),
    )
    return Graph(nodes, (Edge("s", "p/f", "reads", text), Edge("p/f#t", "s", "depends_on", text)))


def read(text: str) -> str:
    """What mermaid shows for text with entity codes."""
    return re.sub(r"#(\d+);", lambda code: chr(int(code[1])), text)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_name_becomes_a_line_a_node_or_an_instruction_of_its_own(text: str) -> None:
    """Every line is of one of the few forms that are written here, and there are as many as things."""
    lines = mermaid(hostile(text)).splitlines()
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    assert len(lines) == 11


@given(st.text())
def test_every_text_is_shown_as_it_is(text: str) -> None:
    """With what a terminal would obey written as an escape."""
    assert re.fullmatch(TEXT, escape(text))
    assert read(escape(text)) == visible(text)


def test_names_that_are_plain_are_readable_in_the_text() -> None:
    assert escape("acme_transport_taxinyc.dev-1/prep revenue") == "acme_transport_taxinyc.dev-1/prep revenue"


def test_a_level_with_nothing_in_it_is_a_box_as_subgraphs_are_never_empty() -> None:
    assert mermaid(Graph((Node("f", "flow", "f"),), ())) == 'flowchart LR\n  n1["f"]\n'
