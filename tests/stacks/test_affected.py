"""Compares the list of `mesh affected` with the synthesized stacks of both commits, byte for byte."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from mesh.commands import affected as comparison
from mesh.commands.affected import AffectedStack
from mesh.deployment.fingerprint import IGNORED_FIELDS
from mesh.load import load
from mesh.model.code import CodeFile
from tests.support.git_repository import Repository
from tests.support.synthesis import synthesized

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENTS = ("local", "dev", "prod")
NOTEBOOK = "# Databricks notebook source\n"
SERVERLESS = "tasks: [{task_key: a, serverless: true}]\n"
ACME = "orgs/acme"
TRANSPORT = f"{ACME}/domains/transport"
TAXINYC = f"{TRANSPORT}/projects/taxinyc"
BIKES = f"{TRANSPORT}/projects/bikes"
LEDGER = f"{ACME}/domains/finance/projects/ledger"
PRICES = "orgs/nordlys/domains/energy/projects/prices"
REVENUE = f"{TAXINYC}/flows/prep/revenue"
ORG = """\
environments:
  dev: {metastore: main}
  prod: {metastore: main, branch: main, run_as: {service_principal_name: sp-acme}}
groups:
  analysts: {}
  students: {make: true}
service_principals:
  sp-acme: {application_id: 7f1c0d6e-0000-4000-8000-000000000001}
