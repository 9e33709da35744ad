"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Root = Annotated[
    Path | None,
    typer.Option(
        "--root", envvar="MESH_ROOT", help="The repository that holds orgs/.", show_default="current folder"
    ),
]
Env = Annotated[
    str, typer.Option("--env", envvar="MESH_ENV", help="The environment: local, dev, test or prod.")
]
Stacks = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[STACK]...", help="Stacks, or paths of projects in the mesh; by default all of them."
    ),
]
AutoApprove = Annotated[bool, typer.Option("--auto-approve", help="Do not ask before changing anything.")]
Policy = Annotated[
    Path | None, typer.Option(help="How strict rules are.", show_default="review.yml at the root")
]
Approved = Annotated[
    list[str] | None, typer.Option(metavar="RULE", help="A rule whose refusal is approved, as data-loss.")
]
PullRequest = Annotated[
    Path | None,
    typer.Option(help="The pull request's text, in which a line `<rule>: approved` approves; - is stdin."),
]
