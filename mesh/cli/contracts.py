"""The command `mesh contracts`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mesh.cli.options import Approved, Policy, PullRequest, Root
from mesh.console import (
    MESH_IS_WRONG,
    POLICY_REFUSES,
    diagnostic,
    emit,
    findings_json,
    render,
    visible,
)
from mesh.errors import UsageError
from mesh.review.formats.format import Format

if TYPE_CHECKING:
    from mesh.mesh import Mesh

app = typer.Typer()


@app.command("contracts")
def list_contracts(
    root: Root = None,
    base: Annotated[
        str | None,
        typer.Option("--base", help="Show what changed since this commit: a branch, a hash or HEAD~1."),
    ] = None,
    tables: Annotated[
        str | None,
        typer.Option("--tables", metavar="ENV", help="Compare the tables in this environment with them."),
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
    without a new major version of the contract beside the old one. With --tables, exit code 1 if a table
    has other columns than its contract promises.
    """
    from mesh.commands import contracts
    from mesh.commands.review import output_report, read_rules
    from mesh.load import load

    mesh = load(root)
    if tables is not None:
        if base is not None:
            raise UsageError("--tables and --base are two comparisons (choose one)")
        _compare_tables(mesh, tables, as_json=as_json)
        return
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


def _compare_tables(mesh: Mesh, env: str, *, as_json: bool) -> None:
    """Prints what the tables of an environment lack; exits with 1 if a promise is broken."""
    from mesh.commands.contract_tables import check_tables
    from mesh.review.sentence import counted
    from mesh.terraform.target import target

    found = check_tables(target(mesh, env))
    if as_json:
        emit(findings_json(found))
    for one in () if as_json else found:
        diagnostic(visible(str(one)))
    broken = [one for one in found if one.severity == "error"]
    if broken:
        sys.exit(MESH_IS_WRONG)
    if not as_json:
        told = f", {counted(len(found), 'warning')}" if found else ""
        missing = len([one for one in found if one.code == "contract-table-missing"])
        there = f"that exist ({missing} {'does' if missing == 1 else 'do'} not) " if missing else ""
        emit(f"the tables {there}in {env} keep their contracts{told}")
