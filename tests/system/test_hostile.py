"""Hostile or careless YAML texts and file trees in a mesh.

Each becomes a finding with its position, or stays literal text. None is evaluated, reads or writes outside the
repository, causes a traceback, or takes long.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mesh.commands.choices import SchemaFile
from mesh.commands.schema import schema
from mesh.console import visible
from mesh.documents.secret import is_secret
from mesh.errors import MeshError
from mesh.finding import Finding
from mesh.git.checkout import GitContext
from mesh.load import load
from mesh.mesh import MeshDeployment
from mesh.model.review_policy import FILE as POLICY_FILE
from mesh.rules.check import check_rules
from mesh.workshop import prices, workshop_file

PROJECT = "orgs/acme/domains/transport/projects/taxinyc"
FLOW = f"{PROJECT}/flows/prep/revenue"
NOTEBOOK = "# Databricks notebook source\n"
ONE_TASK = "tasks:\n- task_key: a\n  serverless: true\n"
SLOWEST = 15.0  # seconds of processor time on a busy machine; everything here takes a small part of it


def tree(root: Path, files: dict[str, str | bytes]) -> None:
    """A valid mesh of one flow, with these files in place of its own."""
    for file, content in {f"{FLOW}/deployment.yml": ONE_TASK, f"{FLOW}/a.py": NOTEBOOK, **files}.items():
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def deployed(root: Path) -> MeshDeployment:
    git = GitContext(
        root=root, head=None, commit="5bd01c2f" * 5, user="ola@acme.example",
        url="https://github.com/acme/mesh", branch="main", prefix="",
    )  # fmt: skip
    return load(root).in_environment("local", git)


def findings(root: Path, read: Callable[[Path], object] = deployed) -> tuple[Finding, ...]:
    """The findings of the mesh, one line each, within a time limit."""
    started = time.process_time()
    try:
        read(root)
        found: tuple[Finding, ...] = ()
    except MeshError as error:
        found = error.findings
    assert time.process_time() - started < SLOWEST
    for finding in found:
        assert visible(str(finding)).isprintable()
        assert len(finding.message) < 3_000
    return found


def told(root: Path) -> set[tuple[str, int]]:
    return {(finding.code, finding.line) for finding in findings(root)}


def bomb(levels: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, levels)]
    return "\n".join(lines)


# --- text of a file, and the findings that it gives: code and line ---------------------------------------

TEXTS: dict[str, tuple[str | bytes, set[tuple[str, int]]]] = {
    # bombs, cycles, depth, size
    "a bomb of aliases": (bomb(9), {("too-large", 1)}),
    "a bomb of merges": (
        "a: &a {x: 1}\n" + "\n".join(f"b{n}: &b{n} {{<<: [{', '.join(['*a'] * 400)}]}}" for n in range(200)),
        {("too-large", 1)},
    ),
    "an anchor in itself": ("a: &a [*a]", {("too-large", 1)}),
    "a mapping in itself": ("a: &a {b: *a}", {("too-large", 1)}),
    "two anchors in each other": ("a: &a [&b [*a, *b]]", {("too-large", 1)}),
    "a merge of itself": ("a: &a\n  <<: *a", {("too-large", 1)}),
    "an alias of nothing": ("description: *missing", {("not-yaml", 1)}),
    "60 levels of lists": ("a: " + "[" * 60 + "]" * 60, {("too-large", 1)}),
    "half a million open lists": ("[" * 500_000, {("too-large", 1)}),
    "half a million open mappings": ("{a: " * 200_000, {("too-large", 1)}),
    "a quarter of a million dashes": ("- " * 250_000, {("too-large", 1)}),
    "300,000 complex keys": ("? " * 300_000, {("too-large", 1)}),
    "1,400 indented mappings": ("\n".join(" " * n + "a:" for n in range(1_400)), {("too-large", 1)}),
    "60,000 values": ("a: [" + "x," * 60_000 + "]", {("too-large", 1)}),
    "more than a megabyte": ("# " + "x" * 1_000_000, {("too-large", 1)}),
    "100,000 anchors": ("a: [" + ",".join(f"&a{n} x" for n in range(100_000)) + "]", {("too-large", 1)}),
    # tags
    "python object": ("a: !!python/object:os.system {}", {("yaml-tag", 1), ("unknown-field", 1)}),
    "python apply": ('description: !!python/object/apply:os.system ["touch pwned"]', {("yaml-tag", 1)}),
    "python name": ("description: !!python/name:os.system", {("yaml-tag", 1)}),
    "python module": ("description: !!python/module:os", {("yaml-tag", 1)}),
    "environment tag": ("\ndescription: !ENV ${HOME}", {("yaml-tag", 2)}),
    "include tag": ("description: !include /etc/passwd", {("yaml-tag", 1)}),
    "vault tag": ("description: !vault |\n  x", {("yaml-tag", 1)}),
    "binary": ("description: !!binary aGk=", {("yaml-tag", 1)}),
    "set": ("description: !!set {a, b}", {("yaml-tag", 1)}),
    "ordered mapping": ("description: !!omap [a: b]", {("yaml-tag", 1)}),
    "tag on a key": ("!x description: y", {("not-yaml", 1)}),
    "tag of its own handle": ("%TAG ! tag:evil,2000:\n---\ndescription: !x y", {("yaml-tag", 3)}),
    "float tag on text": ("description: !!float abc", {("not-yaml", 1)}),
    "int tag on a list": ("description: !!int [1]", {("wrong-type", 1)}),
    # keys
    "duplicate key": ("owner: a\nowner: b", {("duplicate-key", 2)}),
    "duplicate key, the other way of writing": ("owner: a\n'owner': b", {("duplicate-key", 2)}),
    "number as a key": ("1: a", {("not-yaml", 1)}),
    "yes as a key": ("yes: a", {("not-yaml", 1)}),
    "on as a key": ("on: push", {("not-yaml", 1)}),
    "nothing as a key": ("~: a", {("not-yaml", 1)}),
    "date as a key": ("2024-01-01: a", {("not-yaml", 1)}),
    "list as a key": ("? [a, b]\n: c", {("not-yaml", 1)}),
    "mapping as a key": ("? {a: b}\n: c", {("not-yaml", 1)}),
    "10,000 characters as a key": ("x" * 900 + ": a", {("unknown-field", 1)}),
    "text merged": ("<<: text", {("not-yaml", 1)}),
    "python's insides as fields": ("__class__: a\n__dict__: b", {("unknown-field", 1), ("unknown-field", 2)}),
    "pydantic's insides as fields": (
        "model_config: {}\nmodel_fields: {}",
        {("unknown-field", 1), ("unknown-field", 2)},
    ),
    # characters
    "NUL": (b"description: a\0b", {("not-yaml", 1)}),
    "NUL, escaped": ('description: "a\\0b"', {("control-character", 1)}),
    "escape sequence": ('\n\ndescription: "\\e[31mred"', {("control-character", 3)}),
    "bell in a key": ('"owner\\a": x', {("control-character", 1)}),
    "delete": ('description: "\\x7f"', {("control-character", 1)}),
    "C1 control": ('description: "\\x9b31m"', {("control-character", 1)}),
    "right-to-left override": ("description: a\u202eb", {("control-character", 1)}),
    "isolate": ("description: a\u2066b", {("control-character", 1)}),
    "half a surrogate": ('description: "\\uD800"', {("not-yaml", 1)}),
    "UTF-16": ("description: a".encode("utf-16"), {("not-utf8", 1)}),
    "UTF-16 without a mark": ("description: a".encode("utf-16-le"), {("not-yaml", 1)}),
    "UTF-32": ("description: a".encode("utf-32"), {("not-utf8", 1)}),
    "Latin-1": ("description: kjøretøy".encode("latin-1"), {("not-utf8", 1)}),
    "not a character": (b"description: \xff\xfe\xfa", {("not-utf8", 1)}),
    "an image": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", {("not-utf8", 1)}),
    "reserved text": ("description: TfToken[TOKEN.1]", {("reserved-text", 1)}),
    "reserved text in a key": ('"${TfToken[TOKEN.1]}": x', {("reserved-text", 1)}),
    # values of another kind
    "a huge number": ("description: " + "9" * 5_000, {("not-yaml", 1)}),
    "a huge number in another base": ("description: 0x" + "f" * 90, {("wrong-type", 1)}),
    "a number in base 60": ("description: " + ":".join(["1"] * 300_000), {("not-yaml", 1)}),
    "a fraction in base 60": ("description: " + ":".join(["1"] * 300_000) + ".5", {("not-yaml", 1)}),
    "infinity": ("max_concurrent_runs: .inf", {("wrong-type", 1)}),
    "no number": ("description: .nan", {("wrong-type", 1)}),
    "a date": ("description: 2024-01-01", {("wrong-type", 1)}),
    "a time": ("description: 2024-01-01T00:00:00Z", {("wrong-type", 1)}),
    "no date": ("description: 2024-13-45", {("not-yaml", 1)}),
    "yes": ("description: yes", {("wrong-type", 1)}),
    "no": ("owner: no", {("wrong-type", 1)}),
    "octal": ("description: 0777", {("wrong-type", 1)}),
    "a time of day": ("description: 12:30:45", {("wrong-type", 1)}),
    "a number of runs as text": ("max_concurrent_runs: '5'", {("wrong-type", 1)}),
    "more runs than there may be": ("max_concurrent_runs: 99999999999999999999", {("wrong-type", 1)}),
    "a list where a mapping belongs": ("- a", {("not-a-mapping", 1)}),
    "a text where a mapping belongs": ("just text", {("not-a-mapping", 1)}),
    "a mapping where text belongs": ("description: {a: b}", {("wrong-type", 1)}),
    "a text where tasks belong": ("tasks: rm -rf /", {("wrong-type", 1)}),
    # not YAML
    "two documents": ("a: b\n---\nc: d", {("not-yaml", 2)}),
    "a tab": ("tasks:\n\t- a", {("not-yaml", 2)}),
    "JSON that ends too early": ('{"description": "a"', {("not-yaml", 1)}),
    "YAML of a future version": ("%YAML 3.0\n---\na: b", {("not-yaml", 1)}),
    # names
    "task with a path": ("tasks: [{task_key: ../../x, serverless: true}]", {("wrong-value", 1)}),
    "task with spaces": ("tasks: [{task_key: 'a b', serverless: true}]", {("wrong-value", 1)}),
    "task of 10,000 characters": (
        f"tasks: [{{task_key: {'x' * 10_000}, serverless: true}}]",
        {("wrong-value", 1)},
    ),
    "schema with a dot": (ONE_TASK + "schemas: [a.b]", {("bad-name", 4)}),
    "schema with a slash": (ONE_TASK + "schemas: [a/b]", {("bad-name", 4)}),
    "schema with a backtick": (ONE_TASK + "schemas: ['a`; drop schema b']", {("bad-name", 4)}),
    "schema without a name": (ONE_TASK + "schemas: ['']", {("bad-name", 4)}),
    "schema with a line feed": (ONE_TASK + 'schemas: ["a\\n"]', {("bad-name", 4)}),
    "schema of 10,000 characters": (ONE_TASK + f"schemas: [{'x' * 10_000}]", {("bad-name", 4)}),
    "schema that is there already": (ONE_TASK + "schemas: [information_schema]", {("bad-name", 4)}),
    "schema in Cyrillic and Latin": (ONE_TASK + "schemas: [sаles]", {("bad-name", 4)}),  # noqa: RUF001
    "schema in template syntax": (ONE_TASK + "schemas: ['${x}']", {("bad-name", 4)}),
    "parameter with a quote": (ONE_TASK + 'parameters: [{name: "a\'b", default: x}]', {("wrong-value", 4)}),
    # paths
    "notebook above": (
        "tasks: [{task_key: a, serverless: true, notebook_task: {notebook_path: ../../../x}}]",
        {("notebook-outside", 1)},
    ),
    "notebook at the root of the machine": (
        "tasks: [{task_key: a, serverless: true, notebook_task: {notebook_path: /etc/passwd}}]",
        {("notebook-outside", 1)},
    ),
    "notebook above, from the repository's root": (
        "tasks: [{task_key: a, serverless: true, notebook_task: {notebook_path: ../x, source: GIT}}]",
        {("notebook-outside", 1)},
    ),
    "notebook with NUL": (
        'tasks: [{task_key: a, serverless: true, notebook_task: {notebook_path: "a\\0b"}}]',
        {("control-character", 1)},
    ),
    "notebook of 10,000 characters": (
        f"tasks: [{{task_key: a, serverless: true, notebook_task: {{notebook_path: {'x' * 10_000}}}}}]",
        {("notebook-missing", 1)},
    ),
    "notebook in template syntax": (
        "tasks: [{task_key: a, serverless: true, notebook_task: {notebook_path: '${path.module}'}}]",
        {("notebook-missing", 1)},
    ),
    "notebook of a shell": (
        "tasks: [{task_key: a, serverless: true, notebook_task: {notebook_path: '$(touch pwned)'}}]",
        {("notebook-missing", 1)},
    ),
}


@pytest.mark.parametrize("case", TEXTS)
def test_hostile_text_is_a_finding_with_its_line(case: str, tmp_path: Path) -> None:
    text, expected = TEXTS[case]
    tree(tmp_path, {f"{FLOW}/deployment.yml": text})

    assert told(tmp_path) == expected
    assert not list(tmp_path.rglob("pwned"))


# --- values of any kind under the fields that there are ---------------------------------------------------

PLACES = {
    SchemaFile.ORG: "orgs/acme/org.yml",
    SchemaFile.DOMAIN: "orgs/acme/domains/transport/domain.yml",
    SchemaFile.PROJECT: f"{PROJECT}/project.yml",
    SchemaFile.DEPLOYMENT: f"{FLOW}/deployment.yml",
    SchemaFile.COMPUTE: f"{PROJECT}/compute.yml",
    SchemaFile.DEFAULTS: f"{PROJECT}/defaults.yml",
    SchemaFile.NAMING: ".brickopscfg/config.yml",
    SchemaFile.QUALITY: f"{FLOW}/quality.yml",
    SchemaFile.REVIEW: POLICY_FILE,
    SchemaFile.RULES: "orgs/acme/rules.yml",
    SchemaFile.WORKSHOP: workshop_file.FILE,
    SchemaFile.PRICES: prices.FILE,
}
# what is no part of the mesh is read by those who need it
READERS = {
    SchemaFile.WORKSHOP: workshop_file.read_workshop,
    SchemaFile.PRICES: lambda root: prices.read_prices(root, "Small"),
    SchemaFile.RULES: lambda root: check_rules(load(root), deployed(root), date(2026, 12, 1), run_own=False),
}


def known(file: SchemaFile) -> list[str]:
    """The names of all fields of a file at any depth, and some unknown names."""
    made = json.dumps(schema(file))
    return sorted({*re.findall(r'"(\w+)": \{', made), "a", "", "${x}", "revenue"})


def values(file: SchemaFile) -> st.SearchStrategy[Any]:
    plain = st.sampled_from(
        [None, True, 0, -1, 10**30, 1.5, "", "a", "a b", "revenue", "${x}", "a/b", "../x", "local"]
    )
    keys = st.sampled_from(known(file))
    inner = st.recursive(
        plain,
        lambda deeper: st.lists(deeper, max_size=3) | st.dictionaries(keys, deeper, max_size=4),
        max_leaves=12,
    )
    return st.dictionaries(st.sampled_from([*schema(file)["properties"], "a"]), inner, max_size=4)


@pytest.mark.parametrize("file", SchemaFile)
def test_no_value_anywhere_is_a_traceback(file: SchemaFile, tmp_path_factory: pytest.TempPathFactory) -> None:
    @settings(max_examples=60, deadline=None, derandomize=True, database=None)
    @given(values(file))
    def holds(document: dict[str, Any]) -> None:
        root = tmp_path_factory.mktemp("mesh")
        tree(root, {PLACES[file]: json.dumps(document)})
        findings(root, READERS.get(file, deployed))

    holds()


# --- text that is fine, and arrives as it is --------------------------------------------------------------

LITERAL = {
    "interpolation": '${file("/etc/passwd")}',
    "directive": "%{ for x in [1] }${x}%{ endfor }",
    "half an interpolation": "${",
    "escaped already": "$${x} %%{y}",
    "shell": "$(touch pwned) `touch pwned` ; touch pwned | tee $HOME",
    "template of another kind": "{{ secrets.x }} {% raw %} <%= x %> #{x}",
    "python format": "{0.__class__} {env} %s %(x)s",
    "SQL": "'; drop table x; --",
    "HTML": "<script>alert(1)</script>",
    "terminal markup": "[bold red]x[/bold red] [link=file:///etc]y[/link]",
    "Norwegian": "kjøretøy på båt",
    "emoji with a joiner": "👩\u200d🔧",
    "Hebrew": "שלום",
    "lines": "one\ntwo\n\ttab",
    "10,000 characters": "x" * 10_000,
    "900,000 characters": "x" * 900_000,
    "quotes": "\"'`\\",
}


@pytest.mark.parametrize("case", LITERAL)
def test_text_stays_text(case: str, tmp_path: Path) -> None:
    text = LITERAL[case]
    tree(tmp_path, {f"{FLOW}/deployment.yml": f"description: {json_text(text)}\n{ONE_TASK}"})

    (flow,) = deployed(tmp_path).deployments[0].flows

    assert flow.job is not None
    assert flow.job.settings["description"] == text
    assert not list(tmp_path.rglob("pwned"))


def json_text(text: str) -> str:
    """The data as JSON, which is also YAML."""
    return json.dumps(text, ensure_ascii=False)


def test_a_byte_order_mark_is_no_part_of_the_first_field(tmp_path: Path) -> None:
    tree(tmp_path, {f"{FLOW}/deployment.yml": b"\xef\xbb\xbf" + ONE_TASK.encode()})

    assert findings(tmp_path) == ()


# --- names of folders -------------------------------------------------------------------------------------

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


# --- links, and what is no file ---------------------------------------------------------------------------


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


# --- name collisions ----------------------------------------------------------------------------------


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


# --- secrets ----------------------------------------------------------------------------------------------

HEX = "0123abcd" * 4
# Put together here, so that nobody's scanner takes this file for a leak.
SECRETS = {
    "a Databricks token": "dapi" + HEX,
    "a Databricks token of Azure": "dapi" + HEX + "-2",
    "a Databricks OAuth secret": "dose" + HEX,
    "an AWS key": "AKIA" + "ABCDEFGH12345678",
    "an AWS session key": "ASIA" + "ABCDEFGH12345678",
    "a GitHub token": "ghp_" + "Ab1" * 12,
    "a fine-grained GitHub token": "github_pat_" + "Ab1" * 12,
    "a GitHub token of an app": "ghs_"
    + "1234567_"
    + "eyJ"
    + "Ab1" * 60
    + ".eyJ"
    + "Ab1" * 90
    + "."
    + "a-_1" * 20,
    "a GitLab token": "glpat-" + "Ab1" * 7,
    "an RSA key": "-----BEGIN RSA " + "PRIVATE KEY-----",
    "a key": "-----BEGIN " + "PRIVATE KEY-----",
    "a shared access signature": "https://x.blob.core.windows.net/c?sv=1&" + "sig=" + "aB3%2F" * 8,
    "a storage key": "AccountKey=" + "aB3+" * 22,
    "an Azure client secret": "abc8" + "Q~" + "a1b2c3d4e5f6g7h8i9j0" * 2,
    "a web token": "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0In0." + "abc",
    "a password in an address": "postgres://mesh:" + "hunter2@db.acme.example/state",
}


@pytest.mark.parametrize(
    "where", ["description: {}", "owner: a  # {}", "tasks: [{}]", "{}: x", "a: &{} b", "a: *{}", "a: !{} b"]
)
@pytest.mark.parametrize("file", [f"{FLOW}/deployment.yml", "orgs/acme/org.yml", ".brickopscfg/config.yml"])
def test_a_token_is_a_finding_that_does_not_repeat_it(file: str, where: str, tmp_path: Path) -> None:
    """In a value, comment, key, anchor, alias or tag."""
    tree(tmp_path, {file: where.format(SECRETS["a Databricks token"])})

    found = [finding for finding in findings(tmp_path) if finding.file == file]

    assert ("secret-in-yaml", 1) in {(finding.code, finding.line) for finding in found}
    assert not [finding for finding in found if HEX in str(finding)]


@pytest.mark.parametrize("case", SECRETS)
def test_every_kind_of_secret_is_found(case: str, tmp_path: Path) -> None:
    secret = SECRETS[case]
    tree(tmp_path, {f"{PROJECT}/project.yml": f"owner: a\ndescription: |\n  one\n  x {secret} y\n"})

    (found,) = findings(tmp_path)

    assert (found.code, found.line) == ("secret-in-yaml", 4)
    assert secret not in found.message


def test_an_escaped_secret_is_found_too(tmp_path: Path) -> None:
    tree(tmp_path, {"orgs/acme/org.yml": f'owner: a\ndescription: "\\x64api{HEX}"\n'})

    assert told(tmp_path) == {("secret-in-yaml", 2)}


@pytest.mark.parametrize(
    "field",
    [
        "token",
        "password",
        "client_secret",
        "DATABRICKS_TOKEN",
        "api-key",
        "secret_access_key",
        "account_key",
        "private_key",
    ],
)
def test_a_field_named_like_a_secret_is_a_finding_with_the_source_of_the_login(
    field: str, tmp_path: Path
) -> None:
    text = f"environments: {{dev: {{workspace: 'https://x.example', {field}: hunter2}}}}"
    tree(tmp_path, {"orgs/acme/org.yml": f"{field}: hunter2\n{text}\n"})

    found = findings(tmp_path)

    assert [(finding.code, finding.line) for finding in found] == [
        ("secret-in-yaml", 1),
        ("secret-in-yaml", 2),
    ]
    assert all(
        "DATABRICKS_TOKEN" in finding.message and "hunter2" not in finding.message for finding in found
    )


@pytest.mark.parametrize(
    "text",
    [
        "dapibus", "s3://bucket/dapi/2024", "sig=short", "{{secrets/scope/key}}", "https://x.example:443/a@b",
        "abfss://c@account.dfs.core.windows.net/x", "5bd01c2f" * 5, "BEGIN PRIVATE KEY", "tokens", "arn:aws:iam::1:role/AKIA",
    ],
)  # fmt: skip
def test_a_text_that_resembles_a_secret_is_accepted(text: str) -> None:
    assert not is_secret(text)


def test_the_search_for_secrets_takes_linear_time() -> None:
    hostile = ["eyJ" * 300_000, "-eyJ" * 200_000, "://a:" * 200_000, "sig=" * 250_000, "-----BEGIN " * 90_000,
               "AB1 " * 250_000, "dapi" * 250_000, "abc8Q~ " * 140_000, "eyJ" + "a" * 900_000 + ".eyJ"]  # fmt: skip
    started = time.process_time()

    assert not any(map(is_secret, hostile))

    assert time.process_time() - started < SLOWEST
