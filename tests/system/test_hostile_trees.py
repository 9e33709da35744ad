"""Hostile or careless file trees: names of folders, links, collisions; nothing outside is read or written."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.hostile_mesh import (
    FLOW,
    NOTEBOOK,
    ONE_TASK,
    PROJECT,
    deployed,
    findings,
    told,
    tree,
)

# names of folders

BAD_FOLDERS = {
    "a space": "a b",
    "a dot": "a.b",
    "a line feed": "a\n",
    "a quote": "a'b",
    "a dollar": "${x}",
    "a shell's command": "$(touch pwned)",
    "a semicolon": "a;b",
    "a dash first": "-rf",
    "a tilde": "~root",
    "an escape sequence": "\x1b[31m",
    "a right-to-left override": "a\u202eb",
    "a zero-width space": "a\u200bb",
    "a zero-width joiner": "sales\u200d",
    "an invisible letter": "sales\u1160",
    "a letter that is a blank": "sales\u3164",
    "Cyrillic in Latin": "sаles",  # noqa: RUF001
    "Greek in Latin": "sαles",  # noqa: RUF001
    "Cyrillic that looks like Latin": "асе",  # noqa: RUF001
    "full width": "ｓａｌｅｓ",  # noqa: RUF001
    "a letter in two parts": "båt".replace("å", "a\u030a"),
    "a ligature": "ﬁnance",
    "a click": "salesǃ",  # noqa: RUF001
    "phonetic": "ɡlobex",  # noqa: RUF001
    "a superscript": "sales²",
    "an Arabic digit": "sales٣",
    "a Roman numeral": "salesⅣ",
    "an emoji": "sales📦",
    "a level's own name": "flows",
    "what Unity Catalog has": "information_schema",
    "what Unity Catalog has, in capitals": "Hive_Metastore",
}


@pytest.mark.parametrize("case", BAD_FOLDERS)
def test_a_folder_with_a_hostile_name_is_a_finding(case: str, tmp_path: Path) -> None:
    name = BAD_FOLDERS[case]
    tree(tmp_path, {f"orgs/acme/domains/{name}/domain.yml": "description: x"})

    found = findings(tmp_path)

    assert [(f.code, f.file) for f in found] == [("bad-name", f"orgs/acme/domains/{name}")]


@pytest.mark.parametrize(
    "name", ["kjøretøy", "båt", "groß", "łódź", "İzmir", "продажи", "売上カレー", "매출", "AI分析", "a-_1"]
)
def test_a_folder_with_letters_of_another_language_is_valid(name: str, tmp_path: Path) -> None:
    tree(tmp_path, {f"orgs/acme/domains/{name}/domain.yml": "description: x"})

    assert findings(tmp_path) == ()


def test_a_folder_that_is_not_utf8_is_a_finding(tmp_path: Path) -> None:
    tree(tmp_path, {})
    (tmp_path / "orgs/acme/domains" / os.fsdecode(b"\xff")).mkdir()

    assert [finding.code for finding in findings(tmp_path)] == ["bad-name"]


# links, and what is no file


def link(path: str, target: str) -> Callable[[Path], None]:
    def build(root: Path) -> None:
        (root / path).unlink(missing_ok=True)
        (root / path).symlink_to(target)

    return build


def outside(path: str, file: str) -> Callable[[Path], None]:
    """A link out of the repository: to a folder with `file` in it, or to a file."""

    def build(root: Path) -> None:
        target = root.parent / f"outside of {root.name}"
        (root / path).unlink(missing_ok=True)
        if file == ".":
            target.write_text(NOTEBOOK)
        else:
            target.mkdir()
            (target / file).write_text("naming: {db: {other: stolen}}")
        (root / path).symlink_to(target)

    return build


def folder(root: Path) -> None:
    (root / "orgs/acme/org.yml").mkdir()


def pipe(root: Path) -> None:
    os.mkfifo(root / "orgs/acme/org.yml")


TREES: dict[str, tuple[Callable[[Path], None], set[tuple[str, str]]]] = {
    "org.yml out of the repository": (link("orgs/acme/org.yml", "/etc/passwd"), {("link-outside", "orgs/acme/org.yml")}),
    "deployment.yml out of the repository": (
        link(f"{FLOW}/deployment.yml", "/etc/passwd"), {("link-outside", f"{FLOW}/deployment.yml")},
    ),
    "an endless device": (link("orgs/acme/org.yml", "/dev/zero"), {("link-outside", "orgs/acme/org.yml")}),
    "a file in a circle": (link("orgs/acme/org.yml", "org.yml"), {("not-readable", "orgs/acme/org.yml")}),
    "a link to nothing": (link("orgs/acme/org.yml", "nothing"), {("not-readable", "orgs/acme/org.yml")}),
    "a folder as org.yml": (folder, {("not-a-file", "orgs/acme/org.yml")}),
    "a pipe as org.yml": (pipe, {("not-a-file", "orgs/acme/org.yml")}),
    "naming templates out of the repository": (
        outside(".brickopscfg", "config.yml"), {("link-outside", ".brickopscfg/config.yml")},
    ),
    "a notebook out of the repository": (
        outside(f"{FLOW}/a.py", "."), {("link-outside", f"{FLOW}/deployment.yml")},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", TREES)
def test_a_link_or_special_file_is_a_finding(case: str, tmp_path: Path) -> None:
    build, expected = TREES[case]
    tree(tmp_path, {})
    build(tmp_path)

    assert {(finding.code, finding.file) for finding in findings(tmp_path)} == expected


@pytest.mark.parametrize("level", ["orgs/evil", "orgs/acme/domains/evil", f"{PROJECT}/flows/evil"])
@pytest.mark.parametrize("target", ["/", ".", ".."])
def test_a_folder_that_is_a_link_is_never_followed(level: str, target: str, tmp_path: Path) -> None:
    tree(tmp_path, {})
    (tmp_path / level).symlink_to(target)

    assert [(finding.code, finding.file) for finding in findings(tmp_path)] == [("link-not-followed", level)]


def test_files_outside_the_repository_are_never_uploaded(tmp_path: Path) -> None:
    """Neither through a link to a file nor through a link to a folder."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "key.txt").write_text("x")
    root = tmp_path / "mesh"
    tree(root, {})
    (root / FLOW / "link.txt").symlink_to(outside / "key.txt")
    (root / PROJECT / "folder").symlink_to(outside)
    (root / PROJECT / "round").symlink_to(".")

    (deployment,) = deployed(root).deployments

    sources = [file.source.resolve() for file in deployment.code.files]
    assert sources == [(root / FLOW / "a.py").resolve()]


