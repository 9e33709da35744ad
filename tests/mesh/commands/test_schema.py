"""The JSON Schemas for editors: they accept valid files and mark typical mistakes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import pytest
import yaml
from jsonschema import Draft202012Validator

from mesh.commands.choices import SchemaFile
from mesh.commands.schema import FOLDER, GLOBS, defined_once, schema, schema_text, write_schemas
from mesh.model.flow_tests import TESTS

ROOT = Path(__file__).resolve().parents[3]


SETTINGS = ROOT / ".vscode" / "settings.json"


@cache
def validator(file: str) -> Draft202012Validator:
    return Draft202012Validator(schema(SchemaFile(file)))


class _Loader(yaml.CSafeLoader):
    """As an editor reads YAML: a date is text."""

    yaml_implicit_resolvers: ClassVar = {
        first: [one for one in resolvers if one[0] != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }


def wrong(file: str, document: str) -> list[str]:
    """The errors that an editor marks, as path of the field and message."""
    errors = validator(file).iter_errors(yaml.load(document, _Loader))
    return [f"{'.'.join(map(str, error.absolute_path))}: {error.message}" for error in errors]


def matches(glob: str, path: str) -> bool:
    """True if an editor's pattern matches: at any depth, `*` within a folder, `**/` for any folders."""
    pattern = re.escape(glob).replace(r"\*\*/", "(.*/)?").replace(r"\*", "[^/]*")
    return re.search(f"(^|/){pattern}$", path) is not None


def kinds_of(path: Path) -> list[SchemaFile]:
    relative = path.relative_to(ROOT).as_posix()
    return [file for file, globs in GLOBS.items() if any(matches(glob, relative) for glob in globs)]


@pytest.mark.parametrize("file", SchemaFile)
def test_the_committed_schemas_equal_the_generated_ones(file: SchemaFile) -> None:
    """Run `mesh schema --write` when a model has changed."""
    assert (ROOT / FOLDER / f"{file}.json").read_text() == schema_text(file)


@pytest.mark.parametrize("file", SchemaFile)
def test_each_schema_is_valid_and_its_patterns_work_in_editors(file: SchemaFile) -> None:
    made = schema(file)

    Draft202012Validator.check_schema(made)
    patterns = re.findall(r'"pattern": "(.*?)",?\n', schema_text(file))
    assert not [pattern for pattern in patterns if r"\\w" in pattern]


def test_every_field_has_a_description() -> None:
    """Editors show it at the field."""

    def bare(value: Any, path: str) -> list[str]:
        if isinstance(value, list):
            return [name for index, item in enumerate(value) for name in bare(item, f"{path}.{index}")]
        if not isinstance(value, dict):
            return []
        fields = value["properties"] if value.get("type") == "object" and "properties" in value else {}
        silent = [
            f"{path}.{name}" for name, field in fields.items() if not {"description", "$ref"} & field.keys()
        ]
        return silent + [name for key, item in value.items() for name in bare(item, f"{path}.{key}")]

    models = [file for file in SchemaFile if file is not SchemaFile.NAMING]
    assert [name for file in models for name in bare(schema(file), file)] == []


def described(file: SchemaFile, *path: str) -> Any:
    """The description of a nested field, through lists and references."""
    whole: Any = schema(file)
    at = whole
    for name in path:
        at = at.get("items", at).get("additionalProperties") or at.get("items", at)
        while "$ref" in at:
            at = at | whole["$defs"][at.pop("$ref").rpartition("/")[2]]
        at = dict(at["properties"][name])
    return at


