"""Compares the list of `mesh affected` with the synthesized stacks of both commits, byte for byte."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import pytest

from mesh.commands import affected as comparison
from mesh.commands.affected import AffectedStack
from mesh.load import load
from tests.support.affected_changes import CASES, TAXI, Case
from tests.support.affected_mesh import (
    ENVIRONMENTS,
    FILES,
    LEDGER,
    NOTEBOOK,
    PRICES,
    REVENUE,
    SERVERLESS,
    TAXINYC,
)
from tests.support.contracts import text as contract
from tests.support.git_repository import Repository
from tests.support.synthesis import synthesized

Stacks = Mapping[str, str]


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


def test_readers_of_a_contract_are_the_reason_for_grants_on_its_tables(repository: Repository) -> None:
    """No file of the project that provides the contract changes."""
    reader = f"{LEDGER}/flows/prep/balance/deployment.yml"
    reads = 'reads: {taxi: {flow: taxinyc/prep/revenue, contract: revenue, version: "1"}}\n'
    repository.git("switch", "-q", "-C", "work", "base")
    provided = f"consumers: [finance]\n{FILES[f'{REVENUE}/deployment.yml']}"
    repository.commit(
        {
            f"{REVENUE}/contracts/revenue.yaml": contract(),
            f"{REVENUE}/deployment.yml": provided,
            reader: SERVERLESS,
        }
    )

    repository.commit({reader: f"owner: analysts\n{reads}{SERVERLESS}"})
    found = comparison.affected(load(repository.path), "HEAD~1", ["prod"]).stacks
    assert [one.reasons for one in found if one.project == "acme/transport/taxinyc"] == [
        (f"acme/finance/ledger reads its contract: {reader} changed",)
    ]


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