"""
FILES = {
    ".gitignore": "/out/\n/.mesh/\n*.tmp\n",
    "README.md": "1",
    "tests/test_revenue.py": "1",
    "docs/names.md": "1",
    f"{ACME}/org.yml": ORG,
    f"{ACME}/compute.yml": "job_clusters:\n  nightly: {num_workers: 1, spark_version: 15.4.x-scala2.12, node: {min_cores: 4}}\n"
    "clusters:\n  shared: {num_workers: 1, spark_version: 15.4.x-scala2.12, node_type_id: x, "
    "permissions: [{group_name: analysts, permission_level: CAN_RESTART}]}\n",
    f"{TRANSPORT}/domain.yml": "code: [libs/]\ndescription: Moving\n",
    f"{TRANSPORT}/libs/fares.py": "1",
    f"{TRANSPORT}/defaults.yml": "tags: {cost: transport}\n",
    f"{TAXINYC}/project.yml": "description: Taxis\n",
    f"{REVENUE}/deployment.yml": "schedule: {quartz_cron_expression: 0 0 5 * * ?, timezone_id: UTC}\n"
    "tasks: [{task_key: a, job_cluster_key: nightly, max_retries: 1}]\n",
    f"{REVENUE}/a.py": NOTEBOOK,
    f"{REVENUE}/rates.csv": "1",
    f"{TAXINYC}/libs/taxi/money.py": "CENTS = 100\n",
    f"{TAXINYC}/libs/taxi/time.py": "HOURS = 24\n",
    f"{BIKES}/project.yml": "description: Bikes\n",
    f"{BIKES}/flows/prep/rides/deployment.yml": "schemas: {rides: {}}\n",
    f"{LEDGER}/flows/prep/balance/deployment.yml": "reads: {taxi: transport/taxinyc/prep/revenue}\n"
    + SERVERLESS,
    f"{LEDGER}/flows/prep/balance/a.py": NOTEBOOK,
    f"{LEDGER}/flows/prep/close/deployment.yml": "tasks: [{task_key: run, run_job_task: {flow: taxinyc/prep/revenue}}]\n",
    "orgs/nordlys/org.yml": "environments:\n  prod: {run_as: {service_principal_name: 3f9a1c52-7d42-4b87-a1a5-0a83a6d0b6f1}}\n",
    f"{PRICES}/flows/prep/spot/deployment.yml": SERVERLESS
    + "environments:\n  prod: {tasks: [{task_key: a, serverless: true, "
    "notebook_task: {notebook_path: orgs/nordlys/tools/a, source: GIT}}]}\n",
    f"{PRICES}/flows/prep/spot/a.py": NOTEBOOK,
    "orgs/nordlys/tools/a.py": NOTEBOOK,
    f"{PRICES}/flows/prep/spot/notes.md": "1",
}
Stacks = Mapping[str, str]


@dataclass(frozen=True)
class Case:
    """A change, and what it affects.

    Args:
        files: what is written; None removes.
        stacks: by environment, those that are listed, without whose deployment it is.
        because: for each of them, a part of its reasons.
        anyway: whether more may be listed than differ, since the reason says that nobody can tell.
        then: a second commit.
        moves: folders that are renamed before.
    """

    files: Mapping[str, str | None]
    stacks: Mapping[str, Iterable[str]]
    because: str
    anyway: bool = False
    then: Mapping[str, str | None] = field(default_factory=dict)
    moves: Mapping[str, str] = field(default_factory=dict)


TAXI = "acme-transport-taxinyc"
EVERY_PROJECT = ("acme-transport-taxinyc", "acme-transport-bikes", "acme-finance-ledger")


def each(stacks: Iterable[str], *environments: str) -> dict[str, list[str]]:
    """These projects in these environments."""
    return {env: [f"{one}-{env}" for one in stacks] for env in environments or ENVIRONMENTS}


# in dev and here, names of others hold their commit; production's do not
WITH_READER = each([TAXI], "prod") | each([TAXI, "acme-finance-ledger"], "dev", "local")

CASES = {
    "a notebook": Case({f"{REVENUE}/a.py": f"{NOTEBOOK}print(2)\n"}, WITH_READER, f"{REVENUE}/a.py changed"),
    "a file beside a notebook": Case(
        {f"{REVENUE}/rates.csv": "2"}, WITH_READER, f"{REVENUE}/rates.csv changed"
    ),
    "what the flows of a project share": Case(
        {f"{TAXINYC}/libs/taxi/money.py": "CENTS = 10\n"},
        WITH_READER,
        f"{TAXINYC}/libs/taxi/money.py changed",
    ),
    "what no stack is made of": Case(
        {"README.md": "2", "tests/test_revenue.py": "2", "docs/names.md": "2", f"{TRANSPORT}/README.md": "2"},
        {},
        "",
    ),
    "a comment in a project without a job": Case(
        {f"{BIKES}/project.yml": "description: Bikes # two wheels\n"},
        each(["acme-transport-bikes"], "dev", "local"),  # names hold the commit
        f"{BIKES}/project.yml changed",
    ),
    "a schedule": Case(
        {f"{REVENUE}/deployment.yml": FILES[f"{REVENUE}/deployment.yml"].replace("0 5", "0 6")},
        WITH_READER,
        f"{REVENUE}/deployment.yml changed",
    ),
    "a line that moves what stands below it": Case(
        {f"{ACME}/compute.yml": "# what many share\n" + FILES[f"{ACME}/compute.yml"]},
        each([TAXI, "acme-finance-ledger"], "prod") | each(EVERY_PROJECT, "dev", "local"),
        f"{ACME}/compute.yml changed",
    ),
    "a domain's description": Case(
        {f"{TRANSPORT}/domain.yml": "code: [libs/]\ndescription: Everything that moves\n"},
        {
            "prod": ["acme-foundation-main", f"{TAXI}-prod"],
            "dev": ["acme-foundation-main", *(f"{one}-dev" for one in EVERY_PROJECT)],
            "local": ["acme-foundation-local", *(f"{one}-local" for one in EVERY_PROJECT)],
        },
        f"{TRANSPORT}/domain.yml changed",
    ),
    "shared code": Case(
        {f"{TRANSPORT}/libs/fares.py": "2"},
        each([TAXI], "prod") | each(EVERY_PROJECT, "dev", "local"),
        f"{TRANSPORT}/libs/fares.py changed",
    ),
    "a domain's defaults": Case(
        {f"{TRANSPORT}/defaults.yml": "tags: {cost: moving}\n"},
        each([TAXI], "prod") | each(EVERY_PROJECT, "dev", "local"),
        f"{TRANSPORT}/defaults.yml changed",
    ),
    "an org's clusters": Case(
        {f"{ACME}/compute.yml": FILES[f"{ACME}/compute.yml"].replace("num_workers: 1", "num_workers: 2")},
        {
            env: [
                f"acme-workspace-{env}",
                *(f"{one}-{env}" for one in EVERY_PROJECT if (env, one) != ("prod", "acme-transport-bikes")),
            ]
            for env in ENVIRONMENTS
        },
        f"{ACME}/compute.yml changed",
    ),
    "a principal": Case(
        {f"{ACME}/org.yml": ORG.replace("000000000001", "000000000002")},
        {
            "prod": [
                "acme-foundation-main",
                "acme-workspace-prod",
                *(f"{one}-prod" for one in EVERY_PROJECT),
            ],
            "dev": ["acme-foundation-main", *(f"{one}-dev" for one in EVERY_PROJECT)],
            "local": [f"{one}-local" for one in EVERY_PROJECT],
        },
        f"{ACME}/org.yml changed",
    ),
    "where state is kept": Case(
        {
            f"{ACME}/org.yml": ORG.replace(
                "dev: {metastore: main}", "dev: {metastore: main, backend: {local: {path: s}}}"
            ).replace("groups:", "metastores: {main: {backend: {local: {path: .mesh/state}}}}\ngroups:")
        },
        {
            "prod": [f"{one}-prod" for one in EVERY_PROJECT if one != "acme-transport-bikes"],
            "dev": ["acme-workspace-dev", *(f"{one}-dev" for one in EVERY_PROJECT)],
            "local": [f"{one}-local" for one in EVERY_PROJECT],
        },
        f"{ACME}/org.yml changed",
    ),
    "what is for people and checks": Case(
        {f"{ACME}/org.yml": ORG.replace("branch: main", "branch: release")},
        {
            "prod": [f"{one}-prod" for one in EVERY_PROJECT if one != "acme-transport-bikes"],
            "dev": [f"{one}-dev" for one in EVERY_PROJECT],
            "local": [f"{one}-local" for one in EVERY_PROJECT],
        },
        f"{ACME}/org.yml changed",
    ),
    "a grant": Case(
        {f"{BIKES}/project.yml": "description: Bikes\ngrants: [{principal: analysts, role: reader}]\n"},
        {
            "prod": ["acme-foundation-main", "acme-transport-bikes-prod"],
            "dev": ["acme-foundation-main", "acme-transport-bikes-dev"],
            "local": ["acme-foundation-local", "acme-transport-bikes-local"],
        },
        f"{BIKES}/project.yml changed",
    ),
    "naming templates": Case(
        {
            ".brickopscfg/config.yml": 'naming: {job: {prod: "{domain}_{flow}", other: "{flow}_{username}_{gitbranch}_{gitshortref}"}}\n'
        },
        each([*EVERY_PROJECT, "nordlys-energy-prices"], "local")
        | each(EVERY_PROJECT, "dev")
        | each([TAXI, "acme-finance-ledger", "nordlys-energy-prices"], "prod"),
        ".brickopscfg/config.yml added",
    ),
    "a file elsewhere that a task names": Case(
        {"orgs/nordlys/tools/a.py": f"{NOTEBOOK}print(2)\n"},
        each(["nordlys-energy-prices"], "prod"),
        "orgs/nordlys/tools/a.py changed",
    ),
    "a new project": Case(
        {
            f"{TRANSPORT}/projects/trams/flows/prep/lines/{name}": text
            for name, text in (("deployment.yml", SERVERLESS), ("a.py", NOTEBOOK))
        },
        each(["acme-transport-trams"]),
        f"{TRANSPORT}/projects/trams/flows/prep/lines/a.py added",
    ),
    "a project that is gone": Case(
        {f"{BIKES}/project.yml": None, f"{BIKES}/flows/prep/rides/deployment.yml": None},
        each(["acme-transport-bikes"]),
        f"{BIKES}/project.yml removed",
    ),
    "a project of another name": Case(
        {f"{TRANSPORT}/projects/cycles/project.yml": "description: Bikes\nrenamed_from: bikes\n"},
        each(["acme-transport-cycles"]),
        f"{BIKES}/project.yml removed",
        moves={BIKES: f"{TRANSPORT}/projects/cycles"},
    ),
    "an environment more": Case(
        {f"{ACME}/org.yml": ORG.replace("dev:", "test: {metastore: main}\n  dev:")},
        {
            "prod": [f"{one}-prod" for one in EVERY_PROJECT if one != "acme-transport-bikes"],
            "dev": [f"{one}-dev" for one in EVERY_PROJECT],
            "local": [f"{one}-local" for one in EVERY_PROJECT],
            "test": [
                "acme-foundation-main",
                "acme-workspace-test",
                *(f"{one}-test" for one in EVERY_PROJECT),
            ],
        },
        f"{ACME}/org.yml changed",
    ),
    "what was put back": Case(
        {f"{REVENUE}/rates.csv": "2"},
        WITH_READER,
        "touched it without changing its files",
        then={f"{REVENUE}/rates.csv": "1"},
    ),
    "the versions that all is built on": Case(
        {"requirements.txt": "cdktf==0.21.1\n"},
        {
            "dev": ["acme-foundation-main", "acme-workspace-dev", *(f"{one}-dev" for one in EVERY_PROJECT)],
            "prod": [
                "acme-foundation-main",
                "acme-workspace-prod",
                *(f"{one}-prod" for one in (*EVERY_PROJECT, "nordlys-energy-prices")),
                "nordlys-foundation-main",
            ],
            "local": [
                "acme-foundation-local",
                "acme-workspace-local",
                *(f"{one}-local" for one in (*EVERY_PROJECT, "nordlys-energy-prices")),
                "nordlys-foundation-local",
            ],
        },
        "the program that generates all stacks changed: requirements.txt added",
        anyway=True,
    ),
}


def whoever(stack: str) -> str:
    """Returns a stack's name without its deployment."""
    return re.sub(r"-ola\.nordmann@acme\.example-work-[0-9a-f]{8}$", "", stack)


