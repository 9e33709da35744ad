"""Options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

Root = Annotated[
    Path | None,
    typer.Option(
        "--root",
        envvar="MESH_ROOT",
        help="The repository that contains orgs/.",
        show_default="found from the current folder upwards",
    ),
]
CourseRoot = Annotated[
    Path | None,
    typer.Option(
        "--root",
        envvar="MESH_ROOT",
        help="The repository that contains course/.",
        show_default="found from the current folder upwards",
    ),
]
Env = Annotated[
    str, typer.Option("--env", envvar="MESH_ENV", help="The environment: local, dev, test or prod.")
]
OwnRules = Annotated[
    bool,
    typer.Option(
        "--own-rules",
        envvar="MESH_OWN_RULES",
        help="Also run the Python rules in orgs/<org>/rules: code of the repository, with your rights.",
    ),
]
Stacks = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[STACK]...",
        help="Stacks, or paths of projects in the mesh.",
        show_default="all stacks",
    ),
]
AutoApprove = Annotated[bool, typer.Option("--auto-approve", help="Do not ask for confirmation.")]
PARALLELISM = 4  # that of mesh.terraform, which is imported only to run Terraform
Parallelism = Annotated[
    int, typer.Option("--parallelism", min=1, max=64, help="The number of stacks at a time.")
]
Verbose = Annotated[
    bool,
    typer.Option(
        "--verbose",
        help="Print what Terraform prints, each line after the stack's name, and the whole review.",
    ),
]
Events = Annotated[
    bool,
    typer.Option("--json", help="Print one JSON object a line to stdout, for machines; text goes to stderr."),
]
Policy = Annotated[
    Path | None,
    typer.Option(help="The policy file: the severity of each rule.", show_default="review.yml at the root"),
]
Approved = Annotated[
    list[str] | None,
    typer.Option(metavar="RULE", help="An approved rule, such as data-loss; may be repeated."),
]
PullRequest = Annotated[
    Path | None,
    typer.Option(
        help="The text of the pull request, where a line `<rule>: approved` approves a rule; - reads stdin."
    ),
]
Affected = Annotated[
    bool,
    typer.Option("--affected", help="Take the stacks that differ from --base, as `mesh affected` lists."),
]
ContractBase = Annotated[
    str | None,
    typer.Option(
        "--base", help="Also compare contracts with those at this commit: a branch, a hash or HEAD~1."
    ),
]
Local = Annotated[bool, typer.Option("--local", help="Use the workspace on this machine, as a rehearsal.")]


def _write_again(no_cache: bool) -> bool:
    """Passes the option on to all synthesis of this process."""
    if no_cache:
        from mesh.kept.kept_files import NO_CACHE

        os.environ[NO_CACHE] = "1"
    return no_cache


NoCache = Annotated[
    bool,
    typer.Option(
        "--no-cache",
        callback=_write_again,
        help="Read all files again, and write the Terraform code of all stacks and plan them again, also if "
        "unchanged.",
    ),
]


def resolved(root: Path | None) -> Path:
    """The absolute root folder; without `--root`, it is found from the current folder."""
    from mesh.git.root import mesh_root

    return root.resolve() if root else mesh_root()


@contextmanager
def interruptible() -> Iterator[None]:
    """Turns Ctrl-C into exit code 130, as shells expect."""
    try:
        yield
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def named_values(texts: Sequence[str] | None) -> dict[str, str]:
    """The values of `--param NAME=VALUE`.

    Raises:
        typer.BadParameter: a text has another form.
    """
    values: dict[str, str] = {}
    for text in texts or ():
        name, equals, value = text.partition("=")
        if not name or not equals:
            raise typer.BadParameter(f"`{text}` is not NAME=VALUE", param_hint="--param")
        values[name] = value
    return values
