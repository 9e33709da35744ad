"""`mesh reap`: destroys deployments of people's own that nobody uses any more, each through its own state.

What is destroyed is what a state holds, and never what is called alike. Which states there are is said by the
workspace, whose schemas carry their deployment's state key, and by the folder of states where they are files.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from mesh.console import emit, visible
from mesh.deployment.foundation import Foundation
from mesh.deployment.state_key import Deployed, Personal, local_states, personal
from mesh.errors import OutsideError, UsageError
from mesh.git.checkout import ask
from mesh.terraform.orphaned_state import destroy, tidy, undeclared
from mesh.terraform.state import CutOffError
from mesh.terraform.terraform import StoppedError, Terraform
from mesh.terraform.workspace import KINDS

_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


class Workspace(Protocol):
    """What has to be known of a workspace."""

    def deployments(self) -> Mapping[str, Mapping[str, datetime]]:
        """When schemas were changed last, by state key and by full name."""

    def used(self, job: str) -> datetime | None:
        """When a job was made or run last; None where it is gone."""

    def holds(self, type: str, full_name: str) -> str:
        """What lies in a schema; "" where that cannot be told."""


@dataclass(frozen=True)
class Stale:
    """A deployment that would be destroyed.

    Args:
        deployment: whose it is.
        terraform: Terraform in a folder with its backend, and nothing that is declared.
        used: when it was deployed or run last, as far as anybody can tell.
        holds: what its state holds, in words.
    """

    deployment: Personal
    terraform: Terraform
    used: datetime
    holds: str

    def __str__(self) -> str:
        return f"{self.deployment.state_key}\n    last used {self.used:%Y-%m-%d %H:%M} UTC; {self.holds}"


@dataclass(frozen=True)
class Whose:
    """Whose deployments are meant.

    Args:
        user: the user's, by e-mail, as names were made for it; None means everybody's.
        branch: of one branch, as git spells it; None means any.
    """

    user: str | None = None
    branch: str | None = None

    def includes(self, one: Personal) -> bool:
        """Whether a deployment is meant; one whose user or branch nobody can tell is not."""
        return (self.user is None or one.is_of(self.user)) and self.branch in (None, one.branch)


@dataclass(frozen=True)
class Reaper:
    """Finds what is stale of one org in one environment.

    Args:
        foundation: that of the org, in the environment.
        config: what was synthesized for it, for its provider.
        workspace: the environment's workspace.
        root: the mesh's root.
        environ: the whole environment of Terraform.
        user: who asks.
        deployed: what this checkout deploys.
        domains: the org's, those that have flows.
    """

    foundation: Foundation
    config: Mapping[str, Any]
    workspace: Workspace
    root: Path
    environ: Mapping[str, str]
    user: str | None
    deployed: Deployed
    domains: frozenset[str]

    def stale(self, before: datetime, whose: Whose) -> tuple[list[Stale], list[str]]:
        """What nobody has used since, the longest unused first; and what is left alone, with the reason.

        Args:
            before: the moment.
            whose: whose deployments.
        """
        marked = self.workspace.deployments()
        files = dict(local_states(self.foundation.environment, self.root))
        found: list[Stale] = []
        left: list[str] = []
        for key in sorted({*marked, *files}):
            one = self._personal(key)
            if one and key not in self.deployed.identities and whose.includes(one):
                looked = self._look(one, marked.get(key, {}), files.get(key))
                found += [looked] if isinstance(looked, Stale) else []
                left += [f"{key}: {looked}"] if isinstance(looked, str) else []
        kept = self._newest_own(found)
        due = [one for one in found if one.used < before and one not in kept]
        for other in found:
            if other not in due:
                tidy(other.terraform)
        return sorted(due, key=lambda one: (one.used, one.deployment.state_key)), left

    def _personal(self, key: str) -> Personal | None:
        return personal(key, self.foundation, self.domains, self.deployed)

    def _look(self, one: Personal, schemas: Mapping[str, datetime], file: Path | None) -> Stale | str | None:
        """What its state holds, and when that was used; or why it is left alone, if there is anything."""
        terraform = self._terraform(one)
        try:
            state = terraform.state()
        except CutOffError as error:
            return str(error)
        if not state.held:
            tidy(terraform)
            return (
                "its state is not in this backend (reap it from where it was deployed)" if schemas else None
            )
        times = [time for name, time in schemas.items() if ("databricks_schema", name) in state.ids]
        times += [datetime.fromtimestamp(file.stat().st_mtime, UTC)] if file else []
        jobs = (self.workspace.used(id) for type, id in sorted(state.ids) if type == "databricks_job")
        times += [time for time in jobs if time]
        tags = (thing.get("tags") for thing in state.held.values())
        times += self._dates({each.get("git_commit") for each in tags if isinstance(each, Mapping)})
        if not times:
            return "nobody can tell when it was used last"
        return Stale(one, terraform, max(times), ", ".join(self._words(state.ids)))

    def _newest_own(self, found: Iterable[Stale]) -> list[Stale]:
        """The newest that the one who asks has of each project in this checkout."""
        current = map(self._personal, self.deployed.identities)
        projects = {one.project for one in current if one}
        newest: dict[str, Stale] = {}
        for one in sorted(found, key=lambda one: one.used):
            if one.deployment.is_of(self.user) and one.deployment.project in projects:
                newest[one.deployment.project] = one
        return list(newest.values())

    def _dates(self, commits: Iterable[object]) -> Iterator[datetime]:
        """When commits were made: nothing is deployed from one before."""
        for commit in filter(None, commits):
            if re.fullmatch(r"[0-9a-f]{40,64}", str(commit)):
                date = ask(self.root, "show", "--no-patch", "--format=%ct", str(commit))
                yield from [datetime.fromtimestamp(int(date), UTC)] if date else []

    def _words(self, ids: Iterable[tuple[str, str]]) -> Iterator[str]:
        counts = Counter(type for type, _ in ids)
        for type, kind in KINDS.items():
            if number := counts[type]:
                yield f"{number} {kind.word}{'s' if number > 1 else ''}"
        for type, id in sorted(ids):
            if type == "databricks_schema" and (holds := self.workspace.holds(type, id)) not in ("", "empty"):
                yield f"{id} with {holds}"

    def _terraform(self, one: Personal) -> Terraform:
        """Terraform where all that is declared is the place of one state."""
        digest = sha256(one.state_key.encode()).hexdigest()[:16]
        folder = self.root / ".mesh" / "reap" / f"{one.project.replace('/', '-')[:100]}-{digest}"
        backend = self.foundation.environment.backend.at(one.state_key)
        host = self.foundation.environment.workspace
        return undeclared(folder, backend, host, self.config, self.root, self.environ)


def age(text: str) -> timedelta:
    """How long `14d`, `12h` or `2w` is.

    Raises:
        UsageError: it is none of these.
    """
    found = re.fullmatch(r"([0-9]{1,4})([hdw])", text)
    if not found:
        raise UsageError(f"`{text}` is no age (write hours, days or weeks: 12h, 14d, 2w)")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def reap(
    reapers: Sequence[Reaper],
    before: datetime,
    *,
    whose: Whose,
    dry_run: bool,
    confirmed: Callable[[str], bool],
) -> None:
    """List what nobody has used since, and destroy it, each through its own state.

    Args:
        reapers: one for each org.
        before: the moment.
        whose: whose deployments.
        dry_run: whether to list only.
        confirmed: asks before anything is destroyed.

    Raises:
        OutsideError: some of it could not be destroyed; all else is.
    """
    looked = [reaper.stale(before, whose) for reaper in reapers]
    stale = [one for due, _ in looked for one in due]
    for line in (line for _, left in looked for line in left):
        emit(f"left alone: {visible(line)}")
    try:
        _reap(stale, before, dry_run=dry_run, confirmed=confirmed)
    finally:
        for one in stale:
            tidy(one.terraform)


def _reap(
    stale: Sequence[Stale], before: datetime, *, dry_run: bool, confirmed: Callable[[str], bool]
) -> None:
    if not stale:
        emit(f"Nothing is stale: all else was used since {before:%Y-%m-%d %H:%M} UTC.")
        return
    for one in stale:
        emit(f"stale: {one}")
    what = f"{len(stale)} deployment{'s' if len(stale) > 1 else ''}"
    if dry_run or not confirmed(f"Destroy {what} with all data?"):
        return
    failed: list[str] = []
    for number, one in enumerate(stale, 1):
        emit(f"Destroying {one.deployment.state_key} ({number} of {len(stale)})")
        try:
            destroy(one.terraform)
        except StoppedError:
            raise
        except OutsideError as error:
            failed.append(f"{one.deployment.state_key}: {error}")
    if failed:
        raise OutsideError(
            "not all of it is destroyed; what is left is in its state, and running it again does the rest:\n"
            + "\n".join(failed)
        )
    emit(f"Destroyed {what}.")