def parts(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        value = [*value.values()]
    for item in value if isinstance(value, list) else ():
        yield from parts(item)


@pytest.mark.parametrize("file", SchemaFile)
def test_every_reference_has_a_definition(file: SchemaFile) -> None:
    made = schema(file)

    for reference in {part["$ref"] for part in parts(made) if isinstance(part.get("$ref"), str)}:
        at = made
        for name in reference.split("/")[1:]:
            at = at[name]
        assert "description" in at or "properties" in at, reference


def test_editors_suggest_the_known_values() -> None:
    """Only fields whose values Databricks or the mesh interprets once and for all reject other values."""
    open_field = described(SchemaFile.DEPLOYMENT, "performance_target")

    assert open_field["type"] == ["string", "null"]
    known, other = open_field["anyOf"]
    assert ({"PERFORMANCE_OPTIMIZED", "STANDARD"} <= {*known["enum"]}, other) == (True, {})
    assert "NONE_FAILED" in described(SchemaFile.DEPLOYMENT, "tasks", "run_if")["enum"]
    assert described(SchemaFile.DEPLOYMENT, "schedule", "pause_status")["enum"] == ["PAUSED", "UNPAUSED"]


def test_the_editor_settings_map_each_schema_to_its_files() -> None:
    wired = json.loads(SETTINGS.read_text())["yaml.schemas"]

    assert wired == {f"./{FOLDER}/{file}.json": list(globs) for file, globs in GLOBS.items()}


def test_all_yaml_of_the_mesh_here_is_of_one_kind_and_valid() -> None:
    meshes = (ROOT, ROOT / "tests/everything")
    paths = [
        path
        for mesh in meshes
        for name in ("orgs/**/", "course/prices", "course/workshop", ".brickopscfg/", "review")
        for path in mesh.glob(f"{name}*.yml")
        if path.parent.name != TESTS
    ]
    assert {kind for path in paths for kind in kinds_of(path)} == {*SchemaFile}
    for path in paths:
        (kind,) = kinds_of(path)
        assert wrong(kind, path.read_text()) == [], path


def test_all_yaml_of_golden_meshes_without_errors_is_valid() -> None:
    """If a command succeeds, editors mark nothing."""
    fine = [
        path for path in (ROOT / "tests/golden").glob("*/output") if path.read_text().endswith("exit 0\n")
    ]
    checked = set()
    for output in fine:
        for path in output.parent.glob("mesh/**/*.yml"):
            for kind in kinds_of(path):
                assert wrong(kind, path.read_text()) == [], path
                checked.add(kind)
    assert checked >= {SchemaFile.ORG, SchemaFile.DOMAIN, SchemaFile.DEPLOYMENT, SchemaFile.NAMING}


def test_every_kind_of_file_has_a_place() -> None:
    folder = "orgs/acme/domains/transport/projects/taxinyc"
    places = {
        "org": "orgs/acme/org.yml",
        "domain": "orgs/acme/domains/transport/domain.yml",
        "project": f"{folder}/project.yml",
        "deployment": f"{folder}/flows/ml/taximodel/training/deployment.yml",
        "compute": "orgs/acme/compute.yml",
        "defaults": f"{folder}/defaults.yml",
        "naming": f"{folder}/.brickopscfg/config.yml",
    }
    assert {kind: kinds_of(ROOT / place) for kind, place in places.items()} == {
        kind: [SchemaFile(kind)] for kind in places
    }


@pytest.mark.parametrize(
    ("file", "document"),
    [
        ("org", ""),
        ("org", "description:"),
        ("org", "environments: {prod: {mode: production, workspace: 'https://x'}}\nmetastores: {main: {}}"),
        ("org", "roles: {auditor: {catalog: [USE_CATALOG], schema: [SELECT]}}"),
        ("org", "environments: {dev: {backend: {s3: {bucket: a, region: b, key: '{state}'}}}}"),
        ("org", "environments: {dev: {backend: {pg: {}}}, test: {backend: {local: }}}"),
        ("domain", "owner: team\ngrants: [{principal: a, role: reader}]"),
        ("project", "volumes: {lánding-1: {schema: revenue}}"),
        ("project", "grants: [{principal: a, privileges: [SELECT], schema: revenue}]"),
        ("deployment", "tasks: [{task_key: kjøretøy, serverless: true}]"),
        ("deployment", "schemas: [a, b]"),
        ("deployment", "schemas: {a: {comment: x}}"),
        ("deployment", "renamed_from: old"),
        ("deployment", "environments: {prod: {schedule: null, tasks: [{task_key: a, max_retries: 3}]}}"),
        ("deployment", "environments: [{environment_key: libs, spec: {environment_version: '3'}}]"),
        ("deployment", "renamed_from: [old, prep/older]"),
        (
            "deployment",
            "tasks: [{task_key: a, new_cluster: {data_security_mode: NEWER}}]",
        ),
        ("deployment", "performance_target: null"),
        ("compute", "sql_warehouses: {shared: {cluster_size: Small, spot_instance_policy: NEWER}}"),
        ("compute", "cluster_policies: {small: {definition: {cluster_type: {type: fixed, value: job}}}}"),
        ("compute", "job_clusters: {small: {node: {min_cores: 4}, autoscale: {min_workers: 1}}}"),
        ("naming", "naming: {db: {other: '{env}_{db}'}, unknown: {}}"),
        ("naming", "other: {tool: 1}"),
    ],
)
def test_valid_files_are_not_underlined(file: str, document: str) -> None:
    assert wrong(file, document or "{}") == []


@pytest.mark.parametrize(
    ("file", "document", "message"),
    [
        ("org", "ownr: team", "'ownr' was unexpected"),
        ("org", "description: 5", "description: 5 is not valid"),
        ("org", "environments: {prod: {mode: prod}}", "environments.prod.mode: 'prod' is not valid"),
        ("org", "metastores: {m: {backend: {s4: {}}}}", "metastores.m.backend"),
        ("org", "metastores: {m: {backend: {s3: {bukket: a}}}}", "metastores.m.backend"),
        ("org", "metastores: {m: {backend: {s3: {bucket: a, secret_key: x}}}}", "metastores.m.backend"),
        ("domain", "grants: [{principal: a, privileges: [SELEKT]}]", "['SELEKT'] is not valid"),
        ("domain", "grants: [{role: reader}]", "grants.0: 'principal' is a required property"),
        ("domain", "grants: {principal: a}", "is not of type 'array'"),
        ("project", "volumes: {landing: {}}", "volumes.landing: 'schema' is a required property"),
        ("project", "volumes: {a/b: {schema: x}}", "volumes: 'a/b' does not match"),
        ("deployment", "tasks: [{task_key: 'a b'}]", "tasks"),
        ("deployment", "tasks: []", "tasks: [] should be non-empty"),
        ("deployment", "schedule: {quartz_cron_expression: x}", "schedule"),
        ("deployment", "tasks: [{task_key: a, sql_task: {fil: {}}}]", "'fil' was unexpected"),
        ("deployment", "environments: {prod: {schedul: null}}", "environments"),
        ("deployment", "schedule: {pause_status: paused}", "'paused' is not one of"),
        ("deployment", "tasks: [{task_key: a, notebook_task: {source: HERE}}]", "tasks"),
        ("deployment", "tasks: [{task_key: a, run_if: MOST_SUCCESS}]", "'MOST_SUCCESS' is not one of"),
        ("deployment", "max_concurrent_runs: -1", "max_concurrent_runs"),
        (
            "deployment",
            "parameters: [{name: a, default: [5]}]",
            "parameters.0.default: [5] is not valid under any of the given schemas",
        ),
        ("compute", "clusters: {shared: {node: {}}}", "'spark_version' is a required property"),
        ("compute", "job_clusters: {small: {num_wokers: 1}}", "'num_wokers' was unexpected"),
        ("defaults", "colour: red", "'colour' was unexpected"),
        ("naming", "naming: {db: {prod: '{db}'}}", "'other' is a required property"),
        ("naming", "naming: {db: {other: 'a b'}}", "does not match"),
    ],
)
def test_typical_mistakes_are_underlined(file: str, document: str, message: str) -> None:
    found = wrong(file, document)

    assert any(message in one for one in found), found


def test_one_command_rewrites_all_schemas(tmp_path: Path) -> None:
    start = [sys.executable, "-c", "from mesh.cli.main import main; main()", "schema"]

    done = subprocess.run([*start, "--write"], cwd=tmp_path, capture_output=True, text=True, check=True)
    one = subprocess.run([*start, "org"], cwd=tmp_path, capture_output=True, text=True, check=True)
    neither = subprocess.run(start, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.stdout.splitlines() == [f"wrote {FOLDER}/{file}.json" for file in SchemaFile]
    assert write_schemas(tmp_path) == [f"{FOLDER}/{file}.json" for file in SchemaFile]
    assert one.stdout == (tmp_path / FOLDER / "org.json").read_text()
    assert (neither.returncode, "--write" in neither.stderr) == (2, True)


def object_schema(**fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "additionalProperties": False}


LONG = object_schema(**{name: {"type": "string", "description": "What it is."} for name in "abcde"})


TEXT = {"type": "string"}


def test_an_object_that_is_described_twice_gets_the_name_of_its_field() -> None:
    schema = object_schema(one={"description": "First.", **LONG}, many={"type": "array", "items": LONG})

    assert defined_once(schema) == {
        "type": "object",
        "properties": {
            "one": {"description": "First.", "$ref": "#/$defs/one"},
            "many": {"type": "array", "items": {"$ref": "#/$defs/one"}},
        },
        "additionalProperties": False,
        "$defs": {"one": LONG},
    }


def test_short_or_unique_descriptions_are_not_moved() -> None:
    schema = object_schema(a=object_schema(x=TEXT), b=object_schema(x=TEXT), c=LONG)

    assert defined_once(schema) == schema


def test_parts_of_a_moved_object_move_only_if_they_are_used_elsewhere() -> None:
    outer = object_schema(inner=LONG, x=TEXT)

    assert defined_once(object_schema(a=outer, b=outer))["$defs"] == {"a": outer}
    assert defined_once(object_schema(a=outer, b=outer, c=LONG))["$defs"] == {
        "a": object_schema(inner={"$ref": "#/$defs/c"}, x=TEXT),
        "c": LONG,
    }


def test_two_objects_with_one_name_get_two_definitions() -> None:
    other = object_schema(**LONG["properties"], f=TEXT)
    places = (
        object_schema(x=LONG),
        object_schema(x=LONG, y=TEXT),
        object_schema(x=other),
        object_schema(x=other, y=TEXT),
    )

    made = defined_once({"type": "object", "anyOf": [*places]})

    assert made["$defs"] == {"x": LONG, "x_2": other}


def test_existing_definitions_replace_equal_objects() -> None:
    schema = object_schema(a=LONG, b={"$ref": "#/$defs/Second"}) | {"$defs": {"First": LONG, "Second": LONG}}

    made = defined_once(schema)

    assert made["properties"] == {"a": {"$ref": "#/$defs/First"}, "b": {"$ref": "#/$defs/Second"}}
    assert made["$defs"] == {"First": LONG, "Second": {"$ref": "#/$defs/First"}}
