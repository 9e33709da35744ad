"""The command `mesh contracts`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from mesh.cli.options import Approved, Policy, PullRequest, Root
from mesh.console import POLICY_REFUSES, diagnostic, emit, render
from mesh.review.formats.format import Format

app = typer.Typer()


@app.command("contracts")
def list_contracts(
    root: Root = None,
    base: Annotated[
        str | None,
        typer.Option("--base", help="Show what changed since this commit: a branch, a hash or HEAD~1."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")] = False,
    format: Annotated[
        Format, typer.Option("--format", help="The format of the report, with --base.")
    ] = Format.TABLE,
    output: Annotated[
        Path | None, typer.Option(help="A folder for the report, with --base: contracts.*, or comment-1.md.")
    ] = None,
    policy: Policy = None,
    approved: Approved = None,
    pull_request: PullRequest = None,
) -> None:
    """List the contracts that flows provide, and who reads them; with --base, what changes break.

    Compares the working tree. Exit code 4 if the policy refuses, for example if a column is renamed
    without a new major version of the contract beside the old one.
    """
    from mesh.commands import contracts
    from mesh.commands.review import output_report, read_rules
    from mesh.load import load

    mesh = load(root)
    if base is not None:
        rules = read_rules(mesh.root, policy, approved or (), pull_request)
        report = contracts.review_contracts(mesh, base, rules)
        output_report(report, Format.JSON if as_json else format, output)
        if report.refused:
            sys.exit(POLICY_REFUSES)
        return
    found = contracts.provided_contracts(mesh)
    if as_json:
        emit(json.dumps(contracts.as_json(found), indent=2, ensure_ascii=False))
        return
    render(*contracts.as_trees(found))
    if not found:
        diagnostic("no flow provides a contract (docs/contracts.md shows how)")
