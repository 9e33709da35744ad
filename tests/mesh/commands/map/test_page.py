"""The map as a page."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

from mesh.commands.map.content import MapDomain, MapEdge, MapFlow, MapProject, MeshMap
from mesh.commands.map.flow_facts import Access, Facts, Runnable
from mesh.commands.map.live import LastRun, LiveTable
from mesh.commands.map.page import page
from tests.mesh.commands.map.conftest import Mapped, flow

HOSTILE = "</script></style>\"'><script>alert(1)</script><img src=x onerror=alert(2)>\x00\u202e"
MEGABYTES = 3_000_000


class _Tags(HTMLParser):
    """Counts tags and attributes, and collects the scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.own: dict[str, list[str]] = {"script": [], "style": []}
        self.addresses: list[str] = []
        self.ids: list[str] = []
        self.text = ""
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src")]
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self._inside = tag if tag in self.own else ""

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.own[self._inside].append(data)
        else:
            self.text += data


def hostile(flows: int = 1) -> MeshMap:
    """A map in which every text is hostile."""
    last = LastRun(HOSTILE, "javascript:alert(3)", (HOSTILE,), HOSTILE)
    runs = (Runnable("job", HOSTILE, (HOSTILE,), last),)
    access = (Access(HOSTILE, ("SELECT",), reads=True, runs_jobs=False),)
    tables = (LiveTable(HOSTILE, "javascript:alert(4)"), LiveTable(HOSTILE, "//evil.example/x"))
    texts = ((HOSTILE,), (HOSTILE,), tables)
    facts = Facts(HOSTILE, HOSTILE, HOSTILE, runs, (HOSTILE,), access, ((HOSTILE, HOSTILE),), *texts)
    found = tuple(MapFlow(f"{HOSTILE}{number}", HOSTILE, "orgs", facts) for number in range(flows))
    domain = MapDomain(HOSTILE, HOSTILE, HOSTILE, (MapProject(HOSTILE, HOSTILE, True, HOSTILE, found),))
    edges = (MapEdge(found[0].path, found[-1].path, "reads", (HOSTILE,)),)
    return MeshMap(HOSTILE, (domain,), edges, (HOSTILE,))


def test_the_policy_lets_only_the_own_script_and_style_run(mapped: Mapped) -> None:
    text = page(mapped(flow("sales/shop/orders")), folded=False)
    read = _Tags(text)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy

    assert (len(read.own["script"]), len(read.own["style"])) == (1, 1)
    for kind, (content,) in read.own.items():
        digest = b64encode(sha256(content.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy[1]
    assert policy[1].startswith("default-src 'none';")
    assert "unsafe" not in policy[1]


def test_the_page_loads_nothing(mapped: Mapped) -> None:
    read = _Tags(page(mapped(flow("sales/shop/orders")), folded=False))

    assert {"img", "link", "iframe", "object", "base"}.isdisjoint(read.tags)
    assert "src" not in read.attributes
    assert not re.search(
        r"\burl\((?!#end)|@import|fetch\(|XMLHttp|import\(", "".join(read.own["script"] + read.own["style"])
    )
    assert not {name for name in read.attributes if name.startswith("on") or name == "style"}


def test_hostile_texts_stay_texts() -> None:
    read = _Tags(page(hostile(), folded=False))

    assert read.tags.count("script") == 1
    assert "img" not in read.tags
    assert not [one for one in read.addresses if "alert" in one.partition("#")[0] or "evil" in one]
    assert not {name for name in read.attributes if name.startswith("on")}
    assert "<script>alert(1)</script>" in read.text
    assert r"\x00\u202e" in read.text, "invisible characters are visible"


def test_links_lead_to_files_and_to_flows_of_the_page(mapped: Mapped) -> None:
    files = {**flow("sales/shop/orders"), **flow("finance/books/net", "reads: {o: shop/prep/orders}\n")}
    read = _Tags(page(mapped(files), folded=False))
    inside = [one for one in read.addresses if one.startswith("#")]

    assert {one[1:] for one in inside} <= set(read.ids)
    assert sorted(inside) == ["#acme/finance/books/prep/net", "#acme/sales/shop/prep/orders"]
    assert [
        one for one in read.addresses if not one.startswith(("#", "https://github.com/acme/mesh/tree/"))
    ] == []


def test_folded_domains_are_closed(mapped: Mapped) -> None:
    content = mapped(flow("sales/shop/orders"))

    assert page(content, folded=True).count('<details class="domain">') == 1
    assert page(content, folded=False).count('<details class="domain" open') == 1


def test_a_thousand_flows_fit_into_three_megabytes() -> None:
    """With texts of a usual length in every field."""
    facts = Facts(
        "What this flow is for, in a sentence of a usual length",
        "some-team",
        "orgs/acme/domains/domain/projects/project/flows/prep/flow/deployment.yml",
        (Runnable("job", "domain_project_prod_flow", ("every day at 06:00 (Europe/Oslo)",)),),
        ("acme_domain_project.schema",),
        tuple(
            Access(f"group-{number}", ("EXECUTE", "SELECT", "USE_SCHEMA"), True, False) for number in range(5)
        ),
        (("cost_center", "4711"), ("team", "some-team")),
    )
    link = f"https://github.com/acme/mesh/tree/{'c' * 40}/orgs/acme/domains/domain/projects/project/flows/prep/flow"
    flows = [MapFlow(f"acme/domain/project/prep/flow{n}", f"prep/flow{n}", link, facts) for n in range(1000)]
    edges = tuple(
        MapEdge(flows[n].path, flows[n + step].path, "reads", ("alias",))
        for n in range(900)
        for step in (1, 50)
    )
    domain = MapDomain("acme/domain", "team", None, (MapProject("project", None, False, None, tuple(flows)),))

    assert len(page(MeshMap("acme · prod", (domain,), edges), folded=True).encode()) < MEGABYTES


def test_the_same_mesh_gives_the_same_bytes(mapped: Mapped) -> None:
    files = {**flow("sales/shop/orders", "tags: {b: x, a: y, c: z}\n"), **flow("sales/shop/items")}

    assert page(mapped(files), folded=False) == page(mapped(files), folded=False)
