"""The preview of a pull request: `preview.py projects | comment BRANCH FILE… | failed BRANCH RUN`.

`projects` reads `mesh affected --json` and prints the projects to deploy, one per line. `comment` reads
`mesh affected --json` and `mesh ls --json` from two files and prints the comment on the pull request.
`failed` prints the comment after a failed deployment.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

MARK = "<!-- mesh preview 1 -->"


def projects(affected: dict[str, Any]) -> list[str]:
    """The projects that the branch affects."""
    return [one["project"] for one in affected["matrix"]["include"] if one["project"]]


def comment(branch: str, affected: dict[str, Any], flows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """The lines of the comment; names are code spans, in which Markdown has no effect.

    Args:
        branch: the branch.
        affected: the output of `mesh affected --json`.
        flows: the output of `mesh ls --json`.
    """
    deployed = projects(affected)
    yield MARK
    yield f"### Preview of {_code(branch)}"
    yield ""
    yield "Deployed; every push deploys it again, and closing the pull request removes it with its tables."
    for project in deployed:
        yield f"\n**{_code(project)}**\n"
        for flow in flows:
            if flow["path"].startswith(f"{project}/"):
                yield f"- {_code(flow['path'])}: {', '.join(_resources(flow))}"
    shared = [one["stack"] for one in affected["matrix"]["include"] if not one["project"]]
    if shared:
        names = ", ".join(map(_code, shared))
        yield f"\nShared resources are not previewed: {names} will change when this is merged."


def failed(branch: str, run: str) -> list[str]:
    """The lines of the comment after a failed deployment.

    Args:
        branch: the branch.
        run: the URL of the workflow run.
    """
    return [MARK, f"### Preview of {_code(branch)}", "", f"Not deployed, see [the run]({run})."]


def _resources(flow: dict[str, Any]) -> Iterator[str]:
    for kind in ("job", "pipeline"):
        several = flow.get(f"{kind}s") or ([flow[kind]] if flow[kind] else [])
        yield from (f"{kind} {_code(name)}" for name in several)
    for schema in flow["schemas"]:
        yield f"schema {_code(flow['catalog'] + '.' + schema)}"


def _code(text: str) -> str:
    return f"`{text.replace('`', '')}`"


if __name__ == "__main__":
    if sys.argv[1] == "projects":
        print(*projects(json.load(sys.stdin)), sep="\n")
    elif sys.argv[1] == "failed":
        print(*failed(*sys.argv[2:4]), sep="\n")
    else:
        affected, flows = (json.loads(Path(name).read_text(encoding="utf-8")) for name in sys.argv[3:5])
        print(*comment(sys.argv[2], affected, flows), sep="\n")
