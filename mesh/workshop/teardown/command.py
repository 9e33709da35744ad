"""Implements `mesh workshop teardown`: finds states and workspace, and asks for confirmation."""

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
from mesh.deployment.state_key import parse_state_key
from mesh.errors import OutsideError, UsageError
from mesh.load import load
from mesh.model.backend import Backend
from mesh.terraform import PARALLELISM
from mesh.terraform.orphaned_state import orphaned_state, remove_folder
from mesh.terraform.progress import choose_progress
from mesh.terraform.run_folder import CONFIG
from mesh.terraform.runtime import Runtime
from mesh.terraform.terraform import Terraform
from mesh.workshop.teardown.inventory import connect_inventory
from mesh.workshop.teardown.teardown import Teardown
from mesh.workshop.workshop import Workshop
from mesh.workshop.workshop_file import read_workshop


def tear_down(
    root: Path, *, local: bool, dry_run: bool, name: str | None, as_json: bool, parallelism: int = PARALLELISM
) -> None:
    """Removes a workshop and what its students created, after the user has typed the workshop's name.

    Args:
        root: the mesh's root.
        local: whether the workshop was rehearsed in the local workspace.
        dry_run: True to list the objects only.
        name: the workshop's name, if the user has typed it already.
        as_json: whether the report goes to stdout as JSON, and all other output to stderr.
        parallelism: the number of deployments that are destroyed at a time.

    Raises:
        UsageError: the name is wrong, or there is no terminal to ask for it.
        OutsideError: some objects could not be removed; all others are removed.
    """
    workshop = read_workshop(root, local=local)
    check_name(workshop.name, name, dry_run=dry_run, has_terminal=sys.stdin.isatty())
    states = _States(workshop, root.resolve())
    with _stdout_to_stderr() if as_json else nullcontext():
        terraform = states.terraform(workshop.state_key, workshop.backend)
        try:
            inventory = connect_inventory(**states.login)
            teardown = Teardown(
                workshop, terraform, states.deployment, inventory, _print, choose_progress(), parallelism
            )
            report = teardown.run(dry_run=dry_run, confirm=lambda: confirm_name(workshop.name, name, input))
        finally:
            remove_folder(terraform)
    if as_json:
        emit(json.dumps({"workshop": workshop.name, "dry_run": dry_run, **report.as_json()}, indent=2))
    if report.failed:
        raise OutsideError(
            f"{len(report.failed)} objects could not be removed, see above; run it again to remove the rest"
        )


@dataclass(frozen=True)
class _States:
    """The states of a workshop and of its students' deployments, and the login to its workspace."""

    workshop: Workshop
    root: Path

    @cached_property
    def _runtime(self) -> Runtime:
        return Runtime(self.workshop.embedded, self.root)

    @property
    def login(self) -> dict[str, str]:
        """Settings for the login that override the environment variables."""
        host = self.workshop.workspace
        return self._runtime.login or ({"host": host} if host else {})

    @cached_property
    def _config(self) -> Mapping[str, Any]:
        """The synthesized stack; synthesizes it if that was not done before."""
        synthesized = self._runtime.terraform(self.workshop.stack)
        if not (synthesized.folder / CONFIG).exists():
            self._runtime.synthesize([self.workshop])
        return synthesized.config

    def terraform(self, key: str, backend: Backend) -> Terraform:
        """Terraform on a state, with an empty configuration."""
        folder = self.root / ".mesh" / "teardown" / sha256(key.encode()).hexdigest()[:16]
        host = self.workshop.workspace
        return orphaned_state(folder, backend.at(key), host, self._config, self.root, self._runtime.environ)

    def deployment(self, key: str) -> Terraform | None:
        """Terraform on a deployment's state; None if this mesh does not declare its backend."""
        deployment = parse_state_key(key)
        for org in load(self.root).orgs:
            project = deployment.project or ""
            environment = org.environments.get(deployment.environment)
            of_org = project.count("/") == 2 and project.partition("/")[0] == org.name if org.name else True
            if not environment or not of_org or environment.embedded != self.workshop.embedded:
                continue
            if environment.embedded or environment.workspace in (None, self.workshop.workspace):
                return self.terraform(key, environment.backend)
        return None


def check_name(expected: str, name: str | None, *, dry_run: bool, has_terminal: bool) -> None:
    """Refuses the name of another workshop, and a removal without a name and without a terminal.

    Args:
        expected: the workshop's name.
        name: the name that the user has typed already, if any.
        dry_run: whether nothing will be removed.
        has_terminal: whether the user can be asked.

    Raises:
        UsageError: the name is refused.
    """
    if name is not None and name != expected:
        typed = visible(name[:60])
        raise UsageError(f"this workshop is called `{expected}`, not `{typed}`; nothing was changed")
    if name is None and not dry_run and not has_terminal:
        raise UsageError(
            "no terminal to confirm on: check `mesh workshop teardown --dry-run` first, then use --name"
        )


def confirm_name(expected: str, name: str | None, ask: Callable[[str], str]) -> bool:
    """True if the user has typed the workshop's name, or types it now.

    Args:
        expected: the workshop's name.
        name: the name that the user has typed already, if any.
        ask: prints a question and returns the answer.
    """
    if name == expected or ask("Type the workshop's name to remove all of this: ").strip() == expected:
        return True
    emit("Nothing was changed.")
    return False


def _print(text: str) -> None:
    for line in text.split("\n"):
        emit(visible(line))


@contextmanager
def _stdout_to_stderr() -> Iterator[None]:
    """Redirects stdout to stderr, also for Terraform, so that stdout contains the JSON only."""
    sys.stdout.flush()
    saved = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(saved, 1)
        os.close(saved)
