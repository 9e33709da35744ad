"""`mesh show`: one flow or project, with the origin of each value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from mesh.commands.show.fact_tree import Fact, Facts, as_json, as_tree
from mesh.commands.show.show import show
from mesh.errors import UsageError
from mesh.git.checkout import GitContext
from mesh.load import load
from tests.mesh.conftest import FLOW, ONE_FLOW, PROJECT

COMMIT = "c" * 40
ORG = "orgs/acme/org.yml"
Shown = Callable[..., dict[str, Any]]


def facts(root: Path, files: Mapping[str, str], path: str, env: str, environ: Mapping[str, str]) -> Facts:
    """The facts about `path` in a mesh of these files."""
    for file, text in files.items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(text)
    mesh = load(root)
    git = GitContext(root, "ola@acme.example", "https://github.com/acme/mesh", "main", commit=COMMIT)
    return show(mesh, mesh.in_environment(env, git), path, environ)


@pytest.fixture
def shown(tmp_path: Path) -> Shown:
    """The JSON of one flow."""

    def of(
        files: Mapping[str, str], path: str = "prep/revenue", env: str = "dev", **environ: str
    ) -> dict[str, Any]:
        return as_json(facts(tmp_path, {**ONE_FLOW, **files}, path, env, environ))

    return of


def said(fact: Any) -> tuple[Any, str]:
    """Value and origin."""
    return fact["value"], fact["from"]


def all_facts(tree: Any) -> Iterator[Any]:
    """All facts, at any depth."""
    for inner in tree.values():
        if inner.keys() == {"value", "from"} and isinstance(inner["from"], str):
            yield inner
        else:
            yield from all_facts(inner)


@pytest.mark.parametrize(
    ("schedule", "env", "expected"),
    [
        ("", "dev", ("PAUSED", "mode development, built in")),
        ("", "prod", ("UNPAUSED", "mode production, built in")),
        (", pause_status: UNPAUSED", "dev", ("UNPAUSED", f"{FLOW}/deployment.yml:1")),
        (", pause_status: PAUSED", "prod", ("PAUSED", f"{FLOW}/deployment.yml:1")),
    ],
)
def test_a_paused_schedule_has_its_reason(
    shown: Shown, schedule: str, env: str, expected: tuple[str, str]
) -> None:
    """The flow itself, or the mode of the environment."""
    flow = (
        f'schedule: {{quartz_cron_expression: "0 0 1 * * ?", timezone_id: UTC{schedule}}}\n'
        "tasks: [{task_key: a, serverless: true}]"
    )
    found = shown({f"{FLOW}/deployment.yml": flow}, env=env)
    assert said(found["job"]["schedule"]["pause_status"]) == expected


def test_a_declared_mode_has_the_line_of_org_yml(shown: Shown) -> None:
    """The reader sees where to change it."""
    org = "environments:\n  dev:\n    workspace: https://dev.acme.example\n    mode: development\n"
    found = shown({ORG: org, f"{PROJECT}/defaults.yml": "email_notifications: {on_start: [a@b.example]}"})
    assert said(found["job"]["email_notifications"]) == (
        "not sent in development",
        f"mode development, {ORG}:4",
    )
    assert said(found["environment"]["workspace"]) == ("https://dev.acme.example", f"{ORG}:3")
    assert said(found["environment"]["metastore"]) == ("main", "built in")


def test_the_code_source_is_shown_with_its_origin(shown: Shown) -> None:
    """The origin is the file and line that set it."""
    declared = "environments: {dev: {}, own: {code: workspace}}"
    assert said(shown({ORG: declared}, env="dev")["code"]["taken_from"]) == (
        f"git https://github.com/acme/mesh at {COMMIT}",
        "built in",
    )
    value, origin = said(shown({ORG: declared}, env="own")["code"]["taken_from"])
    assert value.startswith("workspace files in /Users/ola@acme.example/mesh/acme-transport-taxinyc-own-")
    assert origin == f"{ORG}:1"


def test_the_nearest_naming_template_is_shown_with_its_line(shown: Shown) -> None:
    """A template of the project overrides one of the org; templates that no file declares are built in."""
    template = "job_clusters:\n  small:\n    spark_version: 15.4.x-scala2.12\n    num_workers: {}\n    node_type_id: m\n"
    task = "tasks: [{{task_key: a, job_cluster_key: {}}}]"
    files = {"orgs/acme/compute.yml": template.format(1), f"{FLOW}/deployment.yml": task.format("small")}
    assert said(shown(files)["tasks"]["a"]["compute"]) == ("job cluster small", "orgs/acme/compute.yml:2")
    files[f"{PROJECT}/compute.yml"] = template.format(2)
    found = shown(files)
    assert said(found["tasks"]["a"]["compute"]) == ("job cluster small", f"{PROJECT}/compute.yml:2")
    assert said(found["job_clusters"]["small"]["num_workers"]) == (2, f"{PROJECT}/compute.yml:2")
    files[f"{FLOW}/deployment.yml"] = task.format("common-job-cluster")
    assert said(shown(files)["tasks"]["a"]["compute"]) == ("job cluster common-job-cluster", "built in")


def test_a_variable_that_overrides_git_is_the_origin(shown: Shown) -> None:
    """A value from neither is built in."""
    found = shown({}, MESH_GIT_COMMIT=COMMIT, MESH_USER="ola@acme.example")
    assert said(found["code"]["source_commit"]) == (COMMIT, "MESH_GIT_COMMIT")
    assert said(found["deployment"]["identity"]["user"]) == ("ola@acme.example", "MESH_USER")


def test_a_role_is_shown_as_privileges_with_its_name(shown: Shown) -> None:
    """For each principal, with all positions that grant something."""
    org = "grants: [{principal: auditors, privileges: [BROWSE]}]"
    domain = "grants:\n- {principal: auditors, role: reader}\n"
    found = shown({ORG: org, "orgs/acme/domains/transport/domain.yml": domain})
    [catalog] = found["catalog"].values()
    assert said(catalog["grants"]["auditors"]) == (
        ["BROWSE", "EXECUTE", "READ_VOLUME", "SELECT", "USE_CATALOG", "USE_SCHEMA"],
        f"{ORG}:1; role reader, orgs/acme/domains/transport/domain.yml:2",
    )


def test_everything_has_an_origin(shown: Shown) -> None:
    """A file and line, a variable, git, the run_as or what is built in."""
    for path in ("prep/revenue", "acme/transport/taxinyc"):
        for env in ("local", "dev", "prod"):
            found = list(all_facts(shown({}, path, env)))
            assert len(found) >= 20
            assert [fact for fact in found if not fact["from"]] == []


def test_a_flow_without_tasks_has_no_job(shown: Shown) -> None:
    """Its data is shown."""
    found = shown({f"{FLOW}/deployment.yml": "schemas: [revenue]"}, env="prod")
    assert said(found["job"]["name"])[0] == "none: the flow has no tasks"
    assert list(found["schemas"]) == ["transport.revenue"]


def test_all_parts_of_a_flow_show_their_shared_schema(shown: Shown) -> None:
    """Only the first part creates it."""
    part = f"{PROJECT}/flows/ml/taximodel"
    files = {f"{part}/{name}/deployment.yml": ONE_FLOW[f"{FLOW}/deployment.yml"] for name in ("train", "use")}
    files |= {f"{part}/{name}/a.py": "" for name in ("train", "use")}
    for name in ("train", "use"):
        assert list(shown(files, f"taximodel/{name}", "prod")["schemas"]) == ["transport.taximodel"]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("revenu", "`revenu` is not in the mesh (did you mean `revenue`?)"),
        ("prep/tips", "`prep/tips` is not in the mesh (did you mean `prep/trips`?)"),
        (
            "transport",
            "`transport` matches several projects or flows (write one of acme/transport/taxinyc, "
            "acme/transport/taxinyc/prep/revenue, acme/transport/taxinyc/prep/trips)",
        ),
        ("empty", "project `empty` has no flows, so it is not deployed"),
        ("costs", "`costs` is not deployed in `dev` (environments of globex: local, prod)"),
    ],
)
def test_an_unknown_path_is_refused_with_the_nearest_path(tmp_path: Path, path: str, message: str) -> None:
    """Wrong usage, never a traceback."""
    other = "orgs/globex/domains/finance/projects/costs/flows/prep/monthly"
    files = {
        **ONE_FLOW,
        f"{PROJECT}/flows/prep/trips/deployment.yml": ONE_FLOW[f"{FLOW}/deployment.yml"],
        f"{PROJECT}/flows/prep/trips/a.py": "",
        "orgs/acme/domains/finance/projects/empty/project.yml": "owner: x",
        "orgs/globex/org.yml": "environments: {prod: {run_as: {service_principal_name: sp}}}",
        f"{other}/deployment.yml": ONE_FLOW[f"{FLOW}/deployment.yml"],
        f"{other}/a.py": "",
    }
    with pytest.raises(UsageError) as caught:
        facts(tmp_path, files, path, "dev", {})
    assert str(caught.value) == message


@pytest.mark.parametrize("width", [40, 80, 300])
def test_long_names_are_wrapped_and_never_truncated(width: int) -> None:
    """For terminals of any width; control characters are escaped."""
    name = "x" * 120
    tree = as_tree(Facts("flow", [Fact("job", name, "a.yml:1"), Fact("note", "a\x1b[2Jb\n", "b.yml:2")]))
    console = Console(width=width, file=StringIO())
    console.print(tree)
    assert isinstance(console.file, StringIO)
    text = console.file.getvalue()
    assert text.replace("\\x1b", "").count("x") == 120
    assert "…" not in text
    assert "\x1b" not in text
