"""Whether git writes files into the working tree as they are committed, byte for byte."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from mesh.git.checkout import GitContext, query_git, run_git

_ATTRIBUTES = ".gitattributes"
# Git documentation, "gitattributes": the file of the system, as git is built by default
_SYSTEM = Path("/etc/gitattributes")


def writes_as_committed(git: GitContext, commit: str, environ: Mapping[str, str] = os.environ) -> bool:
    """False if line endings or contents may be converted: by attributes or by settings.

    Source: git documentation, "gitattributes", and "git-config" on `core.autocrlf` and what is beside it.

    Args:
        git: the checkout.
        commit: the full id of the commit whose files are written.
        environ: names the folder of the user's settings.
    """
    settings = query_git(git.root, "config", "--get-regexp", r"^core\.(autocrlf|eol|attributesfile)$") or ""
    if set(settings.splitlines()) - {"core.autocrlf false"}:
        return False
    own = run_git(git.root, "rev-parse", "--git-path", "info/attributes").removesuffix("\n")
    user = Path(environ.get("XDG_CONFIG_HOME") or Path(environ.get("HOME", "/"), ".config"), "git/attributes")
    if any(file.exists() for file in (git.root / own, user, _SYSTEM)):
        return False
    names = run_git(git.root, "ls-tree", "-r", "-z", "--name-only", "--full-tree", commit)
    return not any(name.rpartition("/")[2] == _ATTRIBUTES for name in names.split("\0"))
