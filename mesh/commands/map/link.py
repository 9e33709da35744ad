"""The addresses of a flow's files: in the web interface of the repository, or relative to the map."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from mesh.git.checkout import NO_COMMIT, GitContext


@dataclass(frozen=True)
class Links:
    """Makes the addresses of folders.

    Args:
        git: the checkout.
        start: the folder that relative paths start from: the folder of the map; None if it is in no folder.
        page: the address of the page of a folder's files, with `{path}`; "" for the repository's.
    """

    git: GitContext
    start: Path | None
    page: str = ""

    def folder(self, path: str, commit: str) -> str:
        """The address of a folder at a commit; a relative path if the repository has no known web interface.

        "" if there is neither.

        Args:
            path: the folder, relative to the mesh's root.
            commit: the source commit of its project.
        """
        if opens(self.page):
            return self.page.replace("{path}", quote(path))
        if commit != NO_COMMIT and (template := _template(self.git.url or "")):
            return template.format(commit=quote(commit), path=quote(self.git.prefix + path))
        if self.start is None:
            return ""
        return quote(Path(os.path.relpath(self.git.root / path, self.start)).as_posix())


def opens(address: str) -> bool:
    """True for an address that a link may have: of the web, or of the server that serves the map."""
    # browsers leave out tabs and line breaks, and read a backslash as a slash, and `//` as the beginning of
    # another server's address
    address = address.translate(dict.fromkeys(map(ord, "\t\n\r")))
    return address.startswith(("/", "https://", "http://")) and not address.startswith(("//", "/\\"))


def _template(url: str) -> str | None:
    """The address of a folder in the web interface of a repository.

    Source: documentation of GitHub, GitLab, Azure DevOps and Bitbucket: permanent links to a commit.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "https" or not host:
        return None
    port = f":{parts.port}" if parts.port else ""
    base = f"https://{host}{port}{quote(parts.path.rstrip('/').removesuffix('.git'))}"
    base = base.replace("{", "{{").replace("}", "}}")
    if host == "dev.azure.com" or host.endswith(".visualstudio.com"):
        return f"{base}?version=GC{{commit}}&path=/{{path}}"
    kinds = {"github": "/tree/", "gitlab": "/-/tree/", "bitbucket": "/src/"}
    between = next((text for kind, text in kinds.items() if kind in host.split(".")), None)
    return between and f"{base}{between}{{commit}}/{{path}}"
