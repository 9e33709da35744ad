"""The columns of a map."""

from __future__ import annotations

from mesh.commands.map.columns import TALLEST, columns, rows
from mesh.commands.map.content import MapDomain, MapEdge, MapFlow, MapProject, MeshMap
from mesh.commands.map.flow_facts import Facts

NO_FACTS = Facts(None, None, "deployment.yml", (), (), (), ())


def of(edges: str = "", flows: int = 1, domains: str = "abc") -> list[list[str]]:
    """The columns of some domains; `ab cb` means that a flow of b reads a, and one of b reads c."""
    found = [
        MapDomain(
            name,
            None,
            None,
            (
                MapProject(
                    "p",
                    None,
                    False,
                    None,
                    tuple(MapFlow(f"{name}{number}", "", "", NO_FACTS) for number in range(flows)),
                ),
            ),
        )
        for name in domains
    ]
    read = tuple(MapEdge(f"{one[0]}0", f"{one[1]}0", "reads") for one in edges.split())
    return [[domain.path for domain in column] for column in columns(MeshMap("", tuple(found), read))]


def test_domains_stand_to_the_right_of_what_they_read() -> None:
    assert of("ca ab") == [["c"], ["a"], ["b"]]
    assert of("ac bc") == [["a", "b"], ["c"]]
    assert of() == [["a", "b", "c"]]


def test_a_circle_has_an_order_that_is_always_the_same() -> None:
    assert of("ab bc ca") == of("ca ab bc") == [["a"], ["b"], ["c"]]
    assert of("ab ba") == [["a", "c"], ["b"]]


def test_a_layer_that_is_taller_than_a_screen_is_split() -> None:
    assert of(flows=TALLEST // 2) == [["a"], ["b"], ["c"]]


def test_a_domain_takes_a_row_for_each_project_and_flow() -> None:
    flow = MapFlow("f", "", "", NO_FACTS)
    project = MapProject("p", None, False, None, (flow, flow))

    assert rows(MapDomain("d", None, None, (project, project))) == 7
