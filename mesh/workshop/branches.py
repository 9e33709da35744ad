"""The students' branches in the repository's remote."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mesh.errors import OutsideError, UsageError
from mesh.git.checkout import ask, public_url, told
from mesh.workshop.student import Student
from mesh.workshop.workshop import Repository, Workshop

_HEADS = "refs/heads/"


@dataclass(frozen=True)
class Branch:
    """A student's branch.

    Args:
        student: whose it is.
        commit: what it points to in the remote; None where it is not there.
        own: how many commits it has that the class's branch has not.
    """

    student: Student
    commit: str | None
    own: int = 0

    def __str__(self) -> str:
        state = "not there"
        if self.commit:
            commits = f"{self.own} commit{'s' if self.own > 1 else ''} of its own"
            state = commits if self.own else "without commits of its own"
        return f"{self.student.branch}  {self.student.email}  {state}"


@dataclass(frozen=True)
class Branches:
    """The branches of a class.

    Args:
        workshop: the workshop.
        root: a checkout of the repository.
    """

    workshop: Workshop
    root: Path

    def missing(self) -> list[Student]:
        """The students whose branches are not in the remote."""
        return [one for one in self.workshop.students if one.branch not in self._heads]

    def look(self) -> list[Branch]:
        """All of them, as they are in the remote."""
        base, there = self._base, [one.branch for one in self.workshop.students if one.branch in self._heads]
        self._git("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", self._remote, *self._refs(there))
        return [self._branch(one, base) for one in self.workshop.students]

    def push(self) -> list[Branch]:
        """Make those that are not there, in one push; those that are, stay where they are.

        Returns:
            Those that were made.
        """
        base, missing = self._base, self.missing()
        if missing:
            self._git("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", self._remote, *self._refs([]))
            names = [one.branch for one in missing]
            # whoever makes one meanwhile keeps it
            leases = [f"--force-with-lease={_HEADS}{name}:" for name in names]
            self._git("push", "--quiet", *leases, self._remote, *(f"{base}:{_HEADS}{name}" for name in names))
        return [Branch(one, base) for one in missing]

    def delete(self) -> tuple[list[Branch], list[Branch]]:
        """Delete those without commits of their own, in one push.

        Returns:
            Those that are gone, and those that are kept.
        """
        there = [one for one in self.look() if one.commit]
        gone, kept = [one for one in there if not one.own], [one for one in there if one.own]
        if gone:
            # whoever pushes to one meanwhile keeps it
            leases = [f"--force-with-lease={_HEADS}{one.student.branch}:{one.commit}" for one in gone]
            refs = [f":{_HEADS}{one.student.branch}" for one in gone]
            self._git("push", "--quiet", *leases, self._remote, *refs)
        return gone, kept

    def _branch(self, student: Student, base: str) -> Branch:
        commit = self._heads.get(student.branch)
        if commit is None:
            return Branch(student, None)
        return Branch(student, commit, int(self._git("rev-list", "--count", f"{base}..{commit}")))

    @property
    def _repository(self) -> Repository:
        if self.workshop.repository is None:
            raise UsageError("nobody knows the repository (say `repository: {url: …}` in workshop.yml)")
        return self.workshop.repository

    @cached_property
    def _remote(self) -> str:
        """The repository as git reaches it from here, with the login that this checkout has."""
        origin = ask(self.root, "remote", "get-url", "origin")
        url = self._repository.url
        return "origin" if origin and public_url(origin.strip()) == url else url

    @cached_property
    def _heads(self) -> dict[str, str]:
        """All branches of the remote, with their commits."""
        lines = self._git("ls-remote", "--heads", self._remote).splitlines()
        return {ref.removeprefix(_HEADS): commit for commit, ref in map(str.split, lines)}

    @property
    def _base(self) -> str:
        """The commit that the branches begin at."""
        name = self._repository.branch
        if name not in self._heads:
            raise OutsideError(f"branch `{name}` is not in {self._repository.url} (push it first)")
        return self._heads[name]

    def _refs(self, names: Sequence[str]) -> Iterator[str]:
        yield from (f"{_HEADS}{name}" for name in (self._repository.branch, *names))

    def _git(self, *arguments: str) -> str:
        return told(self.root, *arguments, environ={"GIT_TERMINAL_PROMPT": "0"})
