"""From what `mesh affected --json` says to matrices of jobs: `… | matrices.py test prod >> "$GITHUB_OUTPUT"`.

The environments stand in the order in which they are deployed. Written are

- `matrix`: an entry for each stack, for plans of all environments;
- `common`: what several environments share, as one entry;
- `earlier`: an entry for each environment but the last, with what is its own;
- `shared`: what is gone and what projects share, in the last environment, as one entry;
- `projects`: an entry for each project of the last environment.

An entry has `env`, `name`, `artifact` and `stacks`: what `mesh plan` takes, a line for each. A matrix of
nothing is empty text. What has to be told goes to stderr.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MOST = 256  # GitHub Actions, "Usage limits": jobs of one matrix

Entry = dict[str, str]


@dataclass(frozen=True)
class Stack:
    """A stack that is affected.

    Args:
        env: where it is planned: of several environments that share it, the last.
        name: the stack.
        path: what `mesh plan` finds it by whoever plans: names of stacks may hold a user.
        project: whether it is a project's.
        removed: whether the mesh has it no more.
        common: whether several environments share it.
    """

    env: str
    name: str
    path: str
    project: bool
    removed: bool
    common: bool


def stacks(found: Mapping[str, Any], environments: Sequence[str]) -> list[Stack]:
    """The stacks, each once: what environments share on one metastore is in all of them."""
    listed = [(one, False) for one in found["matrix"]["include"]]
    listed += [(one, True) for one in found["removed"]]
    by_state: dict[str, list[tuple[dict[str, Any], bool]]] = {}
    for one in listed:
        by_state.setdefault(one[0]["state_key"], []).append(one)
    made = []
    for same in by_state.values():
        last, removed = max(same, key=lambda one: environments.index(one[0]["env"]))
        path = last["project"] or last["stack"]
        project = bool(last["project"])
        made.append(Stack(last["env"], last["stack"], path, project, removed, len(same) > 1))
    return made


def outputs(found: Mapping[str, Any], environments: Sequence[str]) -> dict[str, list[Entry]]:
    """The matrices by name."""
    every = stacks(found, environments)
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
        "common": [*_together(common, "common")],
        "earlier": [entry for stacks in earlier for entry in _together(stacks, "own")],
        "shared": [*_together(shared, "shared")],
        "projects": [*_entries(projects)],
    }


def _entries(stacks: Sequence[Stack]) -> Iterator[Entry]:
    """An entry for each; where these are too many, one for each environment."""
    if len(stacks) <= MOST:
        for number, one in enumerate(stacks, 1):
            yield _entry(one.env, one.name, [one.path], f"{one.env}-{number}")
        return
    print(f"{len(stacks)} stacks are more than {MOST}: one job for each environment", file=sys.stderr)
    for env in dict.fromkeys(one.env for one in stacks):
        yield from _together([one for one in stacks if one.env == env], "all")


def _together(stacks: Sequence[Stack], what: str) -> Iterator[Entry]:
    if stacks:
        env = stacks[0].env
        yield _entry(env, f"{env}, {what}", [one.path for one in stacks], f"{env}-{what}")


def _entry(env: str, name: str, paths: Iterable[str], artifact: str) -> Entry:
    return {"env": env, "name": name, "artifact": artifact, "stacks": "\n".join(paths)}


if __name__ == "__main__":
    said, order = json.load(sys.stdin), sys.argv[1:]
    for name, entries in outputs(said, order).items():
        print(f"{name}={json.dumps({'include': entries}) if entries else ''}")
    for one in stacks(said, order):
        if one.removed and one.env != order[-1]:
            what = f"{one.name} is gone from the mesh, and stays in {one.env}"
            print(f"{what} until somebody destroys it", file=sys.stderr)
