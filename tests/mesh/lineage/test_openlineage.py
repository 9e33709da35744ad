"""Events of OpenLineage."""

from __future__ import annotations

from datetime import UTC, datetime

from mesh.lineage.lineage import Lineage
from mesh.lineage.openlineage import events
from mesh.lineage.relation import Origin, Relation
from mesh.lineage.session import Read, Write
from mesh.lineage.table import Column, Place, Table
from mesh.lineage.task_lineage import TaskLineage

A, B = Table("c", "s", "a"), Table("c", "s", "b")
RELATION = Relation(
    {"y": Origin(frozenset({Column(A, "x")}))}, tables=frozenset({A}), used=frozenset({Column(A, "k")})
)
TASK = TaskLineage(
    "acme/f",
    "t",
    (Read(A, Place("t.py", 1)),),
    (Write(B, Place("t.py", 2), RELATION),),
    frozenset({Column(A, "x"), Column(A, "k")}),
)
MOMENT = datetime(2027, 1, 1, tzinfo=UTC)


def test_an_event_holds_the_columns_of_inputs_and_outputs() -> None:
    lineage = Lineage("dev", (TASK, TaskLineage("acme/f", "nothing")), {})

    [event] = events(lineage, "unitycatalog://host", MOMENT, "https://git.example/mesh")

    assert event["schemaURL"].endswith("2-0-2/OpenLineage.json#/$defs/JobEvent")
    assert event["eventTime"] == "2027-01-01T00:00:00+00:00"
    assert event["job"]["name"] == "acme/f.t"
    assert event["job"]["facets"]["sourceCodeLocation"]["path"] == "t.py"
    [read], [written] = event["inputs"], event["outputs"]
    assert (read["namespace"], read["name"]) == ("unitycatalog://host", "c.s.a")
    assert [one["name"] for one in read["facets"]["schema"]["fields"]] == ["k", "x"]
    columns = written["facets"]["columnLineage"]
    [source] = columns["fields"]["y"]["inputFields"]
    assert (source["name"], source["field"], source["transformations"]) == (
        "c.s.a",
        "x",
        [{"type": "DIRECT"}],
    )
    [row] = columns["dataset"]
    assert (row["field"], row["transformations"]) == ("k", [{"type": "INDIRECT"}])
    assert "_schemaURL" in columns and "_producer" in columns


def test_a_path_is_no_address_of_a_repository() -> None:
    [event] = events(Lineage("dev", (TASK,), {}), "n", MOMENT, "/tmp/mesh")

    assert event["job"]["facets"] == {}
