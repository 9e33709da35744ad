"""The texts of a map."""

from __future__ import annotations

from mesh.commands.map.content import MapEdge
from mesh.commands.map.flow_facts import Access, Facts, Runnable
from mesh.commands.map.words import granted, kinds, readers, relation


def test_few_privileges_are_named_and_many_are_summed_up() -> None:
    few = Access("analysts", ("SELECT", "USE_SCHEMA"), reads=True, runs_jobs=False)
    many = Access("team", (*"ABCDEF", "MODIFY", "SELECT"), reads=True, runs_jobs=False)
    everything = Access("sp", (*"ABCDEF", "ALL_PRIVILEGES"), reads=True, runs_jobs=True)

    assert granted(few) == "analysts: SELECT, USE_SCHEMA"
    single = Access("shops", ("USE_SCHEMA",), reads=True, runs_jobs=False, tables=("daily", "weekly"))
    assert granted(single) == "shops: USE_SCHEMA; SELECT on daily, weekly"
    assert granted(many) == "team: read, write, 8 privileges"
    assert granted(everything) == "sp (jobs run as it): read, write, manage, 7 privileges"


def test_what_a_flow_runs_is_counted() -> None:
    job, pipeline = Runnable("job", "a", ()), Runnable("pipeline", "b", ())

    assert [
        kinds(Facts(None, None, "", runs, (), (), ())) for runs in ((job, job, pipeline), (job,), ())
    ] == [
        "2 jobs, pipeline",
        "job",
        "data only",
    ]


def test_the_principal_of_the_jobs_is_no_reader() -> None:
    access = (Access("sp", ("SELECT",), True, True), Access("analysts", ("SELECT",), True, False))

    assert readers(Facts(None, None, "", (), (), access, ())) == ["analysts"]


def test_an_edge_is_a_sentence() -> None:
    assert relation(MapEdge("a", "b", "reads", ("x", "y"))) == "b reads a as x, y"
    assert relation(MapEdge("a", "b", "runs")) == "a runs b"
