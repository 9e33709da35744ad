"""Whose deployment it is: the part of its name that keeps two people's work apart."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from mesh.model.naming import NameContext, short_branch, short_ref, short_user


@dataclass(frozen=True)
class Identity:
    """Who deploys what, in full; a field is None when no naming template uses it.

    Args:
        user: e-mail.
        branch: as git spells it.
        commit: the project's source commit, in full.
    """

    user: str | None = None
    branch: str | None = None
    commit: str | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        """What the segments of `key` are, in their order."""
        return tuple(name for name in ("user", "branch", "commit") if getattr(self, name))

    @property
    def key(self) -> tuple[str, ...]:
        """One segment per field, each unmistakable: `john.doe` and `johndoe` differ here."""
        return tuple(segment(part) for part in (self.user, self.branch, self.commit) if part)

    @property
    def short_key(self) -> tuple[str, ...]:
        """As `key`, with the commit as people quote it."""
        commit = short_ref(self.commit) if self.commit else None
        return tuple(segment(part) for part in (self.user, self.branch, commit) if part)

    def __str__(self) -> str:
        parts = ((" as ", self.user), (" on ", self.branch), (" at ", self.commit and short_ref(self.commit)))
        return "".join(word + value for word, value in parts if value).strip()


def segment(text: str) -> str:
    """The text as one segment of a path: reversible, and without a separator of its own."""
    quoted = quote(text, safe="@+=, ").replace(" ", "%20")
    return quoted if quoted.strip(".") else quoted.replace(".", "%2E")


def name_context(env: str, user: str, branch: str, commit: str) -> NameContext:
    """The short forms that naming templates use."""
    return NameContext(env, short_user(user), short_branch(branch), short_ref(commit))
