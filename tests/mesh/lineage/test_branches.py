"""The tree of lineage, up and down."""

from __future__ import annotations

from collections.abc import Iterable

from mesh.lineage.address import Addresses
from mesh.lineage.branches import Branch, branches
from mesh.lineage.lineage import Lineage
from mesh.lineage.relation import NOWHERE, Origin, Relation
from mesh.lineage.session import Read, Write
from mesh.lineage.table import Column, Place, Table
from mesh.lineage.task_lineage import TaskLineage

A, B, C = (Table("c", "s", name) for name in "abc")


def task(name: str, source: Table, target: Table, columns: dict[str, str], used: str = "") -> TaskLineage:
    """A task that reads one table and writes another; `columns` maps new columns to old ones."""
    origins = {
        new: Origin(frozenset({Column(source, old)})) if old else NOWHERE for new, old in columns.items()
    }
    deciding = frozenset({Column(source, used)} if used else ())
    relation = Relation(origins, tables=frozenset({source}), used=deciding)
    place = Place(f"{name}.py", 2)
    return TaskLineage(
        "f", name, (Read(source, Place(f"{name}.py", 1)),), (Write(target, place, relation),), relation.read
    )


def addresses(*tasks: TaskLineage) -> Addresses:
    return Addresses(Lineage("dev", tasks, {}), ("f",))


def lines(found: Iterable[Branch], depth: int = 0) -> list[str]:
    """The tree as text: one line per branch."""
    result = []
    for one in found:
        places = " ".join(map(str, one.places))
        text = f"{' ' * depth}{one.name} {places} {one.note}".rstrip()
        result += [text, *lines(one.branches, depth + 1)]
    return result


CHAIN = addresses(task("one", A, B, {"y": "x"}, used="k"), task("two", B, C, {"z": "y"}))


def test_a_table_goes_down_to_all_that_is_made_of_it() -> None:
    assert lines(branches(CHAIN, A, "down")) == [
        "f, one one.py:1",
        " c.s.b one.py:2",
        "  f, two two.py:1",
        "   c.s.c two.py:2",
    ]


def test_a_table_goes_up_to_all_that_it_is_made_of() -> None:
    assert lines(branches(CHAIN, C, "up")) == [
        "f, two two.py:2",
        " c.s.b two.py:1",
        "  f, one one.py:2",
        "   c.s.a one.py:1",
    ]


def test_a_column_goes_down_to_the_columns_that_are_made_of_it() -> None:
    assert lines(branches(CHAIN, Column(A, "x"), "down")) == [
        "f, one one.py:1",
        " c.s.b.y one.py:2",
        "  f, two two.py:1",
        "   c.s.c.z two.py:2",
    ]


def test_a_column_that_decides_rows_leads_to_the_whole_table() -> None:
    assert lines(branches(CHAIN, Column(A, "k"), "down"))[:2] == [
        "f, one one.py:1",
        " c.s.b one.py:2 decides the rows",
    ]


def test_a_column_goes_up_to_its_sources_and_to_those_that_decide_rows() -> None:
    assert lines(branches(CHAIN, Column(B, "y"), "up")) == [
        "f, one one.py:2",
        " c.s.a.x one.py:1",
        " c.s.a.k one.py:1 decides the rows",
    ]


def test_a_circle_ends() -> None:
    circle = addresses(task("one", A, B, {"y": "x"}), task("two", B, A, {"x": "y"}))

    assert lines(branches(circle, A, "down")) == [
        "f, one one.py:1",
        " c.s.b one.py:2",
        "  f, two two.py:1",
        "   c.s.a two.py:2 shown above",
    ]


def test_a_flow_shows_each_of_its_tasks() -> None:
    assert [line.split()[1] for line in lines(branches(CHAIN, "f", "up")) if line.startswith("f,")] == [
        "one",
        "two",
    ]
