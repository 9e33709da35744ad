"""`mesh reap`: destroys stale personal deployments, each through its own state.

Only resources in a state are destroyed, never objects with a similar name. The state keys come from the
workspace, where each schema carries the key of its deployment, and from the folder of local states.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from mesh.commands.stack_applies import raise_failures
from mesh.console import confirm, emit, require_terminal, visible
from mesh.deployment.foundation import Foundation
from mesh.deployment.state_key import (
    CheckoutIdentities,
    PersonalDeployment,
    local_states,
    personal_deployment,
)
from mesh.errors import UsageError
from mesh.git.checkout import query_git
from mesh.review.sentence import counted
from mesh.terraform import PARALLELISM
from mesh.terraform.interrupt import RERUN_HINT
from mesh.terraform.orphaned_state import destroy_resources, orphaned_state, remove_folder
from mesh.terraform.progress import Progress
from mesh.terraform.stack_run import StackTask, run_stacks
from mesh.terraform.state import TruncatedStateError
from mesh.terraform.target import Target
from mesh.terraform.terraform import Terraform
from mesh.terraform.terraform_command import Reporter
from mesh.terraform.workspace import RESOURCE_KINDS

_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True)
class ReapOptions:
    """The options of `mesh reap`.

    Args:
        dry_run: True to list the deployments only.
        auto_approve: True to destroy without confirmation.
        parallelism: the number of deployments at a time.
    """

    dry_run: bool = False
    auto_approve: bool = False
    parallelism: int = PARALLELISM


def reap(
    target: Target,
    older_than: timedelta,
    selection: DeploymentFilter,
    progress: Progress,
    *,
    options: ReapOptions,
) -> None:
    """Destroys stale personal deployments.

    Args:
        target: the mesh in its environment.
        older_than: deployments that were not used for this long are stale.
        selection: selects by user and branch.
        progress: receives what happens.
        options: the options.

    Raises:
        UsageError: the environment is production, or there is no terminal to confirm on.
        OutsideError: a deployment could not be destroyed.
    """
    foundations = [
        one
        for one in target.deployed.foundations
        if isinstance(one, Foundation) and not one.environment.production
    ]
    if not foundations:
        raise UsageError(f"`{target.deployed.name}` is production, which has no personal deployments")
    require_terminal(options.auto_approve or options.dry_run, look="mesh reap --dry-run")
    target.synthesize(foundations)
    reap_stale(
        [_reaper(target, foundation) for foundation in foundations],
        datetime.now(UTC) - older_than,
        progress,
        selection=selection,
        options=options,
        confirmed=lambda question: options.auto_approve or confirm(question),
    )


def _reaper(target: Target, foundation: Foundation) -> Reaper:
    deployments = [one for one in target.deployed.deployments if one.org == foundation.org]
    return Reaper(
        foundation,
        target.terraform(foundation).config,
        target.workspace(foundation),
        target.root,
        target.environ,
        target.deployed.git.user,
        CheckoutIdentities({one.state_key: one.identity for one in deployments}),
        frozenset(one.domain for one in deployments),
    )


class UsageReader(Protocol):
    """Reads the last use of deployments from a workspace."""

    def deployments(self) -> Mapping[str, Mapping[str, datetime]]:
        """The last change of each schema, by state key and by full name."""

    def used(self, job: str) -> datetime | None:
        """The time of the creation or the last run of a job; None if the job does not exist."""

    def holds(self, type: str, full_name: str) -> str:
        """The contents of a schema, as text; "" if they are unknown."""


@dataclass(frozen=True)
class StaleDeployment:
    """A personal deployment with the time of its last use.

    Args:
        deployment: the deployment.
        terraform: Terraform with its state and without declared resources.
        used: the last known deployment or run.
        contents: the contents of its state, as text.
    """

    deployment: PersonalDeployment
    terraform: Terraform
    used: datetime
    contents: str

    def __str__(self) -> str:
        return f"{self.deployment.state_key}\n    last used {self.used:%Y-%m-%d %H:%M} UTC; {self.contents}"


@dataclass(frozen=True)
class DeploymentFilter:
    """Selects deployments by user and branch.

    Args:
        user: the e-mail of the user; None selects all users.
        branch: the branch, as git spells it; None selects all branches.
    """

    user: str | None = None
    branch: str | None = None

    def includes(self, personal: PersonalDeployment) -> bool:
        """True if the filter selects a deployment; a filter by user or branch excludes unknown values."""
        return (self.user is None or personal.is_of(self.user)) and self.branch in (None, personal.branch)


@dataclass(frozen=True)
class Reaper:
    """Finds stale deployments of one org in one environment.

    Args:
        foundation: the org's foundation in the environment.
        config: the foundation's synthesized code, for the provider's version.
        workspace: the environment's workspace.
        root: the mesh's root.
        environ: the whole environment of Terraform.
        user: the logged-in user.
        deployed: the deployments of this checkout.
        domains: the org's domains that have flows.
    """

    foundation: Foundation
    config: Mapping[str, Any]
    workspace: UsageReader
    root: Path
    environ: Mapping[str, str]
    user: str | None
    deployed: CheckoutIdentities
    domains: frozenset[str]

    def stale(self, before: datetime, selection: DeploymentFilter) -> tuple[list[StaleDeployment], list[str]]:
        """Returns stale deployments, the longest unused first, and skipped ones with the reason.

        Args:
            before: deployments used at this time or later are not stale.
            selection: selects by user and branch.
        """
        marked = self.workspace.deployments()
        files = dict(local_states(self.foundation.environment, self.root))
        candidates: list[StaleDeployment] = []
        skipped: list[str] = []
        for key in sorted({*marked, *files}):
            one = self._personal(key)
            if one and key not in self.deployed.identities and selection.includes(one):
                outcome = self._inspect(one, marked.get(key, {}), files.get(key))
                candidates += [outcome] if isinstance(outcome, StaleDeployment) else []
                skipped += [f"{key}: {outcome}"] if isinstance(outcome, str) else []
        newest = self._newest_own(candidates)
        due = [one for one in candidates if one.used < before and one not in newest]
        for other in candidates:
            if other not in due:
                remove_folder(other.terraform)
        return sorted(due, key=lambda one: (one.used, one.deployment.state_key)), skipped

    def _personal(self, key: str) -> PersonalDeployment | None:
        return personal_deployment(key, self.foundation, self.domains, self.deployed)

    def _inspect(
        self, personal: PersonalDeployment, schemas: Mapping[str, datetime], file: Path | None
    ) -> StaleDeployment | str | None:
        """Returns a deployment with its last use, the reason to skip it, or None if nothing is deployed."""
        terraform = self._terraform(personal)
        try:
            state = terraform.state()
        except TruncatedStateError as error:
            return str(error)
        if not state.held:
            remove_folder(terraform)
            return (
                "its state is not in this backend (reap it from where it was deployed)" if schemas else None
            )
        times = [time for name, time in schemas.items() if ("databricks_schema", name) in state.ids]
        times += [datetime.fromtimestamp(file.stat().st_mtime, UTC)] if file else []
        jobs = (self.workspace.used(id) for type, id in sorted(state.ids) if type == "databricks_job")
        times += [time for time in jobs if time]
        tags = (resource.get("tags") for resource in state.held.values())
        times += self._dates({each.get("git_commit") for each in tags if isinstance(each, Mapping)})
        if not times:
            return "the time of its last use is unknown"
        return StaleDeployment(personal, terraform, max(times), ", ".join(self._contents(state.ids)))

    def _newest_own(self, candidates: Iterable[StaleDeployment]) -> list[StaleDeployment]:
        """The logged-in user's newest deployment of each project in this checkout."""
        current = map(self._personal, self.deployed.identities)
        projects = {one.project for one in current if one}
        newest: dict[str, StaleDeployment] = {}
        for one in sorted(candidates, key=lambda one: one.used):
            if one.deployment.is_of(self.user) and one.deployment.project in projects:
                newest[one.deployment.project] = one
        return list(newest.values())

    def _dates(self, commits: Iterable[object]) -> Iterator[datetime]:
        """The dates of commits: a commit is deployed after its date."""
        for commit in filter(None, commits):
            if re.fullmatch(r"[0-9a-f]{40,64}", str(commit)):
                date = query_git(self.root, "show", "--no-patch", "--format=%ct", str(commit))
                yield from [datetime.fromtimestamp(int(date), UTC)] if date else []

    def _contents(self, ids: Iterable[tuple[str, str]]) -> Iterator[str]:
        counts = Counter(type for type, _ in ids)
        for type, kind in RESOURCE_KINDS.items():
            if number := counts[type]:
                yield f"{number} {kind.label}{'s' if number > 1 else ''}"
        for type, id in sorted(ids):
            if type == "databricks_schema" and (holds := self.workspace.holds(type, id)) not in ("", "empty"):
                yield f"{id} with {holds}"

    def _terraform(self, personal: PersonalDeployment) -> Terraform:
        """Terraform with one state and without declared resources."""
        digest = sha256(personal.state_key.encode()).hexdigest()[:16]
        folder = self.root / ".mesh" / "reap" / f"{personal.project.replace('/', '-')[:100]}-{digest}"
        backend = self.foundation.environment.backend.at(personal.state_key)
        host = self.foundation.environment.workspace
        return orphaned_state(folder, backend, host, self.config, self.root, self.environ)


