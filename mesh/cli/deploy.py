"""The commands that run Terraform: `mesh deploy`, `diff`, `plan`, `apply`, `drift`, `adopt` and others."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Annotated

import typer

from mesh.cli.options import (
    PARALLELISM,
    Affected,
    Approved,
    AutoApprove,
    Env,
    Events,
    NoCache,
    Parallelism,
    Policy,
    PullRequest,
    Root,
    Stacks,
    Verbose,
)
from mesh.console import DRIFT_FOUND, POLICY_REFUSES, diagnostic, emit
from mesh.review.formats.format import Format

app = typer.Typer()


@app.command()
def deploy(
    stacks: Stacks = None,
    root: Root = None,
    env: Env = "local",
    policy: Policy = None,
    approved: Approved = None,
    pull_request: PullRequest = None,
    prune: Annotated[
        bool,
        typer.Option("--prune", help="Destroy what shared stacks hold and this checkout does not declare."),
    ] = False,
    affected: Affected = False,
    base: Annotated[
        str | None, typer.Option("--base", help="The commit that --affected compares with.")
    ] = None,
    auto_approve: AutoApprove = False,
    parallelism: Parallelism = PARALLELISM,
    verbose: Verbose = False,
    events: Events = False,
    no_cache: NoCache = False,
) -> None:
    """Plan stacks, review the plans and deploy them, each after the stacks that it depends on.

    Foundations that the projects need are deployed with them. The command asks once for confirmation, after
    the review. Exit code 4 if the policy refuses the plans. If a stack fails, the stacks that do not depend
    on it go on.

    `mesh deploy --affected --base HEAD~1` deploys what the last commit changed.
    """
    from mesh.commands.affected_selection import require_base, select_affected, without_affected
    from mesh.commands.deploy import DeployOptions, deploy
    from mesh.commands.review import read_rules
    from mesh.load import load
    from mesh.terraform.progress import choose_progress, publish_errors
    from mesh.terraform.target import target

    progress = choose_progress(verbose=verbose, as_json=events)
    with redirect_stdout(sys.stderr if events else sys.stdout), publish_errors(progress):
        rev = require_base(stacks or [], base) if affected else None
        if not affected:
            without_affected(base)
        mesh = load(root)
        to = target(mesh, env)
        names: Sequence[str] = stacks or []
        if rev is not None:
            to.ask_ahead()
            found = select_affected(mesh, to.deployed, rev)
            for one in found.removed:
                diagnostic(f"removed: {one} is not destroyed (`mesh plan {one} --base {rev}` plans it)")
            if not (names := found.declared):
                emit(found.nothing)
                return
        declared = read_rules(mesh.root, policy, approved or (), pull_request)
        rules = declared.relaxed(to.deployed)
        # what other people use is shown object by object
        whole = verbose or rules is declared
        options = DeployOptions(auto_approve, parallelism, prune, whole, by_name=not affected)
        allowed = deploy(to, names, rules, progress, mesh=mesh, options=options)
    if not allowed:
        sys.exit(POLICY_REFUSES)


@app.command()
def diff(
    stacks: Stacks = None,
    root: Root = None,
    env: Env = "local",
    parallelism: Parallelism = PARALLELISM,
    verbose: Verbose = False,
    no_cache: NoCache = False,
) -> None:
    """Show the changes that a deployment would make, in the words of a review."""
    from mesh.commands.diff import diff
    from mesh.commands.review import read_rules
    from mesh.load import load
    from mesh.terraform.progress import choose_progress
    from mesh.terraform.target import target

    mesh = load(root)
    to = target(mesh, env)
    rules = read_rules(mesh.root).relaxed(to.deployed)
    diff(to, stacks or [], rules, choose_progress(verbose=verbose), mesh=mesh, parallelism=parallelism)


@app.command()
def plan(
    out: Annotated[Path, typer.Option("--out", help="The folder for the plan files.")],
    stacks: Stacks = None,
    root: Root = None,
    env: Env = "local",
    base: Annotated[
        str | None,
        typer.Option(
            "--base",
            help="A commit: also plan to destroy stacks that were declared there and no longer are.",
        ),
    ] = None,
    affected: Affected = False,
    parallelism: Parallelism = PARALLELISM,
    verbose: Verbose = False,
    no_cache: NoCache = False,
) -> None:
    """Plan stacks and save the plans, for `mesh review` and `mesh apply`.

    A stack that cannot be planned leaves a file with the reason, and the exit code is 3; the other stacks are
    planned. Plans contain values from states: protect them like states.

    `mesh plan --affected --base main --out plans` plans what differs from main, and what is gone since.
    """
    from mesh.commands.affected_selection import require_base, select_affected
    from mesh.commands.plan import plan
    from mesh.load import load
    from mesh.terraform.progress import choose_progress
    from mesh.terraform.target import target

    rev = require_base(stacks or [], base) if affected else None
    mesh = load(root)
    progress = choose_progress(verbose=verbose)
    to = target(mesh, env)
    names: Sequence[str] = stacks or []
    if rev is not None:
        to.ask_ahead()
        found = select_affected(mesh, to.deployed, rev)
        base = base if found.removed else None
        if not (names := (*found.declared, *found.removed)):
            emit(found.nothing)
            return
    plan(to, names, out, progress, mesh=mesh, parallelism=parallelism, base=base)


@app.command()
def apply(
    plans: Annotated[
        list[Path],
        typer.Argument(metavar="PLAN...", help="The folder or the files that `mesh plan` wrote."),
    ],
    root: Root = None,
    env: Env = "local",
    policy: Policy = None,
    approved: Approved = None,
    pull_request: PullRequest = None,
    auto_approve: AutoApprove = False,
    parallelism: Parallelism = PARALLELISM,
    verbose: Verbose = False,
    no_cache: NoCache = False,
) -> None:
    """Apply exactly the plans that were saved and reviewed.

    Refused if this checkout generates other Terraform code, or if a state changed since it was planned. Exit
    code 4 if the policy refuses the plans.
    """
    from mesh.commands.apply import ApplyOptions, apply
    from mesh.commands.review import read_rules
    from mesh.load import load
    from mesh.terraform.progress import choose_progress
    from mesh.terraform.target import target

    mesh = load(root)
    rules = read_rules(mesh.root, policy, approved or (), pull_request)
    allowed = apply(
        target(mesh, env),
        plans,
        lambda read: rules.review(read, mesh),
        mesh=mesh,
        options=ApplyOptions(auto_approve, parallelism),
        progress=choose_progress(verbose=verbose),
    )
    if not allowed:
        sys.exit(POLICY_REFUSES)


@app.command()
def drift(
    stacks: Stacks = None,
    root: Root = None,
    env: Env = "local",
    format: Annotated[Format, typer.Option("--format", help="The format of the report.")] = Format.TABLE,
    output: Annotated[
        Path | None,
        typer.Option(help="A folder for the report: drift.*, or comment-1.md, comment-2.md, …"),
    ] = None,
    parallelism: Parallelism = PARALLELISM,
    no_cache: NoCache = False,
) -> None:
    """Report changes that were made by hand in the workspace since the last deployment.

    Neither the workspace nor a state is changed. Exit code 5 if there are changes, 3 if a stack could not be
    checked; the other stacks are reported.
    """
    from mesh.commands.drift import drift, refuse_failed
    from mesh.commands.review import output_report
    from mesh.load import load
    from mesh.terraform.progress import Lines
    from mesh.terraform.target import target

    mesh = load(root)
    with redirect_stdout(sys.stderr):  # scripts read the report from stdout
        report = drift(target(mesh, env), stacks or [], mesh, Lines(), parallelism)
    output_report(report, format, output)
    refuse_failed(report)
    if report.drifted:
        sys.exit(DRIFT_FOUND)


@app.command()
def adopt(
    stacks: Stacks = None,
    root: Root = None,
    env: Env = "local",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only list the objects and how they would change.")
    ] = False,
    auto_approve: AutoApprove = False,
) -> None:
    """Take existing objects of the workspace into the states of the stacks that declare them.

    Objects exist outside a state after an interrupted deployment, or if brickops or a person created them.
    """
    from mesh.commands.adopt import adopt
    from mesh.load import load
    from mesh.terraform.progress import choose_progress
    from mesh.terraform.target import target

    progress = choose_progress()
    adopt(target(load(root), env), stacks or [], progress, dry_run=dry_run, auto_approve=auto_approve)


@app.command()
def destroy(
    stacks: Stacks = None,
    root: Root = None,
    env: Env = "local",
    auto_approve: AutoApprove = False,
    parallelism: Parallelism = PARALLELISM,
    verbose: Verbose = False,
) -> None:
    """Destroy deployed stacks with their data, in reverse order."""
    from mesh.commands.destroy import destroy
    from mesh.commands.review import read_rules
    from mesh.load import load
    from mesh.terraform.progress import choose_progress
    from mesh.terraform.target import target

    mesh = load(root)
    destroy(
        target(mesh, env),
        stacks or [],
        read_rules(mesh.root),
        choose_progress(verbose=verbose),
        mesh=mesh,
        auto_approve=auto_approve,
        parallelism=parallelism,
    )


@app.command()
def unlock(
    stack: Annotated[str, typer.Argument(help="The stack, as `mesh plan` names it.")],
    root: Root = None,
    env: Env = "local",
    auto_approve: AutoApprove = False,
) -> None:
    """Release the lock of a state whose holder no longer runs, for example after a power failure."""
    from mesh.commands.unlock import unlock
    from mesh.load import load
    from mesh.terraform.target import target

    unlock(target(load(root), env), stack, auto_approve=auto_approve)


@app.command()
def reap(
    older_than: Annotated[
        str,
        typer.Option("--older-than", help="The time without a deployment or run: 12h, 14d or 2w."),
    ],
    root: Root = None,
    env: Env = "local",
    user: Annotated[
        str | None, typer.Option("--user", help="The user's e-mail.", show_default="all users")
    ] = None,
    branch: Annotated[
        str | None,
        typer.Option("--branch", help="The branch, as git spells it.", show_default="all branches"),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list the stale deployments.")] = False,
    auto_approve: AutoApprove = False,
    parallelism: Parallelism = PARALLELISM,
    verbose: Verbose = False,
) -> None:
    """Destroy stale personal deployments, each through its own state.

    Shared deployments and the deployments of this checkout stay.
    """
    from mesh.commands.reap import DeploymentFilter, ReapOptions, parse_age, reap
    from mesh.load import load
    from mesh.terraform.progress import choose_progress
    from mesh.terraform.target import target

    age = parse_age(older_than)
    selection = DeploymentFilter(user, branch)
    options = ReapOptions(dry_run, auto_approve, parallelism)
    reap(target(load(root), env), age, selection, choose_progress(verbose=verbose), options=options)
