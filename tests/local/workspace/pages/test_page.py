"""The parts of a page."""

from html.parser import HTMLParser

from local.workspace.pages.page import Link, Page, State, duration, moment, table_link


class Tags(HTMLParser):
    """The tags of a page with their attributes, and the text of links by their address."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(bytes(page.response().body).decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of all tags of a name."""
        return [attributes for name, attributes in self.found if name == tag]


HOSTILE = "</pre><script>alert(1)</script>\x1b[31m"


def test_hostile_texts_stay_texts():
    page = Page(HOSTILE, HOSTILE)
    page.heading(HOSTILE)
    page.table([HOSTILE], [[HOSTILE], [Link(HOSTILE, "/x")], [State("FAILED")], [State(HOSTILE)], [1234]])
    page.folded(HOSTILE, f"a\n{HOSTILE}")
    response = page.response()
    text = bytes(response.body).decode()

    assert "<script" not in text
    assert "\x1b" not in text
    assert '<td class="bad short">failed</td>' in text
    assert '<td class="number">1,234</td>' in text
    policy = response.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")


def test_the_keyboard_reaches_the_content_at_once_and_each_table():
    page = Page("a", "about")
    page.heading("with links")
    page.table(["x"], [[Link("up", "/code/orgs")]])
    page.heading("without")
    page.table(["x"], [["1"]])
    tags = Tags(page)

    skip, *_ = tags.all("a")
    assert [skip["href"]] == [f"#{one['id']}" for one in tags.all("main")]
    reached = [(one.get("role"), one.get("tabindex")) for one in tags.all("div")]
    assert reached == [(None, None), ("region", "0")]
    style = bytes(page.response().body).decode().partition("<style>")[2].partition("</style>")[0]
    assert ":focus-visible { outline: 2px" in style


def test_navigation_and_tables_have_names_and_headings_their_order():
    page = Page("a")
    page.table(["x"], [["1"]])
    page.heading("b")
    page.table(["x"], [["1"]])
    tags = Tags(page)

    headings = [(name, one["id"]) for name, one in tags.found if name in ("h1", "h2", "h3")]
    assert [name for name, _ in headings] == ["h1", "h2"]
    assert [one["aria-labelledby"] for one in tags.all("table")] == [id for _, id in headings]
    assert tags.all("nav") == [{"aria-label": "Pages"}]
    assert tags.all("html") == [{"lang": "en"}]
    assert all(one["scope"] == "col" for one in tags.all("th"))


def test_paper_has_no_dark_background_and_no_navigation():
    style = bytes(Page("a").response().body).decode().partition("<style>")[2].partition("</style>")[0]

    assert "@media screen and (prefers-color-scheme: dark)" in style
    assert "nav, .skip { display: none; }" in style.partition("@media print")[2]


def test_a_page_marks_where_it_belongs_and_leaves_out_what_is_empty():
    page = Page("a", place="/jobs")
    page.table(["nothing"], [])
    page.table(["x", "empty"], [["1", ""], ["2", ""]])
    page.links([Link("up", "/code/orgs"), Link("down", "/code/orgs/a")])
    text = bytes(page.response().body).decode()

    assert '<a href="/jobs" aria-current="page">Jobs</a>' in text
    assert (text.count("<table"), "nothing" in text, "empty" in text) == (1, False, False)
    assert '<a href="/code/orgs">up</a> · <a href="/code/orgs/a">down</a>' in text


def test_a_page_of_what_is_not_finished_is_loaded_again():
    assert b'http-equiv="refresh"' in Page("a", active=True).response().body
    assert b'http-equiv="refresh"' not in Page("a").response().body


def test_times_are_for_people():
    assert moment(1_796_000_000_000) == "2026-11-30 00:53:20 UTC"
    assert (moment(None), duration(1_000, 13_500), duration(1_000, None)) == ("", "12.5 s", "")


def test_the_name_of_a_table_is_part_of_an_address():
    assert table_link("c.ønske.a/b").address == "/tables/c.%C3%B8nske.a/b"
