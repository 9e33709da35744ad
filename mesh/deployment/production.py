"""Git rules for production, and git warnings for development.

A production deployment is reproducible: everything is committed, and the commit is on the declared branch
of the repository that jobs clone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from mesh.errors import OutsideError
from mesh.git.checkout import GitContext, public_url, query_git, run_git
from mesh.model.environment import Environment

MOST_NAMED = 5


def refusals(git: GitContext, branch: str | None, then: str = "deploy that branch") -> list[str]:
    """Returns the reasons why this checkout may not be deployed to production, each with its remedy.

    Args:
        git: the checkout that would be deployed.
        branch: the only permitted branch; None permits any.
        then: what to do after a merge into that branch.

    Raises:
        OutsideError: git does not answer.
    """
    if not git.head:
        return [f"production is deployed from a git checkout: {git.why_no_head}"]
    return [*_not_committed(git), *_other_branch(git, branch, then), *_not_pushed(git, branch)]


def require_deployable(environments: Iterable[Environment], git: GitContext) -> None:
    """Raises an error if this checkout may not be deployed to the production environments.

    Args:
        environments: the targets; development environments accept any checkout.
        git: the checkout that would be deployed.

    Raises:
        OutsideError: with every reason, each with its remedy.
    """
    production = [environment for environment in environments if environment.production]
    reasons = dict.fromkeys(
        f"`{environment.name}` is production, but has no service principal for its jobs "
        "(add `run_as: {service_principal_name: …}` to it in org.yml)"
        for environment in production
        if not environment.run_as
    )
    for branch in {environment.branch: None for environment in production}:
        reasons |= dict.fromkeys(refusals(git, branch))
    if reasons:
        lines = "\n".join(f"  {reason}" for reason in reasons)
        raise OutsideError(f"this checkout cannot be deployed to production:\n{lines}\nnothing was changed")


def warnings(git: GitContext, inputs: Mapping[str, Sequence[str]], commits: Mapping[str, str]) -> list[str]:
    """Warns about uncommitted or unpushed code of jobs that run from git.

    Args:
        git: the checkout that is deployed.
        inputs: by project, its input paths relative to the mesh's root (`project_inputs`).
        commits: by project, the commit that its jobs check out.

    Raises:
        OutsideError: git does not answer.
    """
    if not git.head:
        return []
    pushed = _Pushed(git, None)
    files, lost = uncommitted(git, "--untracked-files=all", "--", "."), {}
    for commit in dict.fromkeys(commits[project] for project in inputs):
        if pushed.is_here(commit) and not pushed.on_a_branch(commit):
            lost[commit] = [project for project in inputs if commits[project] == commit]
    left = {project: tuple(_touching(files, paths, git.prefix)) for project, paths in inputs.items()}
    return [
        *(
            f"{_some(_with(left, changed))}: jobs run the committed code, without the changes in "
            f"{_some(_quoted(changed))} (commit and push)"
            for changed in dict.fromkeys(left.values())
            if changed
        ),
        *(
            f"{_some(projects)}: commit `{commit[:8]}` is on no branch of {pushed.remotes_named}, "
            "so jobs cannot check it out (`git push`; or `git fetch`, if it was pushed)"
            for commit, projects in lost.items()
        ),
    ]


def _not_committed(git: GitContext) -> Iterator[str]:
    if files := uncommitted(git, "--untracked-files=normal"):
        yield (
            f"the working tree is not clean: {_some(_quoted(files))} not committed "
            "(commit them, or add them to .gitignore)"
        )


def _other_branch(git: GitContext, branch: str | None, then: str) -> Iterator[str]:
    if branch and not git.branch:
        yield (
            f"only branch `{branch}` may be deployed, but no branch is checked out "
            f"(`git switch {branch}`; in CI set MESH_GIT_BRANCH)"
        )
    elif branch and git.branch != branch:
        yield (
            f"only branch `{branch}` may be deployed, but this is `{git.branch}` "
            f"(merge it into `{branch}` and {then})"
        )


def _not_pushed(git: GitContext, branch: str | None) -> Iterator[str]:
    pushed = _Pushed(git, branch)
    assert git.head is not None
    for commit in dict.fromkeys([git.head, git.commit or git.head]):
        if not pushed.is_here(commit):
            yield (
                f"commit `{commit}` is not in this checkout, so it is unknown if it was pushed "
                "(fetch it, or unset MESH_GIT_COMMIT)"
            )
        elif not pushed.on_a_branch(commit):
            where = f"branch `{branch}`" if branch else "a branch"
            yield f"commit `{commit[:8]}` is not on {where} of {pushed.remotes_named} ({pushed.remedy})"


class _Pushed:
    """The remote branches of the repository that jobs clone, as recorded in this checkout."""

    def __init__(self, git: GitContext, branch: str | None) -> None:
        self._git = git
        self._branch = branch
        settings = query_git(git.root, "config", "--null", "--get-regexp", r"^remote\..*\.url$") or ""
        entries = [entry.split("\n", 1) for entry in settings.split("\0") if "\n" in entry]
        urls = [(key.removeprefix("remote.").removesuffix(".url"), public_url(url)) for key, url in entries]
        # a personal fork is a remote too, but jobs do not clone it
        self._remotes = [name for name, url in urls if url == git.url] or [name for name, _ in urls]

    @property
    def remotes_named(self) -> str:
        return " or ".join(f"`{name}`" for name in self._remotes) or "any remote, because there is none"

    @property
    def remedy(self) -> str:
        if self._git.shallow:
            return "the checkout is shallow: `git fetch --unshallow`, in CI `fetch-depth: 0`"
        if not self._remotes:
            return "`git remote add origin <url>`, and push"
        return "push it; or `git fetch`, if it was pushed"

    def is_here(self, commit: str) -> bool:
        return query_git(self._git.root, "cat-file", "-e", f"{commit}^{{commit}}") is not None

    def on_a_branch(self, commit: str) -> bool:
        answer = run_git(
            self._git.root, "for-each-ref", f"--contains={commit}", "--format=%(refname)", "refs/remotes"
        )
        known = answer.splitlines()
        if self._branch:
            return any(f"refs/remotes/{remote}/{self._branch}" in known for remote in self._remotes)
        return any(name.startswith(f"refs/remotes/{remote}/") for remote in self._remotes for name in known)


def uncommitted(git: GitContext, *arguments: str) -> list[str]:
    """Returns changed and untracked files relative to the repository's root, without ignored files.

    Args:
        git: the checkout.
        arguments: additional arguments of `git status`.

    Raises:
        OutsideError: git does not answer.
    """
    answer = run_git(
        git.root,
        "--no-optional-locks",
        "status",
        "--porcelain",
        "-z",
        "--no-renames",
        "--ignore-submodules=none",
        *arguments,
    )
    return [entry[3:] for entry in answer.split("\0") if entry]


def _touching(files: Sequence[str], inputs: Sequence[str], prefix: str) -> Iterator[str]:
    """Returns the files that are inputs or in an input, and the submodules that contain an input."""
    wanted = [f"{prefix}{path}/" for path in inputs]
    for file in files:
        folder = file.rstrip("/") + "/"
        if any(folder.startswith(path) or path.startswith(folder) for path in wanted):
            yield file


def _with(left: Mapping[str, tuple[str, ...]], changed: tuple[str, ...]) -> list[str]:
    return [project for project, files in left.items() if files == changed]


def _quoted(files: Sequence[str]) -> list[str]:
    # file names are untrusted: control characters, which a terminal would obey, are replaced
    return [f"`{''.join(c if c.isprintable() else '�' for c in file)}`" for file in files]


def _some(names: Sequence[str]) -> str:
    named = ", ".join(names[:MOST_NAMED])
    return named if len(names) <= MOST_NAMED else f"{named} and {len(names) - MOST_NAMED} more"