def environments(repository: Repository) -> list[str]:
    return list(dict.fromkeys(name for org in load(repository.path).orgs for name in org.environments))


def everything(repository: Repository) -> dict[str, Stacks]:
    """Every stack of every environment, by what it is called for whoever deploys it."""
    mesh = load(repository.path)
    return {
        env: {
            whoever(name): text
            for name, text in synthesized(mesh.in_environment(env), repository.path).items()
        }
        for env in environments(repository)
    }


def changed(repository: Repository, case: Case) -> None:
    """Commits a change on a separate branch."""
    repository.git("switch", "-q", "-C", "work", "base")
    for old, new in case.moves.items():
        repository.git("mv", old, new)
    for files in filter(None, (case.files, case.then)):
        for name in (name for name, text in files.items() if text is None):
            (repository.path / name).unlink()
        repository.commit({name: text for name, text in files.items() if text is not None})


def listed(found: Iterable[AffectedStack]) -> dict[str, list[str]]:
    """The stacks of each environment."""
    stacks: dict[str, list[str]] = {}
    for one in found:
        stacks.setdefault(one.env, []).append(whoever(one.stack))
    return {env: sorted(names) for env, names in stacks.items()}


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A checkout of branch `work`, whose only commit is also the branch `base`."""
    one = Repository.new(tmp_path_factory.mktemp("affected") / "mesh", FILES)
    one.git("remote", "add", "origin", "https://github.com/acme/mesh")
    one.git("branch", "base")
    one.git("switch", "-q", "-c", "work")
    return one


@pytest.fixture(scope="module")
def before(repository: Repository) -> dict[str, Stacks]:
    """The synthesized stacks of the base."""
    repository.git("switch", "-q", "-C", "work", "base")
    return everything(repository)


@pytest.mark.parametrize("name", CASES)
def test_affected_stacks_are_those_with_changed_json(
    name: str, repository: Repository, before: dict[str, Stacks]
) -> None:
    """No stack is missing; extra stacks need a reason that says the effect is unknown."""
    case = CASES[name]
    changed(repository, case)
    after = everything(repository)
    found = comparison.affected(load(repository.path), "base", environments(repository)).stacks

    differs = {
        (env, stack)
        for env in {*before, *after}
        for stack in {*before.get(env, {}), *after.get(env, {})}
        if before.get(env, {}).get(stack) != after.get(env, {}).get(stack)
    }
    there = {(one.env, whoever(one.stack)) for one in found}
    # a project of another name keeps its state, so it is one stack that changed
    renamed = {(env, "acme-transport-bikes-" + env) for env in ENVIRONMENTS} if case.moves else set()
    assert differs - renamed <= there
    assert case.anyway or there == differs - renamed
    assert listed(found) == {env: sorted(stacks) for env, stacks in case.stacks.items()}
    assert [one.stack for one in found if not any(case.because in reason for reason in one.reasons)] == []


def test_the_kind_of_change_of_a_stack_is_reported(repository: Repository) -> None:
    """A removed stack still has a state, under its state key."""
    told = {}
    for name in ("a notebook", "a new project", "a project that is gone", "a project of another name"):
        changed(repository, CASES[name])
        [one, *_] = comparison.affected(load(repository.path), "base", ["prod"]).stacks
        told[name] = (one.change, one.project, one.state_key)
    assert told == {
        "a notebook": ("changed", "acme/transport/taxinyc", "acme/transport/taxinyc/prod"),
        "a new project": ("new", "acme/transport/trams", "acme/transport/trams/prod"),
        "a project that is gone": ("removed", "acme/transport/bikes", "acme/transport/bikes/prod"),
        "a project of another name": ("changed", "acme/transport/cycles", "acme/transport/bikes/prod"),
    }


def test_readers_of_renamed_data_are_reported(repository: Repository) -> None:
    changed(repository, CASES["a notebook"])
    found = comparison.affected(load(repository.path), "base", ["dev"]).stacks
    assert {one.project: one.reasons for one in found} == {
        "acme/finance/ledger": (f"it uses acme/transport/taxinyc: {REVENUE}/a.py changed",),
        "acme/transport/taxinyc": (f"{REVENUE}/a.py changed",),
    }


def test_uncommitted_changes_count_for_files_uploaded_to_the_workspace(
    repository: Repository, before: dict[str, Stacks]
) -> None:
    """Jobs with code from git use committed files; ignored files are reported too."""
    repository.git("switch", "-q", "-C", "work", "base")
    repository.write({f"{REVENUE}/a.py": f"{NOTEBOOK}print(3)\n", f"{PRICES}/rates.tmp": "1"})
    found = comparison.affected(load(repository.path), "base", ENVIRONMENTS).stacks
    after = everything(repository)
    repository.git("restore", ".")
    (repository.path / PRICES / "rates.tmp").unlink()
    assert {(one.env, whoever(one.stack)): one.reasons for one in found} == {
        ("local", f"{TAXI}-local"): (f"{REVENUE}/a.py changed",),
        ("local", "nordlys-energy-prices-local"): (".code.files differs",),
    }
    assert after["local"] != before["local"]
    assert after["prod"] == before["prod"]


def test_committed_files_may_be_missing_in_the_working_tree(repository: Repository) -> None:
    repository.git("switch", "-q", "-C", "work", "base")
    (repository.path / TAXINYC / "libs/taxi/time.py").unlink()
    found = comparison.affected(load(repository.path), "base", ENVIRONMENTS).stacks
    repository.git("restore", ".")
    assert [(one.env, one.project) for one in found] == [("local", "acme/transport/taxinyc")]


def _junk(value: Any) -> Any:
    """The same model with changed values in all fields that Terraform does not get."""
    if isinstance(value, Mapping):
        return {key: _junk(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_junk(item) for item in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    if isinstance(value, CodeFile):  # what it holds is compared
        return value
    left_out = {name for kind, names in IGNORED_FIELDS.items() if isinstance(value, kind) for name in names}
    return replace(
        value,
        **{
            one.name: None if one.name in left_out else _junk(getattr(value, one.name))
            for one in fields(value)
        },
    )


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_ignored_model_fields_do_not_affect_the_terraform_json(tmp_path: Path, env: str) -> None:
    """Uses the mesh that sets every field."""
    shutil.copytree(ROOT / "tests/everything", tmp_path / "mesh")
    root = tmp_path / "mesh"
    repository = Repository(root)
    repository.git("init", "-q", "-b", "main")
    repository.git("config", "user.email", "ola.nordmann@acme.example")
    repository.git("config", "user.name", "Ola Nordmann")
    repository.git("remote", "add", "origin", "https://github.com/acme/mesh")
    repository.commit()
    deployed = load(root).in_environment(env)
    made = synthesized(deployed, root)
    junk = replace(
        deployed,
        foundations=tuple(map(_junk, deployed.foundations)),
        deployments=tuple(map(_junk, deployed.deployments)),
    )
    assert synthesized(junk, root) == made
    assert made
