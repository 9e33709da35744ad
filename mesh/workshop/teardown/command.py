"""What `mesh workshop teardown` needs of a mesh and its workspace, and who has to agree."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from mesh.console import emit, visible
from mesh.deployment.state_key import parsed
from mesh.errors import OutsideError, UsageError
from mesh.load import load
from mesh.model.backend import Backend
from mesh.terraform.orphaned_state import tidy, undeclared
from mesh.terraform.synthesis import Runtime
from mesh.terraform.terraform import CONFIG, Terraform
from mesh.workshop.teardown.inventory import connected
from mesh.workshop.teardown.teardown import TearDown
from mesh.workshop.workshop import Workshop
from mesh.workshop.workshop_file import read_workshop


def tear_down(root: Path, *, local: bool, dry_run: bool, name: str | None, as_json: bool) -> None:
    """Remove what a workshop and its students made, after the one who asks has written its name.

    Args:
        root: the mesh's root.
        local: whether it was rehearsed in the workspace on this machine.
        dry_run: whether to list only.
        name: the workshop's name, as the one who asks has written it already.
        as_json: whether the report goes to stdout as JSON, and all else to stderr.

    Raises:
        UsageError: the name is another one, or nobody can be asked for it.
        OutsideError: some of it could not be removed; all else is.
    """
    workshop = read_workshop(root, local=local)
    check_name(workshop.name, name, dry_run=dry_run, answers=sys.stdin.isatty())
    place = _Place(workshop, root.resolve())
    with _said_on_stderr() if as_json else nullcontext():
        own = place.terraform(workshop.state_key, workshop.backend)
        try:
            one = TearDown(workshop, own, place.deployed, connected(**place.login), _say)
            report = one.run(dry_run=dry_run, confirmed=lambda: confirmed(workshop.name, name, input))
        finally:
            tidy(own)
    if as_json:
        emit(json.dumps({"workshop": workshop.name, "dry_run": dry_run, **report.as_json()}, indent=2))
    if report.failed:
        raise OutsideError(
            f"{len(report.failed)} could not be removed, see above; running it again does the rest"
        )


@dataclass(frozen=True)
class _Place:
    """Where a workshop's states are, and its workspace."""

    workshop: Workshop
    root: Path

    @cached_property
    def _runtime(self) -> Runtime:
        return Runtime(self.workshop.environment, self.workshop.embedded, self.root)

    @property
    def login(self) -> dict[str, str]:
        """How the workspace is reached, apart from what the environment variables say."""
        host = self.workshop.workspace
        return self._runtime.login or ({"host": host} if host else {})

    @cached_property
    def _config(self) -> Mapping[str, Any]:
        """What is synthesized, when that was done already as it was."""
        synthesized = self._runtime.terraform(self.workshop.stack)
        if not (synthesized.folder / CONFIG).exists():
            self._runtime.synthesize()
        return synthesized.config

    def terraform(self, key: str, backend: Backend) -> Terraform:
        """Terraform with a state, and nothing declared."""
        folder = self.root / ".mesh" / "teardown" / sha256(key.encode()).hexdigest()[:16]
        host = self.workshop.workspace
        return undeclared(folder, backend.at(key), host, self._config, self.root, self._runtime.environ)

    def deployed(self, key: str) -> Terraform | None:
        """The same for a deployment's state; None where this mesh does not know its backend."""
        said = parsed(key)
        for org in load(self.root).orgs:
            project = said.project or ""
            environment = org.environments.get(said.environment)
            of_org = project.count("/") == 2 and project.partition("/")[0] == org.name if org.name else True
            if not environment or not of_org or environment.embedded != self.workshop.embedded:
                continue
            if environment.embedded or environment.workspace in (None, self.workshop.workspace):
                return self.terraform(key, environment.backend)
        return None


def check_name(right: str, name: str | None, *, dry_run: bool, answers: bool) -> None:
    """Refuse another workshop's name, and removing anything where nobody wrote a name or could.

    Args:
        right: the workshop's name.
        name: what the one who asks has written already, if anything.
        dry_run: whether nothing will be removed.
        answers: whether somebody can be asked.

    Raises:
        UsageError: it is refused.
    """
    if name is not None and name != right:
        said = visible(name[:60])
        raise UsageError(f"the workshop here is called `{right}`, not `{said}`; nothing was changed")
    if name is None and not dry_run and not answers:
        raise UsageError(
            "nobody can answer here: look at `mesh workshop teardown --dry-run` first, then write --name"
        )


def confirmed(right: str, name: str | None, ask: Callable[[str], str]) -> bool:
    """Whether the one who asks has written the workshop's name, or does so now.

    Args:
        right: the workshop's name.
        name: what was written already, if anything.
        ask: shows a question and gives the answer.
    """
    if name == right or ask("Write the workshop's name to remove all of this: ").strip() == right:
        return True
    emit("Nothing was changed.")
    return False


def _say(text: str) -> None:
    for line in text.split("\n"):
        emit(visible(line))


@contextmanager
def _said_on_stderr() -> Iterator[None]:
    """Have everything on stderr that is said inside, by Terraform as well, so that stdout is for scripts."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)
