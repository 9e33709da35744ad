"""The identity of a deployment: user, branch and commit, which keep deployments apart."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote

from mesh.model.naming import NameContext, short_branch, short_ref, short_user


@dataclass(frozen=True)
class Identity:
    """User, branch and commit in full; a field is None if no naming template uses it.

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
        """The names of the segments of `key`, in order."""
        return tuple(name for name in ("user", "branch", "commit") if getattr(self, name))

    @cached_property
    def key(self) -> tuple[str, ...]:
        """One unambiguous segment per field: `john.doe` and `johndoe` differ."""
        return tuple(segment(part) for part in (self.user, self.branch, self.commit) if part)

    @cached_property
    def short_key(self) -> tuple[str, ...]:
        """Like `key`, with the short commit."""
        commit = short_ref(self.commit) if self.commit else None
        return tuple(segment(part) for part in (self.user, self.branch, commit) if part)

    def __str__(self) -> str:
        parts = ((" as ", self.user), (" on ", self.branch), (" at ", self.commit and short_ref(self.commit)))
        return "".join(word + value for word, value in parts if value).strip()


def segment(text: str) -> str:
    """Returns the text as one path segment: reversible, without separators."""
    quoted = quote(text, safe="@+=, ").replace(" ", "%20")
    return quoted if quoted.strip(".") else quoted.replace(".", "%2E")


def name_context(env: str, user: str, branch: str, commit: str) -> NameContext:
    """Returns the short forms that naming templates use."""
    return NameContext(env, short_user(user), short_branch(branch), short_ref(commit))
