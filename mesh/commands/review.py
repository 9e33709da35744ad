"""`mesh review`: reads plan files and writes a report in one of the formats."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mesh.commands.contract_comparison import compare_contracts
from mesh.console import emit
from mesh.errors import MeshError, OutsideError, UsageError
from mesh.git.root import mesh_root
from mesh.load import load
from mesh.mesh import Mesh, MeshDeployment
from mesh.model.review_policy import FILE, RULES, PolicyFile, Strictness, read_policy
from mesh.quartz.now import now
from mesh.review.approval import approvals
from mesh.review.contracts import ContractComparison
from mesh.review.formats.format import Format
from mesh.review.org_rules import with_org_rules
from mesh.review.plan import StackPlan, read_plans
from mesh.review.review import Review, review
from mesh.review.workspace_facts import NO_FACTS, WorkspaceFacts, read_workspaces, workspace_opener

_COMMENT = re.compile(r"comment-\d+\.md")


@dataclass(frozen=True)
class ReportFile:
    """A file of a report.

    Args:
        name: the file's name.
        text: its content.
    """

    name: str
    text: str


@dataclass(frozen=True)
class ReviewRules:
    """The rules of a review.

    Args:
        policy: the severity of each rule.
        approved: the approved rules.
    """

    policy: PolicyFile
    approved: frozenset[str]

    def relaxed(self, deployed: MeshDeployment) -> ReviewRules:
        """The rules for a deployment: in a personal environment, each refusal is only a warning.

        A personal environment is on this machine, or each of its deployments belongs to one user or branch.
        Rules that the policy file sets for the environment still apply.

        Args:
            deployed: the mesh in the environment.
        """
        own = deployed.embedded or all(one.identity.key for one in deployed.deployments)
        if any(one.production for one in deployed.environments) or not own:
            return self
        declared = self.policy.environments.get(deployed.name, {})
        warnings: dict[str, Strictness] = {
            rule: "warn" for rule in RULES if self.policy.rules.get(rule, "refuse") == "refuse"
        }
        environments = {**self.policy.environments, deployed.name: {**warnings, **declared}}
        return replace(self, policy=self.policy.model_copy(update={"environments": environments}))

    def review(
        self,
        plans: Sequence[StackPlan],
        mesh: Mesh | None,
        notes: Sequence[str] = (),
        facts: WorkspaceFacts = NO_FACTS,
        contracts: ContractComparison | None = None,
    ) -> Review:
        """Reviews plans.

        Args:
            plans: one per stack.
            mesh: the mesh of the stacks; None if it cannot be read.
            notes: unknown facts, with reasons.
            facts: facts that were read from the workspaces.
            contracts: the contracts, compared with another commit; None to leave them out.
        """
        return review(plans, mesh, self.policy, self.approved, notes, facts, contracts=contracts)


def read_rules(
    root: Path | None,
    policy: Path | None = None,
    approved: Sequence[str] = (),
    pull_request: Path | None = None,
) -> ReviewRules:
    """Reads the rules of a review from the options of a command.

    Args:
        root: the mesh's root; None finds it from the current folder.
        policy: the policy file; None takes the file at the root, if any.
        approved: the approved rules.
        pull_request: the file with the pull request's text; `-` reads stdin.

    Raises:
        MeshError: the policy file has errors.
        UsageError: a file or a rule does not exist.
        OutsideError: a file cannot be read.
    """
    if policy is not None and not policy.is_file():
        raise UsageError(f"there is no policy file {policy}")
    folder = root.resolve() if root else mesh_root()
    file = (policy or folder / FILE).absolute()
    severities = read_policy(file, folder if file.is_relative_to(folder) else file.parent)
    return ReviewRules(severities, approvals(approved, _text(pull_request) if pull_request else ""))


def review_plans(
    plans: Sequence[Path],
    root: Path | None,
    policy: Path | None = None,
    approved: Sequence[str] = (),
    pull_request: Path | None = None,
    *,
    into_workspaces: bool = False,
    base: str | None = None,
    own_rules: bool = False,
) -> Review:
    """Reviews plan files, and the projects that they change by the rules of the orgs.

    Args:
        plans: the files.
        root: the mesh's root; None finds it from the current folder, if there is one.
        policy: the policy file; None takes the file at the root, if any.
        approved: the approved rules.
        pull_request: the file with the pull request's text; `-` reads stdin.
        into_workspaces: True to read facts from the workspaces, too.
        base: the commit to compare contracts with; None to leave them out.
        own_rules: True to run the own rules of the orgs, which is to run their code.

    Raises:
        MeshError: the policy file has errors.
        UsageError: a file or a rule does not exist.
        OutsideError: a file cannot be read, or git does not know the commit.
    """
    rules = read_rules(root, policy, approved, pull_request)
    mesh, notes = _mesh(root)
    stacks = read_plans(plans)
    facts = read_workspaces(stacks, mesh, workspace_opener(mesh)) if into_workspaces else NO_FACTS
    of_plans = rules.review(stacks, mesh, notes, facts, _contracts(mesh, notes, base) if base else None)
    return with_org_rules(
        of_plans, mesh, rules.policy, rules.approved, now().date(), run_own=own_rules, plans=stacks
    )


def _contracts(mesh: Mesh | None, notes: Sequence[str], base: str) -> ContractComparison:
    """The contracts, compared with a commit; without a mesh they are unknown."""
    if mesh is None:
        return ContractComparison(base, (), "; ".join(notes))
    return compare_contracts(mesh, base)


def _mesh(root: Path | None) -> tuple[Mesh | None, list[str]]:
    """The mesh, or the reason why it cannot be read: a review works without it."""
    try:
        return load(root), []
    except UsageError as error:
        if root is not None:
            raise
        return None, [f"the mesh: {error}"]
    except MeshError as error:
        first, count = error.findings[0], len(error.findings)
        return None, [f"the mesh, which has {count} error{'s'[: count > 1]}, the first: {first}"]


def _text(file: Path) -> str:
    if str(file) == "-":
        return sys.stdin.read()
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise OutsideError(f"{file} cannot be read: {(error.strerror or str(error)).lower()}") from error


def report_files(report: Review, format: Format) -> list[ReportFile]:
    """The files of a report; Markdown may need several files, because comments have a maximum length."""
    return _WRITERS[format](report)


def _markdown(report: Review) -> list[ReportFile]:
    from mesh.review.formats import markdown

    return [
        ReportFile(f"comment-{number}.md", text) for number, text in enumerate(markdown.comments(report), 1)
    ]


def _table(report: Review) -> list[ReportFile]:
    from mesh.review.formats import table

    return [ReportFile(f"{report.labels.file}.txt", table.text(report))]


def _json(report: Review) -> list[ReportFile]:
    from mesh.review.formats import as_json

    return [ReportFile(f"{report.labels.file}.json", as_json.text(report))]


def _html(report: Review) -> list[ReportFile]:
    from mesh.review.formats import html

    return [ReportFile(f"{report.labels.file}.html", html.page(report))]


_WRITERS: Mapping[Format, Callable[[Review], list[ReportFile]]] = {
    Format.MARKDOWN: _markdown,
    Format.TABLE: _table,
    Format.JSON: _json,
    Format.HTML: _html,
}


def output_report(report: Review, format: Format, output: Path | None) -> None:
    """Writes a report into a folder, or prints it.

    Raises:
        OutsideError: the folder cannot be written.
    """
    files = report_files(report, format)
    if output:
        write_report(files, output)
    else:
        emit("\n".join(file.text for file in files), end="")


def write_report(files: Sequence[ReportFile], folder: Path) -> None:
    """Writes the files into a folder; comments replace the comments of earlier reports in it.

    Args:
        files: the files of one report.
        folder: the folder, which may contain other files; these stay.

    Raises:
        OutsideError: a file cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(_COMMENT.fullmatch(file.name) for file in files):
            for comment in _earlier_comments(folder):
                comment.unlink()
        for file in files:
            (folder / file.name).write_text(file.text, encoding="utf-8")
    except OSError as error:
        raise OutsideError(
            f"{folder} cannot be written to: {(error.strerror or str(error)).lower()}"
        ) from error


def _earlier_comments(folder: Path) -> list[Path]:
    """The comments in a folder that an earlier report wrote."""
    from mesh.review.formats import markdown

    named = [file for file in folder.iterdir() if _COMMENT.fullmatch(file.name) and file.is_file()]
    return [file for file in named if markdown.is_comment(file.read_text(encoding="utf-8", errors="replace"))]
