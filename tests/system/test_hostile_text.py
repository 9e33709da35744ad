"""Hostile or careless text in YAML: a finding with its position, or literal text; none is evaluated or takes long."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.hostile_mesh import (
    FLOW,
    ONE_TASK,
    bomb,
    deployed,
    findings,
    told,
    tree,
)

# text of a file, and the findings that it gives: code and line

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


# text that is fine, and arrives as it is

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
