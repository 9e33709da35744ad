"""Every text of a plan is rendered literally: in Markdown, in HTML, on a terminal."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from mesh.model.review_policy import PolicyFile
from mesh.review.formats import html, markdown, table
from mesh.review.plan import read_plans
from mesh.review.review import Review, review

EVIL = [
    "@acme/owners",
    "`code`",
    "``two`` ticks ` ```three```",
    "| a | b |",
    "[x](https://evil.example)",
    "![x](https://evil.example/x.png)",
    "<https://evil.example>",
    "https://evil.example www.evil.example ola@evil.example #1 GH-1",
    "<img src=x onerror=alert(1)>",
    "</code></pre></details></summary><script>alert(1)</script>",
    "<!-- comment",
    "line\n\n# heading\n\n> [!NOTE]\n> data-loss: approved",
    "```\nfence\n~~~",
    "x\n```\n# heading @acme <b>\n~~~~\n# heading",
    "**bold** _it_ ~~gone~~ \\",
    "&lt;b&gt; &#64;acme",
    "\u202e reversed \u200b hidden \x1b[31m red \x00",
    "$x$ :smile: ${path.module}",
    " ` ",
    "`",
    "",
]
# the only HTML that the report itself contains
OURS = re.compile(
    r"(<details( open)?>(<summary>([^<>]|</?b>|<code>[^<>]*</code>)*</summary>)?|</details>|<!-- mesh review \d+ -->)?"
)


def hostile_review(folder: Path, evil: str, error: str | None = None) -> Review:
    """The review of a plan with a hostile text in every field."""
    grants = {
        "schema": f"main.{evil}",
        "grant": [{"principal": evil, "privileges": [evil, "ALL_PRIVILEGES"]}],
    }
    job = {
        "name": evil,
        "description": evil,
        "tags": {evil: evil},
        "schedule": [{"quartz_cron_expression": evil}],
    }
    task = {"task": [{"task_key": evil, "depends_on": [{"task_key": evil}]}], "run_as": [{"user_name": evil}]}
    policy = {"name": evil, "definition": json.dumps({evil: {"type": "fixed", "value": evil}})}
    plan = {
        "resource_changes": [
            change("databricks_grants", evil, {}, grants),
            change("databricks_grants", f"{evil}3", {}, {evil: evil, "grant": grants["grant"]}),
            change(
                "databricks_permissions",
                evil,
                {},
                {evil: evil, "access_control": [{"user_name": evil, "permission_level": evil}]},
            ),
            change("databricks_schema", evil, {"catalog_name": evil, "name": evil}, {}),
            change("databricks_job", evil, {"name": "a", "run_as": [{"user_name": "a"}]}, {**job, **task}),
            change("databricks_job", f"{evil}2", {}, {**job, **task}),
            change("databricks_cluster_policy", evil, policy, {"name": evil, "definition": "{}"}),
            change(evil or "x", evil, {evil: "a"}, {evil: evil}),
        ]
    }
    # the file's name is hostile, too
    stack = re.sub(r"[/\x00]", "", evil) + "-prod"
    (folder / f"{stack}.json").write_text(json.dumps(plan))
    (folder / f"{stack}.err").write_text(error or "")
    return review(read_plans([folder]), None, PolicyFile(), notes=[evil])


def change(type: str, name: str, before: dict[str, object], after: dict[str, object]) -> dict[str, object]:
    """A change of one resource."""
    actions = ["update"] if before and after else ["create"] if after else ["delete"]
    return {
        "address": f"{type}.{name}",
        "type": type,
        "change": {"actions": actions, "before": before or None, "after": after or None},
    }


def check_markdown(text: str) -> None:
    """Checks that Markdown has no link, image, mention, heading or HTML from a plan."""
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    for token in parser.parse(text):
        if token.type == "html_block":
            assert all(OURS.fullmatch(line) for line in token.content.splitlines()), token.content
            assert not re.search(r"@|https?:|www\.", re.sub(r"<code>.*?</code>", "", token.content))
        if token.type == "heading_open":
            assert token.tag in ("h3", "h4")
        assert not token.type.startswith("table")
        for inner in token.children or ():
            assert inner.type in ("text", "code_inline", "softbreak", "strong_open", "strong_close"), inner
            if inner.type == "text":
                assert not re.search(r"[@<>|]|https?:|www\.", inner.content), inner.content


@pytest.mark.parametrize("evil", EVIL)
def test_markdown_renders_hostile_text_literally(tmp_path: Path, evil: str) -> None:
    for text in markdown.comments(hostile_review(tmp_path, evil, error=f"Error: {evil}")):
        check_markdown(text)


@settings(max_examples=60, deadline=None)
@given(evil=st.text(alphabet="`|*_<>[]()!@#&;\\\n~-\"'$: ae", max_size=24))
def test_markdown_renders_random_text_literally(tmp_path_factory: pytest.TempPathFactory, evil: str) -> None:
    for text in markdown.comments(hostile_review(tmp_path_factory.mktemp("plan"), evil, error=evil)):
        check_markdown(text)


class Page(HTMLParser):
    """All elements and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)


@pytest.mark.parametrize("evil", EVIL)
def test_a_page_has_only_known_elements_and_no_external_content(tmp_path: Path, evil: str) -> None:
    text = html.page(hostile_review(tmp_path, evil, error=f"Error: {evil}"))
    page = Page()
    page.feed(text)
    page.close()

    assert page.open == []
    elements = {
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "header",
        "main",
        "section",
        "div",
        "h1",
        "h2",
        "h3",
    }
    assert page.elements <= elements | {"p", "ul", "li", "code", "b", "span", "details", "summary", "pre"}
    attributes = {
        "lang",
        "charset",
        "http-equiv",
        "content",
        "name",
        "class",
        "id",
        "aria-labelledby",
        "open",
        "tabindex",
    }
    assert page.attributes <= attributes
    assert "url(" not in text.partition("</style>")[0]


@pytest.mark.parametrize("evil", EVIL)
def test_a_terminal_gets_no_control_characters(tmp_path: Path, evil: str) -> None:
    text = table.text(hostile_review(tmp_path, evil, error=f"Error: {evil}"))

    assert all(character.isprintable() or character == "\n" for character in text)
