"""Turns `mesh affected --json` into job matrices: `… | matrices.py test prod >> "$GITHUB_OUTPUT"`.

The arguments are the environments in the order of their deployment. The matrices are

- `matrix`: one entry per stack, for the plans of all environments;
- `common`: one entry with the stacks that several environments share;
- `earlier`: one entry per environment but the last, with the other stacks of the environment;
- `shared`: one entry with the removed stacks and the shared stacks of the last environment;
- `projects`: one entry per project of the last environment.

An entry has `env`, `name`, `artifact` and `stacks`: the arguments of `mesh plan`, one per line. A matrix
without entries is empty text. Notes go to stderr.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MAX_JOBS = 256  # of one matrix; GitHub Actions, "Usage limits"

Entry = dict[str, str]


@dataclass(frozen=True)
class AffectedStack:
    """An affected stack.

    Args:
        env: the environment of its plan; of several environments that share it, the last one.
        name: the stack's name.
        path: its argument for `mesh plan`, which is independent of the user that stack names may contain.
        project: True if it is the stack of a project.
        removed: True if the mesh no longer declares it.
        common: True if several environments share it.
    """

    env: str
    name: str
    path: str
    project: bool
    removed: bool
    common: bool


def stacks(affected: Mapping[str, Any], environments: Sequence[str]) -> list[AffectedStack]:
    """The affected stacks without duplicates: a shared stack is listed in each of its environments."""
    listed = [(one, False) for one in affected["matrix"]["include"]]
    listed += [(one, True) for one in affected["removed"]]
    by_state: dict[str, list[tuple[dict[str, Any], bool]]] = {}
    for one in listed:
        by_state.setdefault(one[0]["state_key"], []).append(one)
    result = []
    for same in by_state.values():
        last, removed = max(same, key=lambda one: environments.index(one[0]["env"]))
        path = last["project"] or last["stack"]
        project = bool(last["project"])
        result.append(AffectedStack(last["env"], last["stack"], path, project, removed, len(same) > 1))
    return result


def outputs(affected: Mapping[str, Any], environments: Sequence[str]) -> dict[str, list[Entry]]:
    """The matrices by name."""
    every = stacks(affected, environments)
    last = environments[-1]
    common = [one for one in every if one.common]
    own = [one for one in every if not one.common]
    shared = [one for one in own if one.env == last and (one.removed or not one.project)]
    projects = [one for one in own if one.env == last and one.project and not one.removed]
    earlier = [
        [one for one in own if one.env == env and not one.removed] for env in environments if env != last
    ]
    return {
        "matrix": [*_entries(every)],
        "common": [*_single_entry(common, "common")],
        "earlier": [entry for stacks in earlier for entry in _single_entry(stacks, "own")],
        "shared": [*_single_entry(shared, "shared")],
        "projects": [*_entries(projects)],
    }


def _entries(stacks: Sequence[AffectedStack]) -> Iterator[Entry]:
    """One entry per stack; one per environment where these are too many."""
    if len(stacks) <= MAX_JOBS:
        for number, one in enumerate(stacks, 1):
            yield _entry(one.env, one.name, [one.path], f"{one.env}-{number}")
        return
    print(f"{len(stacks)} stacks, more than {MAX_JOBS} jobs: one job per environment", file=sys.stderr)
    for env in dict.fromkeys(one.env for one in stacks):
        yield from _single_entry([one for one in stacks if one.env == env], "all")


def _single_entry(stacks: Sequence[AffectedStack], label: str) -> Iterator[Entry]:
    if stacks:
        env = stacks[0].env
        yield _entry(env, f"{env}, {label}", [one.path for one in stacks], f"{env}-{label}")


def _entry(env: str, name: str, paths: Iterable[str], artifact: str) -> Entry:
    return {"env": env, "name": name, "artifact": artifact, "stacks": "\n".join(paths)}


if __name__ == "__main__":
    affected, order = json.load(sys.stdin), sys.argv[1:]
    for name, entries in outputs(affected, order).items():
        print(f"{name}={json.dumps({'include': entries}) if entries else ''}")
    for one in stacks(affected, order):
        if one.removed and one.env != order[-1]:
            message = f"{one.name} was removed from the mesh and still exists in {one.env}"
            print(f"{message}: destroy it by hand", file=sys.stderr)