# name collisions


def test_folders_that_differ_only_in_case_are_a_finding(tmp_path: Path) -> None:
    """Unity Catalog and many file systems ignore case."""
    tree(tmp_path, {"orgs/acme/domains/Transport/domain.yml": "description: x"})

    assert [finding.code for finding in findings(tmp_path)] == ["differ-in-case"]


NAMING: dict[str, tuple[str, set[tuple[str, int]]]] = {
    "a line feed": ('naming: {db: {other: "{db}\\n"}}', {("naming-template", 1)}),
    "template syntax of Terraform": ("naming: {db: {other: '${db}'}}", {("naming-template", 1)}),
    "an attribute": ("naming: {db: {other: '{db.__class__}'}}", {("naming-template", 1)}),
    "an index": ("naming: {db: {other: '{db[0]}'}}", {("naming-template", 1)}),
    "a conversion": ("naming: {db: {other: '{db!r}'}}", {("naming-template", 1)}),
    "a format": ("naming: {db: {other: '{db:>99999999}'}}", {("naming-template", 1)}),
    "a field that is a number": ("naming: {db: {other: '{0}'}}", {("naming-template", 1)}),
    "a half field": ("naming: {db: {other: '{db'}}", {("naming-template", 1)}),
    "a path": ("naming: {db: {other: '../{db}'}}", {("naming-template", 1)}),
    "no text": ("naming: {db: {other: 5}}", {("naming-template", 1)}),
    "no regular expression": ("naming: {path_regexp: '(?P<x'}", {("path-regexp", 1)}),
    "a list": ("naming: [db]", {("naming-template", 1)}),
}


@pytest.mark.parametrize("case", NAMING)
def test_hostile_naming_templates_are_findings(case: str, tmp_path: Path) -> None:
    text, expected = NAMING[case]
    tree(tmp_path, {".brickopscfg/config.yml": text})

    assert told(tmp_path) == expected


TWICE: dict[str, tuple[dict[str, str | bytes], set[str]]] = {
    "two flows that fill one schema": (
        {f"{PROJECT}/flows/ml/revenue/deployment.yml": ONE_TASK, f"{PROJECT}/flows/ml/revenue/a.py": NOTEBOOK},
        {"schema-made-twice"},
    ),
    "two flows with one Terraform name": (
        {
            f"{PROJECT}/flows/prep/x/y/deployment.yml": ONE_TASK + "schemas: [one]",
            f"{PROJECT}/flows/prep/x/y/a.py": NOTEBOOK,
            f"{PROJECT}/flows/prep/x_y/deployment.yml": ONE_TASK + "schemas: [two]",
            f"{PROJECT}/flows/prep/x_y/a.py": NOTEBOOK,
        },
        {"same-terraform-name"},
    ),
    "two orgs with one catalog": (
        {
            f"{FLOW.replace('acme', 'globex')}/deployment.yml": ONE_TASK,
            f"{FLOW.replace('acme', 'globex')}/a.py": NOTEBOOK,
        },
        {"made-twice"},
    ),
    "two orgs whose catalogs differ in capitals": (
        {
            f"{FLOW.replace('transport', 'Transport').replace('acme', 'globex')}/deployment.yml": ONE_TASK,
            f"{FLOW.replace('transport', 'Transport').replace('acme', 'globex')}/a.py": NOTEBOOK,
        },
        {"made-twice"},
    ),
    "a catalog that Databricks has": (
        {
            f"{FLOW.replace('transport', 'samples')}/deployment.yml": ONE_TASK,
            f"{FLOW.replace('transport', 'samples')}/a.py": NOTEBOOK,
        },
        {"bad-name"},
    ),
    "two flows whose schemas differ in capitals": (
        {f"{PROJECT}/flows/ml/Revenue/deployment.yml": ONE_TASK, f"{PROJECT}/flows/ml/Revenue/a.py": NOTEBOOK},
        {"schema-made-twice"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", TWICE)
def test_two_objects_never_share_a_name(case: str, tmp_path: Path) -> None:
    files, expected = TWICE[case]
    tree(tmp_path, files)

    assert expected <= {finding.code for finding in findings(tmp_path)}
