"""Approval of rules on the command line and in the text of a pull request."""

from __future__ import annotations

import pytest

from mesh.errors import UsageError
from mesh.review.approval import approvals

LINE = "data-loss: approved"


@pytest.mark.parametrize(
    "text",
    [
        LINE,
        f"Nobody needs it.\r\n\r\n{LINE}\r\n",
        f"Nobody needs it.\n{LINE}\nThanks!",
        f"A hard break  \n   {LINE}\\\nand more",
        f"<!-- data-loss: -->\n{LINE}",
        f"```\ncode\n```\n{LINE}  ",
        f"~~~~\n~~~\n~~~~\n{LINE}",
        f"<pre>x</pre>\n{LINE}",
        f"> a quotation\n\n{LINE}",
        f"- a list\n\n{LINE}",
        f"- ```\n{LINE}",
        f"# Title\n{LINE}",
        f"[x]: /address\n{LINE}",
        f"[^1]: a footnote\n\n{LINE}",
        f"<details>\n\nmore\n\n</details>\n\n{LINE}",
        f"Only the <stack> of ~5 tables, and <br> it costs $5.\n{LINE}",
        f"Some <b>bold</b> text\n{LINE}",
        f"<img src='x'>\n\n{LINE}",
    ],
)
def test_a_line_of_a_paragraph_approves_a_rule(text: str) -> None:
    assert approvals((), text) == {"data-loss"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"{LINE} by nobody",
        f"not {LINE}",
        "data-losss: approved",
        "data-loss:\u00a0approved",
        f"`{LINE}`",
        f"**{LINE}**",
        f"# {LINE}",
        f"{LINE}\n---",
        f"| a | b |\n|---|---|\n{LINE}",
        f"*emphasis\n{LINE}\nends*",
        f"~~struck\n{LINE}\nout~~",
        f"~struck\n{LINE}\nout~",
        f"$$\n{LINE}\n$$",
        f"`code\n{LINE}\nends`",
        f"![image\n{LINE}\n](/address)",
        f"[link\n{LINE}\n](/address)",
    ],
)
def test_other_lines_approve_nothing(text: str) -> None:
    assert approvals((), text) == frozenset()


@pytest.mark.parametrize(
    "text",
    [
        f"    {LINE}",
        f"\t{LINE}",
        f"```\n{LINE}\n```",
        f"````\n```\n{LINE}\n````",
        f"~~~\n{LINE}",
        f"- ```\n  {LINE}\n  ```",
        f"1. a\n\n   ```\n   {LINE}\n   ```",
        f"1. a\n\n       {LINE}",
        f"- a\n\n  {LINE}",
        f"- a\n{LINE}",
        f"* {LINE}",
        f"- [ ] a\n{LINE}",
        f"10. a\n    {LINE}",
    ],
)
def test_code_and_lists_approve_nothing(text: str) -> None:
    assert approvals((), text) == frozenset()


@pytest.mark.parametrize(
    "text",
    [
        f"> {LINE}",
        f">{LINE}",
        f"> a\n{LINE}",
        f"> a\n>\n> b\n{LINE}",
        f"> > a\n{LINE}",
        f"> - a\n{LINE}",
        f"> [!NOTE]\n> a\n{LINE}",
        f"> ```\n> {LINE}\n> ```",
        f"<blockquote>\n\n{LINE}\n\n</blockquote>",
        f"<blockquote/>\n\n{LINE}",
    ],
)
def test_quotations_approve_nothing(text: str) -> None:
    assert approvals((), text) == frozenset()


@pytest.mark.parametrize(
    "text",
    [
        f"<!-- write\n{LINE}\n-->",
        f"<!-- write\n\n{LINE}\n\n-->",
        f"<!--\n{LINE}",
        f"text <!-- data-loss:\n{LINE}\n-->",
        f"<?php\n{LINE}\n?>",
        f"<?php\n\n{LINE}\n\n?>",
        f"a <?php\n{LINE}\n?>",
        f"<!DOCTYPE\n{LINE}\n>",
        f"<![CDATA[\n{LINE}\n]]>",
        f"<![CDATA[\n\n{LINE}\n\n]]>",
        f"a <![CDATA[\n{LINE}\n]]>",
        f"<pre>\n{LINE}\n</pre>",
        f"<script>\n\n{LINE}\n\n</script>",
        f"<div>\n{LINE}\n</div>",
        f"<details>\n\n{LINE}\n\n</details>",
        f"<table><tr><td>\n\n{LINE}\n\n</td></tr></table>",
        f"<div title='\n\n{LINE}\n\n'>",
        f"a <code>b\n{LINE}\n</code>",
        f"a <del>\n{LINE}\n</del>",
        f"<a\nhref='\n{LINE}\n'>",
        f"<div>\n<![unknown[x]]>\n</div>\n\n{LINE}",
        *(
            f"<{element}>\n\n{LINE}\n\n</{element}>"
            for element in (
                "template",
                "svg",
                "math",
                "noscript",
                "iframe",
                "video",
                "object",
                "picture",
                "bdo",
            )
        ),
        f"<title>\n\n{LINE}",
        f"<ruby>a<rt>\n\n{LINE}\n\n</rt></ruby>",
        f"<select><option>\n\n{LINE}\n\n</option></select>",
        f"[x]: /address '\n{LINE}\n'",
        f"[x]:\n/address\n'{LINE}'",
        f"[^1]: {LINE}",
        f"[^1]: a\n{LINE}",
        f"[^1]:\n    {LINE}",
        f"[^1]: a\n\n    {LINE}",
        f"text\n[^1]: a\n{LINE}",
        f"[^1]: > a\n{LINE}",
    ],
)
def test_what_is_not_shown_as_text_approves_nothing(text: str) -> None:
    assert approvals((), text) == frozenset()


def test_options_and_text_approve_rules() -> None:
    assert approvals(["run-as"], "policy-loosened: approved") == {"run-as", "policy-loosened"}
    with pytest.raises(UsageError, match="did you mean `data-loss`"):
        approvals(["dataloss"])


@pytest.mark.parametrize("opening", [">", "- ", "[", "*", "<!--", "~~", "`"])
def test_hostile_nesting_is_read_in_bounded_time(opening: str) -> None:
    assert approvals((), f"{LINE}\n\n{opening * 5_000}") == {"data-loss"}
