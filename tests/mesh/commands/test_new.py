"""`mesh new`: the created files, and the files that stay unchanged."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mesh.commands.choices import ScaffoldLevel
from mesh.commands.new import Scaffold, scaffold, write_scaffold
from mesh.errors import MeshError, OutsideError, UsageError
from mesh.git.checkout import GitContext
from mesh.load import load

FLOW = "globex/sales/orders/prep/daily"
FOLDER = "orgs/globex/domains/sales/projects/orders/flows/prep/daily"


def make(kind: str, path: str, root: Path, **facts: str) -> Scaffold:
    made = scaffold(ScaffoldLevel(kind), path, root, **facts)
    write_scaffold(made, root)
    return made


def files(root: Path) -> dict[str, str]:
    return {str(path.relative_to(root)): path.read_text() for path in root.rglob("*") if path.is_file()}


def deployed(root: Path):
    git = GitContext(
        root=root, head=None, commit="5bd01c2f" * 5, user="ola@acme.example",
        url="https://github.com/acme/mesh", branch="main", prefix="",
    )  # fmt: skip
    return load(root).in_environment("local", git)


def test_one_command_creates_a_flow_and_all_levels_above_it(tmp_path: Path) -> None:
    made = make("flow", FLOW, tmp_path)

    assert list(made.files) == [
        "orgs/globex/org.yml",
        "orgs/globex/domains/sales/domain.yml",
        "orgs/globex/domains/sales/projects/orders/project.yml",
        f"{FOLDER}/deployment.yml",
        f"{FOLDER}/first_table.py",
        f"{FOLDER}/tests/test_first_table.py",
    ]
    assert files(tmp_path) == made.files
    (flow,) = deployed(tmp_path).deployments[0].flows
    assert flow.path == FLOW
    assert [task["task_key"] for task in flow.job.settings["tasks"]] == ["first_table"]


@pytest.mark.parametrize(
    ("kind", "path", "next_command"),
    [
        ("org", "globex", "mesh new domain globex/<domain>"),
        ("domain", "globex/sales", "mesh new project globex/sales/<project>"),
        ("project", "globex/sales/orders", "mesh new flow globex/sales/orders/prep/<flow>"),
        ("flow", FLOW, f"mesh validate && mesh deploy globex/sales/orders && mesh local run {FLOW}"),
        ("flow", "globex/sales/orders/ml/model/training", None),
        ("org", "nord-øst", "mesh new domain nord-øst/<domain>"),
    ],
)
def test_each_new_level_is_valid_and_names_the_next_command(
    kind: str, path: str, next_command: str | None, tmp_path: Path
) -> None:
    made = make(kind, path, tmp_path)

    assert load(tmp_path).orgs[0].name == path.split("/")[0]
    assert next_command in (made.next, None)


def test_creating_each_level_equals_creating_all_at_once(tmp_path: Path) -> None:
    (tmp_path / "steps").mkdir()
    (tmp_path / "once").mkdir()
    parts = FLOW.split("/")
    for kind, depth in (("org", 1), ("domain", 2), ("project", 3), ("flow", 5)):
        make(kind, "/".join(parts[:depth]), tmp_path / "steps")

    make("flow", FLOW, tmp_path / "once")

    assert files(tmp_path / "steps") == files(tmp_path / "once")


def test_the_examples_in_comments_are_valid(tmp_path: Path) -> None:
    """After the `# ` is removed."""
    make("flow", FLOW, tmp_path)
    make("flow", "globex/sales/orders/prep/other", tmp_path)
    (tmp_path / FOLDER / "second_table.py").write_text("# Databricks notebook source\n")
    for path in [*tmp_path.rglob("*.yml")]:
        if "other" not in path.parts:
            first, *rest = path.read_text().splitlines()
            text = "\n".join([first, *(line.removeprefix("# ") for line in rest)])
            path.write_text(text.replace("<flow>", "daily"))

    assert len(deployed(tmp_path).deployments[0].flows) == 2
    assert load(tmp_path).orgs[0].declared.owner == "a-team"


def test_owner_and_description_are_always_text(tmp_path: Path) -> None:
    hostile = 'yes: "no" # ${x} \'{[&*!\n- 5'

    make("domain", "globex/sales", tmp_path, owner="null", description=hostile)

    org = load(tmp_path).orgs[0]
    assert org.domains[0].declared.description == hostile
    assert org.domains[0].declared.owner == "null"
    assert org.declared.owner is None


def test_existing_files_are_kept_and_the_command_can_be_repeated(tmp_path: Path) -> None:
    make("flow", FLOW, tmp_path)
    (tmp_path / FOLDER / "deployment.yml").write_text("description: mine\n")
    (tmp_path / "orgs/globex/org.yml").unlink()  # which may be missing
    before = files(tmp_path)

    again = make("flow", FLOW, tmp_path)

    assert again.files == {}
    names = ("deployment.yml", "first_table.py", "tests/test_first_table.py")
    assert again.existing == tuple(f"{FOLDER}/{name}" for name in names)
    assert files(tmp_path) == before


def test_a_flow_with_the_same_name_gets_another_schema(tmp_path: Path) -> None:
    make("flow", FLOW, tmp_path)
    make("flow", "globex/sales/orders/ml/daily/training", tmp_path)
    make("flow", "globex/sales/orders/ml/daily/serving", tmp_path)

    schemas = {
        flow.path_in_project: flow.schemas for _, project in load(tmp_path).projects for flow in project.flows
    }
    assert schemas["prep/daily"] == ("daily",)
    assert schemas["ml/daily/training"] == schemas["ml/daily/serving"] == ("ml_daily",)
    assert deployed(tmp_path)


def test_a_mesh_without_orgs_has_paths_without_one(tmp_path: Path) -> None:
    (tmp_path / "domains").mkdir()

    made = make("flow", "sales/orders/prep/daily", tmp_path)

    assert next(iter(made.files)) == "domains/sales/domain.yml"
    assert made.next.endswith("mesh local run sales/orders/prep/daily")
    assert deployed(tmp_path).flow("sales/orders/prep/daily")
    with pytest.raises(UsageError, match="no org"):
        make("org", "globex", tmp_path)


@pytest.mark.parametrize(
    ("kind", "path", "code"),
    [
        ("org", "a b", "bad-name"),
        ("org", "..", "bad-name"),
        ("org", "", "bad-name"),
        ("org", "flows", "bad-name"),
        ("org", "x" * 10_000, "bad-name"),
        ("domain", "globex/information_schema", "bad-name"),
        ("domain", "globex/sаles", "bad-name"),  # noqa: RUF001
        ("flow", "globex/sales/orders/../daily", "bad-name"),
        ("flow", "globex/sales/orders/prep/${x}", "bad-name"),
    ],
)
def test_names_follow_the_rules_of_the_mesh(kind: str, path: str, code: str, tmp_path: Path) -> None:
    with pytest.raises(MeshError) as error:
        make(kind, path, tmp_path)

    assert {finding.code for finding in error.value.findings} == {code}
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("kind", "path", "message"),
    [
        ("org", "a/b", "not a path of a new org"),
        ("flow", "globex/sales/orders/prep", "<org>/<domain>/<project>/<flowtype>/<flow>"),
        ("domain", "Acme/sales", "only in case"),
        ("domain", "linked/sales", "is a link"),
        ("domain", "file/sales", "is a file"),
    ],
)
def test_existing_objects_are_reported_before_anything_is_written(
    kind: str, path: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / "orgs/acme").mkdir(parents=True)
    (tmp_path / "orgs/linked").symlink_to(tmp_path / "orgs/acme")
    (tmp_path / "orgs/file").write_text("")
    before = set(tmp_path.rglob("*"))

    with pytest.raises(UsageError, match=message):
        make(kind, path, tmp_path)

    assert set(tmp_path.rglob("*")) == before


def test_a_folder_of_a_mesh_is_refused_as_a_root(tmp_path: Path) -> None:
    (tmp_path / "orgs/acme").mkdir(parents=True)

    with pytest.raises(UsageError, match="is in the mesh at"):
        make("org", "globex", tmp_path / "orgs/acme")


def test_an_invalid_description_is_refused_before_anything_is_written(
    tmp_path: Path,
) -> None:
    with pytest.raises(MeshError) as error:
        make("org", "globex", tmp_path, description="bell \a", owner="dapi" + "0123abcd" * 4)

    assert {f.code for f in error.value.findings} == {"control-character", "secret-in-yaml"}
    assert not list(tmp_path.iterdir())


def test_no_file_is_written_if_one_cannot_be(tmp_path: Path) -> None:
    made = Scaffold({"orgs/a/org.yml": "", "orgs/a/domains/b/domain.yml": "", "orgs/a/org.yml/x": ""}, (), "")

    with pytest.raises(OutsideError, match="nothing was written"):
        write_scaffold(made, tmp_path)

    assert not list(tmp_path.iterdir())


def test_the_command_lists_created_and_kept_files(tmp_path: Path) -> None:
    (tmp_path / "orgs").mkdir()

    def mesh(*arguments: str) -> str:
        start = [sys.executable, "-c", "from mesh.cli.main import main; main()"]
        done = subprocess.run([*start, *arguments], cwd=tmp_path, capture_output=True, text=True, check=True)
        return done.stdout

    assert mesh("new", "org", "globex", "--owner", "platform-team") == (
        "created orgs/globex/org.yml\nnext: mesh new domain globex/<domain>\n"
    )
    assert mesh("new", "org", "globex") == (
        "kept orgs/globex/org.yml, which exists already\nnext: mesh new domain globex/<domain>\n"
    )
    assert json.loads(mesh("validate", "--json")) == []