def parse_age(text: str) -> timedelta:
    """Parses an age such as `14d`, `12h` or `2w`.

    Raises:
        UsageError: the text is not an age.
    """
    match = re.fullmatch(r"([0-9]{1,4})([hdw])", text)
    if not match:
        raise UsageError(f"`{text}` is not an age (write hours, days or weeks: 12h, 14d, 2w)")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def reap_stale(
    reapers: Sequence[Reaper],
    before: datetime,
    progress: Progress,
    *,
    selection: DeploymentFilter,
    options: ReapOptions,
    confirmed: Callable[[str], bool],
) -> None:
    """Lists stale deployments and destroys them side by side, each through its own state.

    Args:
        reapers: one for each org.
        before: deployments used at this time or later are not stale.
        progress: receives what happens.
        selection: selects by user and branch.
        options: the options.
        confirmed: asks for confirmation before the first deployment is destroyed.

    Raises:
        StoppedError: the user interrupted.
        OutsideError: a deployment could not be destroyed; the others are destroyed.
    """
    outcomes = [reaper.stale(before, selection) for reaper in reapers]
    stale = [one for due, _ in outcomes for one in due]
    for line in (line for _, skipped in outcomes for line in skipped):
        emit(f"skipped: {visible(line)}")
    try:
        if _confirmed(stale, before, confirmed, dry_run=options.dry_run):
            _destroy(stale, progress, options.parallelism)
    finally:
        for one in stale:
            remove_folder(one.terraform)


def _confirmed(
    stale: Sequence[StaleDeployment], before: datetime, confirmed: Callable[[str], bool], *, dry_run: bool
) -> bool:
    """Lists stale deployments; True if they are to be destroyed."""
    if not stale:
        emit(f"Nothing is stale: all other deployments were used since {before:%Y-%m-%d %H:%M} UTC.")
        return False
    for one in stale:
        emit(f"stale: {one}")
    return not dry_run and confirmed(f"Destroy {_count(stale)} with all data?")


def _destroy(stale: Sequence[StaleDeployment], progress: Progress, parallelism: int) -> None:
    def work(terraform: Terraform, reporter: Reporter) -> str:
        return destroy_resources(terraform, reporter=reporter)

    tasks = [
        StackTask(
            one.deployment.state_key,
            partial(work, one.terraform),
            summary=str,
            prepare=one.terraform.init,
        )
        for one in stale
    ]
    results = run_stacks("destroy", tasks, progress, parallelism)
    raise_failures(results, {}, "not all deployments are destroyed:", RERUN_HINT, "destroy")
    emit(f"Destroyed {_count(stale)}.")


def _count(stale: Sequence[StaleDeployment]) -> str:
    return counted(len(stale), "deployment")
