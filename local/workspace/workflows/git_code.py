"""The code of jobs with a `git_source`: files of the checkout's repository at a commit."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from local.home import Home
from local.workspace.store import Json
from mesh.git.checkout import public_url, read_git, with_defaults
from mesh.git.objects import git_environ

# Below the workspace's root, as on Databricks.
_FOLDER = "Repos/.internal/checkout_commits"
_REFERENCES = {
    "git_commit": ("{0}",),
    "git_tag": ("refs/tags/{0}",),
    "git_branch": ("refs/heads/{0}", "refs/remotes/origin/{0}"),
}


class GitCodeError(Exception):
    """The local workspace has no code of a `git_source`; the message says why."""


def git_code(home: Home, source: Json) -> Path:
    """Return the folder with the repository's files at the version of a `git_source`.

    The files are below the workspace's root, so that notebooks find each other there. They are written once
    for each commit. Nothing is fetched: the version must be in the checkout.

    Args:
        home: the home of the workspace, whose root is in the checkout.
        source: `git_source` of the job.

    Raises:
        GitCodeError: the source names another repository, or the checkout lacks the version.
    """
    url = str(source.get("git_url") or "")
    own = with_defaults(read_git(home.root)).url or ""
    if _normal(url) != _normal(own):
        raise GitCodeError(
            f"the job's code is in {url}, but the local workspace runs code of this checkout only ({own})"
        )
    commit = _commit(home, source)
    folder = home.files / _FOLDER / commit
    if not folder.is_dir():
        _check_out(home, commit, folder)
    return folder


def git_root(home: Home, folder: Path) -> Path | None:
    """Return the top of the repository that a folder of the workspace is in; None for other folders."""
    commits = home.files / _FOLDER
    return commits / folder.relative_to(commits).parts[0] if folder.is_relative_to(commits) else None


def _commit(home: Home, source: Json) -> str:
    for field, patterns in _REFERENCES.items():
        if name := str(source.get(field) or ""):
            for pattern in patterns:
                done = _git(
                    home.root, "rev-parse", "--verify", "--quiet", f"{pattern.format(name)}^{{commit}}"
                )
                if done.returncode == 0:
                    return done.stdout.strip()
            raise GitCodeError(f"this checkout has no {field.replace('_', ' ')} `{name}` (run `git fetch`)")
    raise GitCodeError("git_source names no git_commit, git_tag or git_branch")


def _check_out(home: Home, commit: str, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        files, index = Path(scratch, "files"), {"GIT_INDEX_FILE": str(Path(scratch, "index"))}
        files.mkdir()
        top = Path(_git(home.root, "rev-parse", "--show-toplevel").stdout.strip())
        for words in (("read-tree", commit), ("checkout-index", "--all", f"--prefix={files}/")):
            done = _git(top, *words, environ=index)
            if done.returncode:
                raise GitCodeError(f"git cannot check out {commit}: {done.stderr.strip()}")
        if not folder.is_dir():  # another task was first
            shutil.move(files, folder)


def _git(
    folder: Path, *words: str, environ: dict[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    command = ["git", "-C", str(folder), *words]
    return subprocess.run(
        command,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
        env=git_environ() | (environ or {}),
    )


def _normal(url: str) -> str:
    return os.path.normpath(public_url(url).removesuffix(".git").rstrip("/")).lower()
