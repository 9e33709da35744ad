"""YAML files are parsed within bounds, and every value knows its position."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.documents.document import MAX_DEPTH, Document, read
from mesh.documents.file_text import MAX_BYTES, read_text


def parsed(folder: Path, text: str) -> tuple[Document, list[str]]:
    """The document of a text, and its findings as `line:column code`."""
    (folder / "a.yml").write_text(text)
    document, findings = read(folder / "a.yml", folder)
    return document, [f"{finding.line}:{finding.column} {finding.code}" for finding in findings]


def test_values_and_keys_have_positions(tmp_path: Path) -> None:
    document, findings = parsed(tmp_path, "a: 1\nlist:\n- {b: x}\n")

    assert findings == []
    assert document.data == {"a": 1, "list": [{"b": "x"}]}
    assert document.position(("list", 0, "b")) == "a.yml:3"
    assert str(document.finding("code", ("list", 0, "b"), "message")) == "a.yml:3:7: message"
    assert document.finding("code", ("list", 0, "missing"), "message").line == 3


def test_a_part_keeps_its_positions(tmp_path: Path) -> None:
    document, _ = parsed(tmp_path, "jobs:\n  daily:\n    tags: {a: b}\n")

    part = document.part(("jobs", "daily"))

    assert (part.data, part.position(("tags", "a"))) == ({"tags": {"a": "b"}}, "a.yml:3")


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("a: [1", "1:1 not-yaml"),
        ("a: 1\na: 2\n", "2:1 duplicate-key"),
        ("- 1\n", "1:1 not-a-mapping"),
        ("a: !!python/object:os.system x\n", "1:4 yaml-tag"),
        ("a: 2026-11-29\n", "1:4 wrong-type"),
        ("a: .inf\n", "1:4 wrong-type"),
        ('a: "x\\u202e"\n', "1:4 control-character"),
        ("a: TfToken[x]\n", "1:4 reserved-text"),
        ("a: " + "[" * 60 + "]" * 60 + "\n", "1:1 too-large"),
        (
            "a: &a [x, x]\nb: &b [*a, *a]\n"
            + "".join(f"k{i}: [{', '.join(['*b'] * 99)}]\n" for i in range(99)),
            "1:1 too-large",
        ),
    ],
)
def test_unsafe_or_ambiguous_text_is_a_finding(tmp_path: Path, text: str, finding: str) -> None:
    _, findings = parsed(tmp_path, text)

    assert finding in findings


def test_a_secret_is_reported_once_and_its_value_is_dropped(tmp_path: Path) -> None:
    document, findings = parsed(tmp_path, f"a: dapi{'0' * 32}\n")

    assert (document.data, findings) == ({"a": ""}, ["1:4 secret-in-yaml"])


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("a:\n\t- b\n", "(indent with spaces, not with tabs)"),
        ("a: @ola\n", "(put the text in quotes)"),
        ("a: b: c\n", "(put a text that contains `: ` in quotes, or correct the indentation)"),
    ],
)
def test_frequent_mistakes_in_yaml_have_a_remedy(tmp_path: Path, text: str, remedy: str) -> None:
    (tmp_path / "a.yml").write_text(text)
    _, [finding] = read(tmp_path / "a.yml", tmp_path)

    assert finding.message.endswith(remedy)


def test_a_missing_file_is_an_empty_document(tmp_path: Path) -> None:
    assert read(tmp_path / "b.yml", tmp_path) == (Document("b.yml"), [])


def test_a_link_out_of_the_repository_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "mesh"
    root.mkdir()
    (tmp_path / "outside.yml").write_text("a: 1")
    (root / "a.yml").symlink_to(tmp_path / "outside.yml")

    text, findings = read_text(root / "a.yml", root)

    assert (text, [finding.code for finding in findings]) == (None, ["link-outside"])


def test_a_file_beyond_the_bound_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_bytes(b"#" * (MAX_BYTES + 1))

    assert [finding.code for finding in read_text(tmp_path / "a.yml", tmp_path)[1]] == ["too-large"]


@pytest.mark.parametrize("deepest", ["{}", "[]", "x", "- x", "a: x"])
@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? ", "a:\n", "a:\n- "])
def test_a_text_of_any_form_has_at_most_the_permitted_levels(
    tmp_path: Path, opening: str, deepest: str
) -> None:
    """The levels are counted before the parser, which has its own limits, builds anything of them."""
    for levels in (5, MAX_DEPTH - 3, MAX_DEPTH + 3, 5000):
        lines = [opening.replace("\n", "\n" + " " * number) for number in range(1, levels + 1)]
        closing = {"[": "]", "{a: ": "}"}.get(opening, "") * levels
        (tmp_path / "a.yml").write_text(f"top:\n {''.join(lines)}{deepest}{closing}\n")

        _, findings = read(tmp_path / "a.yml", tmp_path)

        if not any(one.code == "not-yaml" for one in findings):
            assert ("too-large" in [one.code for one in findings]) == (levels > MAX_DEPTH - 3)
