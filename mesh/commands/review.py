"""`mesh review`: from files to a report in one of the formats."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mesh.console import emit
from mesh.errors import MeshError, OutsideError, UsageError
from mesh.load import load
from mesh.mesh import Mesh
from mesh.model.review_policy import FILE, PolicyFile, read_policy
from mesh.review.formats.format import Format
from mesh.review.plan import StackPlan, read_plans
from mesh.review.policy import approvals
from mesh.review.review import Review, review
from mesh.review.workspace_facts import NOTHING, Seen, look, workspaces


@dataclass(frozen=True)
class Written:
    """A file of a report.

    Args:
        name: what it is called.
        text: what it holds.
    """

    name: str
    text: str


@dataclass(frozen=True)
class Rules:
    """By what plans are reviewed.

    Args:
        policy: how strict rules are.
        approved: the rules that somebody has approved.
    """

    policy: PolicyFile
    approved: frozenset[str]

    def review(
        self,
        plans: Sequence[StackPlan],
        mesh: Mesh | None,
        notes: Sequence[str] = (),
        seen: Seen = NOTHING,
    ) -> Review:
        """The review of plans.

        Args:
            plans: one per stack.
            mesh: the mesh that they are of; None where it cannot be read.
            notes: what is not known already.
            seen: what was seen in their workspaces.
        """
        return review(plans, mesh, self.policy, self.approved, notes, seen)


def read_rules(
    root: Path | None,
    policy: Path | None = None,
    approved: Sequence[str] = (),
    pull_request: Path | None = None,
) -> Rules:
    """By what plans are reviewed, as the options of a command say it.

    Args:
        root: the mesh's root; None is the current folder.
        policy: the policy file; None takes the one at the root, if any.
        approved: the rules that are approved.
        pull_request: the file of the pull request's text; `-` is standard input.

    Raises:
        MeshError: the policy file is wrong.
        UsageError: something was named that is not there.
        OutsideError: a file cannot be read.
    """
    if policy is not None and not policy.is_file():
        raise UsageError(f"there is no policy file {policy}")
    place = (root or Path.cwd()).resolve()
    file = (policy or place / FILE).absolute()
    rules = read_policy(file, place if file.is_relative_to(place) else file.parent)
    return Rules(rules, approvals(approved, _text(pull_request) if pull_request else ""))


def reviewed(
    plans: Sequence[Path],
    root: Path | None,
    policy: Path | None = None,
    approved: Sequence[str] = (),
    pull_request: Path | None = None,
    *,
    into_workspaces: bool = False,
) -> Review:
    """The review of plans.

    Args:
        plans: their files.
        root: the mesh's root; None takes the mesh that is in the current folder, if any.
        policy: the policy file; None takes the one at the root, if any.
        approved: the rules that are approved.
        pull_request: the file of the pull request's text; `-` is standard input.
        into_workspaces: whether to look into workspaces as well.

    Raises:
        MeshError: the policy file is wrong.
        UsageError: something was named that is not there.
        OutsideError: a file cannot be read.
    """
    rules = read_rules(root, policy, approved, pull_request)
    mesh, notes = _mesh(root)
    found = read_plans(plans)
    seen = look(found, mesh, workspaces(mesh)) if into_workspaces else NOTHING
    return rules.review(found, mesh, notes, seen)


def _mesh(root: Path | None) -> tuple[Mesh | None, list[str]]:
    """The mesh, or why there is none: plans can be read without it."""
    try:
        return load(root), []
    except UsageError as error:
        if root is not None:
            raise
        return None, [f"what the mesh says: {error}"]
    except MeshError as error:
        first, count = error.findings[0], len(error.findings)
        return None, [f"what the mesh says, which has {count} error{'s'[: count > 1]}, the first: {first}"]


def _text(file: Path) -> str:
    if str(file) == "-":
        return sys.stdin.read()
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise OutsideError(f"{file} cannot be read: {(error.strerror or str(error)).lower()}") from error


def written(made: Review, format: Format) -> list[Written]:
    """The files of a report; Markdown may need several, since comments have a longest length."""
    return _WRITERS[format](made)


def _markdown(made: Review) -> list[Written]:
    from mesh.review.formats import markdown

    return [Written(f"comment-{number}.md", text) for number, text in enumerate(markdown.comments(made), 1)]


def _table(made: Review) -> list[Written]:
    from mesh.review.formats import table

    return [Written(f"{made.wording.file}.txt", table.text(made))]


def _json(made: Review) -> list[Written]:
    from mesh.review.formats import as_json

    return [Written(f"{made.wording.file}.json", as_json.text(made))]


def _html(made: Review) -> list[Written]:
    from mesh.review.formats import html

    return [Written(f"{made.wording.file}.html", html.page(made))]


_WRITERS: Mapping[Format, Callable[[Review], list[Written]]] = {
    Format.MARKDOWN: _markdown,
    Format.TABLE: _table,
    Format.JSON: _json,
    Format.HTML: _html,
}


def tell(made: Review, format: Format, output: Path | None) -> None:
    """Write a report into a folder, or print it.

    Raises:
        OutsideError: the folder cannot be written to.
    """
    files = written(made, format)
    if output:
        write(files, output)
    else:
        emit("\n".join(file.text for file in files), end="")


def write(files: Sequence[Written], folder: Path) -> None:
    """Write the files into a folder, without comments that an earlier report left there.

    Raises:
        OutsideError: the disk or its permissions.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob("comment-*.md"):
            left.unlink()
        for file in files:
            (folder / file.name).write_text(file.text, encoding="utf-8")
    except OSError as error:
        raise OutsideError(
            f"{folder} cannot be written to: {(error.strerror or str(error)).lower()}"
        ) from error
