"""The students' branches in the repository's remote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mesh.errors import OutsideError, UsageError
from mesh.git.checkout import public_url, query_git, run_git
from mesh.workshop.student import Student
from mesh.workshop.workshop import Repository, Workshop

_HEADS = "refs/heads/"


@dataclass(frozen=True)
class Branch:
    """A student's branch.

    Args:
        student: the student.
        commit: the commit of the branch in the remote; None if the remote has no such branch.
        own_commits: the number of its commits that are not in the course's branch.
    """

    student: Student
    commit: str | None
    own_commits: int = 0

    def __str__(self) -> str:
        state = "missing in the remote"
        if self.commit:
            commits = f"{self.own_commits} own commit{'s' if self.own_commits > 1 else ''}"
            state = commits if self.own_commits else "no own commits"
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
        return [student for student in self.workshop.students if student.branch not in self._heads]

    def read(self) -> list[Branch]:
        """All branches of the class, as they are in the remote."""
        base = self._base
        existing = [each.branch for each in self.workshop.students if each.branch in self._heads]
        self._fetch(existing)
        return [self._branch(student, base) for student in self.workshop.students]

    def push(self) -> list[Branch]:
        """Creates the missing branches in one push; does not move existing branches.

        Returns:
            The created branches.
        """
        base, missing = self._base, self.missing()
        if missing:
            self._fetch([])
            names = [student.branch for student in missing]
            # the lease refuses to overwrite a branch that is created meanwhile
            leases = [f"--force-with-lease={_HEADS}{name}:" for name in names]
            self._git("push", "--quiet", *leases, self._remote, *(f"{base}:{_HEADS}{name}" for name in names))
        return [Branch(student, base) for student in missing]

    def delete(self) -> tuple[list[Branch], list[Branch]]:
        """Deletes the branches without own commits, in one push.

        Returns:
            The deleted branches, and the kept branches.
        """
        existing = [branch for branch in self.read() if branch.commit]
        deleted = [branch for branch in existing if not branch.own_commits]
        kept = [branch for branch in existing if branch.own_commits]
        if deleted:
            # the lease refuses to delete a branch that gets a commit meanwhile
            leases = [
                f"--force-with-lease={_HEADS}{branch.student.branch}:{branch.commit}" for branch in deleted
            ]
            refs = [f":{_HEADS}{branch.student.branch}" for branch in deleted]
            self._git("push", "--quiet", *leases, self._remote, *refs)
        return deleted, kept

    def _branch(self, student: Student, base: str) -> Branch:
        commit = self._heads.get(student.branch)
        if commit is None:
            return Branch(student, None)
        return Branch(student, commit, int(self._git("rev-list", "--count", f"{base}..{commit}")))

    @property
    def _repository(self) -> Repository:
        if self.workshop.repository is None:
            raise UsageError("the repository is unknown (set `repository: {url: …}` in workshop.yml)")
        return self.workshop.repository

    @cached_property
    def _remote(self) -> str:
        """The remote: `origin` with the login of this checkout if it is the repository, else its URL."""
        origin = query_git(self.root, "remote", "get-url", "origin")
        url = self._repository.url
        return "origin" if origin and public_url(origin.strip()) == url else url

    @cached_property
    def _heads(self) -> dict[str, str]:
        """All branches of the remote, with their commits."""
        lines = self._git("ls-remote", "--heads", self._remote).splitlines()
        return {ref.removeprefix(_HEADS): commit for commit, ref in map(str.split, lines)}

    @property
    def _base(self) -> str:
        """The commit at which new branches begin."""
        name = self._repository.branch
        if name not in self._heads:
            raise OutsideError(f"branch `{name}` is not in {self._repository.url} (push it first)")
        return self._heads[name]

    def _fetch(self, names: Sequence[str]) -> None:
        """Fetches the course's branch and others, without changing any ref of this checkout."""
        refs = [f"{_HEADS}{name}" for name in (self._repository.branch, *names)]
        self._git("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", self._remote, *refs)

    def _git(self, *arguments: str) -> str:
        return run_git(self.root, *arguments, environ={"GIT_TERMINAL_PROMPT": "0"})
