"""The commands that run Terraform: `mesh deploy`, `diff`, `plan`, `drift`, `adopt`, `destroy` and `reap`."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mesh.cli.options import Approved, AutoApprove, Env, Policy, PullRequest, Root, Stacks
from mesh.console import DRIFT_FOUND, POLICY_REFUSES
from mesh.load import load
from mesh.review.formats.format import Format

if TYPE_CHECKING:
    from mesh.commands.deploy import Cdktf
    from mesh.mesh import Mesh

app = typer.Typer()


@app.command()
def deploy(
    stacks: Stacks = None, root: Root = None, env: Env = "local", auto_approve: AutoApprove = False
) -> None:
    """Deploy stacks with cdktf: what they need first, then they themselves."""
    _cdktf(load(root), env).deploy(stacks or [], auto_approve=auto_approve)


@app.command()
def diff(stacks: Stacks = None, root: Root = None, env: Env = "local") -> None:
    """Show what a deployment would change."""
    _cdktf(load(root), env).diff(stacks or [])


@app.command()
def plan(
    out: Annotated[Path, typer.Option("--out", help="The folder for a file per stack.")],
    stacks: Stacks = None,
    root: Root = None,
    env: Env = "local",
    base: Annotated[
        str | None,
        typer.Option(
            "--base", help="A commit: plan also to destroy what the mesh had there and has no more."
        ),
    ] = None,
) -> None:
    """Plan stacks and keep the plans, to be reviewed and applied.

    A stack that cannot be planned leaves a file with the reason, and the exit code is 3; the others are
    planned all the same. Plans hold what states hold: keep them from those who may not see that.
    """
    mesh = load(root)
    _cdktf(mesh, env).plan(stacks or [], out, mesh=mesh, base=base)


@app.command()
def apply(
    plans: Annotated[
        list[Path],
        typer.Argument(metavar="PLAN...", help="What `mesh plan` wrote: its folder, or files."),
    ],
    root: Root = None,
    env: Env = "local",
    policy: Policy = None,
    approved: Approved = None,
    pull_request: PullRequest = None,
    auto_approve: AutoApprove = False,
) -> None:
    """Apply the plans that were saved and reviewed, and nothing else.

    Refused where this checkout writes other Terraform code, or a state has moved on since. Exits with 4 where
    the policy refuses what the plans do.
    """
    from mesh.commands.review import read_rules

    mesh = load(root)
    rules = read_rules(mesh.root, policy, approved or (), pull_request)
    made = _cdktf(mesh, env).apply(
        plans, lambda found: rules.review(found, mesh), mesh=mesh, auto_approve=auto_approve
    )
    if not made:
        sys.exit(POLICY_REFUSES)


@app.command()
def drift(
    stacks: Stacks = None,
    root: Root = None,
    env: Env = "local",
    format: Annotated[Format, typer.Option("--format", help="What to write.")] = Format.TABLE,
    output: Annotated[
        Path | None, typer.Option(help="A folder to write into: drift.*, or comment-1.md and so on.")
    ] = None,
) -> None:
    """Say in the words of the mesh what somebody has changed by hand since the last deployment.

    Only looks: neither the workspace nor a state changes. Exits with 5 where something was changed, and
    with 3 where a stack could not be looked at; the others are told of all the same.
    """
    from mesh.commands import drift as by_hand
    from mesh.commands import review

    mesh = load(root)
    with redirect_stdout(sys.stderr):  # what is written is for scripts, too
        looked = _cdktf(mesh, env).drift(stacks or [])
    made = by_hand.drift(looked, mesh, env)
    review.tell(made, format, output)
    by_hand.refuse_failed(made)
    if made.found:
        sys.exit(DRIFT_FOUND)


@app.command()
def adopt(
    stacks: Stacks = None,
    root: Root = None,
    env: Env = "local",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only list what would be taken, and what would change in it.")
    ] = False,
    auto_approve: AutoApprove = False,
) -> None:
    """Take what stacks declare and the workspace already has under Terraform.

    That is after a deployment was cut off, or where brickops or somebody's hand made it.
    """
    _cdktf(load(root), env).adopt(stacks or [], dry_run=dry_run, auto_approve=auto_approve)


@app.command()
def destroy(
    stacks: Stacks = None, root: Root = None, env: Env = "local", auto_approve: AutoApprove = False
) -> None:
    """Destroy what stacks have deployed, in the reverse order."""
    _cdktf(load(root), env).destroy(stacks or [], auto_approve=auto_approve)


@app.command()
def reap(
    older_than: Annotated[
        str,
        typer.Option("--older-than", help="For how long nobody has deployed or run it: 12h, 14d or 2w."),
    ],
    root: Root = None,
    env: Env = "local",
    user: Annotated[
        str | None, typer.Option("--user", help="Whose, by e-mail.", show_default="everybody's")
    ] = None,
    branch: Annotated[
        str | None, typer.Option("--branch", help="Of which branch, as git spells it.", show_default="any")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list what would be destroyed.")] = False,
    auto_approve: AutoApprove = False,
) -> None:
    """Destroy deployments of people's own that nobody uses any more, each through its own state.

    What is shared stays, and so does what this checkout deploys.
    """
    from mesh.commands.reap import Whose, age

    unused = age(older_than)
    _cdktf(load(root), env).reap(unused, Whose(user, branch), dry_run=dry_run, auto_approve=auto_approve)


def _cdktf(mesh: Mesh, env: str) -> Cdktf:
    from mesh.commands.deploy import Cdktf

    return Cdktf(mesh.in_environment(env), mesh.root)
