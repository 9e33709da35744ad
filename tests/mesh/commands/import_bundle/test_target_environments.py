"""Targets of a bundle are environments of the org."""

from __future__ import annotations

from pathlib import Path

from tests.mesh.commands.import_bundle.conftest import JOB, Importer

PROD = "{presets: {tags: {a: b}}}"


def test_usual_names_of_targets_are_the_built_in_environments(imported: Importer) -> None:
    made = imported(JOB + f"targets: {{development: {{}}, production: {PROD}}}\n")

    assert made.flow()["environments"] == {"prod": {"tags": {"a": "b"}}}
    assert made.remarks == [
        "6: changed: target `development` (the environment `dev`)",
        "6: changed: target `production` (the environment `prod`)",
    ]


def test_the_name_of_an_environment_wins_over_a_usual_name(imported: Importer) -> None:
    made = imported(JOB + f"targets: {{dev: {{}}, staging: {{}}, test: {PROD}}}\n")

    assert made.flow()["environments"] == {"test": {"tags": {"a": "b"}}}
    assert "target `staging` is no environment of the org" in made.remarks[0]


def test_environments_of_the_org_go_by_their_names(imported: Importer, tmp_path: Path) -> None:
    (tmp_path / "mesh/orgs/acme").mkdir(parents=True)
    (tmp_path / "mesh/orgs/acme/org.yml").write_text("environments: {live: {workspace: local}}\n")

    made = imported(JOB + f"targets: {{dev: {{}}, live: {PROD}, prod: {PROD}}}\n")

    assert made.flow()["environments"] == {"live": {"tags": {"a": "b"}}}
    assert made.remarks == [
        "6: not taken: target `prod` is no environment of the org, so what differs in it is left out "
        "(add it to `environments` of org.yml and import again; environments: live)"
    ]


def test_the_address_of_a_workspace_belongs_to_org_yml(imported: Importer) -> None:
    host = "https://dev.example.com"

    assert imported(JOB + f"targets: {{dev: {{workspace: {{host: '{host}'}}}}}}\n").remarks == [
        "6: not taken: the address of target `dev` "
        f"(write `environments: {{dev: {{workspace: {host}}}}}` in org.yml)"
    ]


def test_another_target_may_be_the_first(imported: Importer) -> None:
    text = JOB + f"targets: {{dev: {{default: true}}, prod: {PROD}}}\n"

    flow = imported(text, target="prod").flow()

    assert flow["tags"] == {"a": "b"}
    assert flow["environments"] == {"dev": {"tags": None}}


def test_settings_without_a_place_in_a_flow_are_told(imported: Importer) -> None:
    text = (
        JOB
        + """\
presets: {name_prefix: x_}
artifacts: {a: {type: whl, build: uv build}}
sync: {include: [x]}
python: {resources: ["resources:load"]}
"""
    )
    assert [one.split(" (")[0] for one in imported(text).remarks] == [
        "6: not taken: preset `name_prefix`",
        "7: not taken: artifact `a` is not built by the mesh",
        "8: not taken: `sync` of the bundle",
        "9: not taken: `python` of the bundle",
    ]
