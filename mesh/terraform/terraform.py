"""Runs Terraform in a stack's synthesized folder."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from mesh.documents.secret_text import text_masked
from mesh.errors import OutsideError
from mesh.terraform import failed_changes, state
from mesh.terraform.apply_error import ApplyError
from mesh.terraform.declared_resources import declared_resources
from mesh.terraform.import_blocks import ImportBlocks
from mesh.terraform.initialization import init_options, initialization
from mesh.terraform.interrupt import Completed
from mesh.terraform.json_log import ApplyMessage, errors, other_lines, read_message
from mesh.terraform.missing_tables import TableLookup, WithoutMissingTables
from mesh.terraform.plan import DeclaredResource, Plan, read_change
from mesh.terraform.program_version import program_version
from mesh.terraform.run_folder import CONFIG, ERRORED_STATE, LOCK_FILE, file_lock
from mesh.terraform.state import State, set_truncated_aside
from mesh.terraform.state_lock import StateLock
from mesh.terraform.terraform_command import SILENT, Reporter, TerraformCommand, ended, json_document
from mesh.terraform.workspace_client import LIMITS, unreachable

_IMPORTS = "adopt.tf.json"
_PLAN = "mesh.plan"
DATABRICKS = "databricks/databricks"
# The entry of a provider in the lock file
_LOCKED = re.compile(rf'provider "[^"]*/{DATABRICKS}" {{[^}}]*?version\s*=\s*"([^"]+)"')
_LINES = 20  # printed lines of an error
_INITIALIZED = "mesh.init"
_STALE = "Saved plan is stale"
# Terraform's errors if a folder was not initialized, or if its plugins were removed
_NOT_INITIALIZED = re.compile(r"(terraform|tofu) init\b|Required plugins are not installed")
_HAS_CHANGES = 2  # the exit code of `terraform plan -detailed-exitcode`


@dataclass(frozen=True)
class Terraform:
    """Terraform for one stack.

    Args:
        folder: the stack's synthesized folder.
        environ: the whole environment of Terraform.
        workspace: opens the stack's workspace; None plans as if all tables that resources hang on existed.
        patience: seconds until a workspace without a sign of life counts as unreachable.
        shared: the folder that all commands share for the stack, with Terraform's plugins and an unsaved
            state; None if that is `folder`, too.
    """

    folder: Path
    environ: Mapping[str, str]
    shared: Path | None = None
    patience: float = LIMITS.first
    workspace: Callable[[], TableLookup] | None = None

    @property
    def stack(self) -> str:
        """The stack's name."""
        return self.folder.name

    @cached_property
    def config(self) -> Mapping[str, Any]:
        """The synthesized code."""
        loaded: Mapping[str, Any] = json.loads((self.folder / CONFIG).read_text(encoding="utf-8"))
        return loaded

    @cached_property
    def resources(self) -> tuple[DeclaredResource, ...]:
        """The resources that the stack declares."""
        return declared_resources(self.config)

    @property
    def moved(self) -> tuple[str, ...]:
        """The old and new addresses of renamed resources."""
        return tuple(one[end] for one in self.config.get("moved", ()) for end in ("from", "to"))

    @property
    def fingerprint(self) -> str:
        """The hash of the synthesized code, which includes the files that are uploaded to the workspace."""
        return sha256((self.folder / CONFIG).read_bytes()).hexdigest()

    @property
    def lock(self) -> str | None:
        """Terraform's lock file with the versions of providers; None if it does not exist."""
        file = self.folder / LOCK_FILE
        return file.read_text(encoding="utf-8") if file.exists() else None

    @cached_property
    def program(self) -> str:
        """The program and its version, such as `Terraform v1.11.4`."""
        return program_version(self._command)

    @property
    def attached(self) -> bool:
        """True if a running provider is attached to Terraform, as the offline provider is."""
        return DATABRICKS in self.environ.get("TF_REATTACH_PROVIDERS", "")

    @property
    def provider_version(self) -> str | None:
        """The version of the Databricks provider that Terraform has installed; None before `init`."""
        found = _LOCKED.search(self.lock or "")
        return found[1] if found and not self.attached else None

    @property
    def planned(self) -> bytes | None:
        """The content of Terraform's last plan file; None if it does not exist."""
        file = self.folder / _PLAN
        return file.read_bytes() if file.exists() else None

    @property
    def plan_hash(self) -> str | None:
        """The hash of Terraform's last plan file; None if it does not exist."""
        plan = self.planned
        return None if plan is None else sha256(plan).hexdigest()

    @property
    def local_state(self) -> Path | None:
        """The file of its state; None for other backends than `local`."""
        backend = self.config.get("terraform", {}).get("backend", {})
        return (self.folder / backend["local"]["path"]).resolve() if "local" in backend else None

    def state(self) -> State:
        """Reads the state from its backend.

        Raises:
            TruncatedStateError: a local state is truncated.
            OutsideError: Terraform cannot read the state.
        """
        if self.local_state:
            return state.read_state(self.local_state)
        self.init()
        pulled = self._command.ask("read the state of", "state", "pull")
        before_the_first_deployment = not any(line.startswith("{") for line in pulled.splitlines())
        return state.parse_state("" if before_the_first_deployment else json_document(pulled))

    def init(self) -> None:
        """Initializes provider and backend; later calls do nothing."""
        # no cached property: in Python 3.11 it has one lock, so that folders would wait for each other
        if "_initialized" not in self.__dict__:
            self._initialize()
            self.__dict__["_initialized"] = True

    def prepare(self) -> None:
        """Initializes, and learns the program's version, which one stack asks beside `init` of another."""
        self.init()
        _ = self.program

    def plan(
        self,
        targets: Iterable[str] = (),
        imports: Mapping[str, str] | None = None,
        *,
        refresh_only: bool = False,
        destroy: bool = False,
        reporter: Reporter = SILENT,
    ) -> Plan:
        """Plans, and saves the plan for `apply`.

        Args:
            targets: the addresses to plan; empty plans all resources.
            imports: the ids of objects to import into the state, by address.
            refresh_only: True to compare only the state with the workspace.
            destroy: True to plan the destruction of everything in the state.
            reporter: receives what Terraform does.

        Returns:
            The plan. If Terraform fails, the incomplete plan with the error.

        Raises:
            StoppedError: the user interrupted.
            LockedStateError: somebody else holds the lock of the state for too long.
        """
        self.init()
        self.discard_plan()
        if unreachable := self._unreachable():
            return Plan((), unreachable)
        lookup = None if refresh_only or destroy else self.workspace
        with (
            ImportBlocks(self.folder / _IMPORTS, imports or {}),
            WithoutMissingTables(self.folder / CONFIG, self.config, lookup),
        ):
            options = [f"-target={address}" for address in targets]
            options += ["-refresh-only"] if refresh_only else []
            options += ["-destroy"] if destroy else []
            arguments = [f"-out={_PLAN}", "-input=false", "-detailed-exitcode", *options]
            done = self._run_initialized("plan", *arguments, reporter=reporter)
        if done.code == 0:
            return Plan((), file_hash=self.plan_hash)  # no changes: nothing needs to be read
        error = None if done.code == _HAS_CHANGES else self._command.failure("plan", done)
        text = self.show()
        if text is None:
            return Plan((), error or f"Terraform saved no plan of {self.stack}")
        changes = (read_change(one) for one in json.loads(text).get("resource_changes", ()))
        changing = tuple(one for one in changes if one.imports or one.actions != ("no-op",))
        return Plan(changing, error, text, self.plan_hash)

    def _unreachable(self) -> str | None:
        """Why the stack's workspace cannot be asked; None if it answers."""
        providers = self.config.get("provider", {}).get("databricks", [])
        if not providers or self.attached:
            return None
        why = unreachable(providers[0].get("host"), self.environ, self.patience)
        return why and f"{self.stack} was not planned: {why}"

    def show(self) -> str | None:
        """The output of `terraform show -json` for the last plan; None without a plan."""
        if not (self.folder / _PLAN).exists():
            return None
        return json_document(self._command.ask("show the plan of", "show", "-json", _PLAN))

    def pin_providers(self, lock: str | None) -> None:
        """Pins the versions of providers; otherwise Terraform takes the newest matching versions.

        Args:
            lock: the content of a lock file, as `lock` returns it; None does not pin.
        """
        if lock is not None:
            (self.folder / LOCK_FILE).write_text(lock, encoding="utf-8")

    def load_plan(self, plan: bytes) -> None:
        """Loads a saved plan, for `show` and `apply`.

        Args:
            plan: the content of the plan file, as `planned` returns it.
        """
        self.init()
        self.discard_plan()
        file = self.folder / _PLAN
        file.touch(mode=0o600)
        file.write_bytes(plan)

    def apply(self, reporter: Reporter = SILENT, reviewed: str | None = None) -> None:
        """Applies the last plan, with its imports.

        Args:
            reporter: receives what Terraform does.
            reviewed: the hash of the plan that was reviewed; another plan is not applied. None takes any.

        Raises:
            StoppedError: the user interrupted.
            LockedStateError: somebody else holds the lock of the state for too long.
            ApplyError: Terraform failed.
        """
        if reviewed is not None and self.plan_hash != reviewed:
            self.discard_plan()
            raise ApplyError(
                f"the plan of {self.stack} is not the one that was reviewed, because another program changed "
                f"{self.folder / _PLAN}; nothing of it was applied (plan and review again)"
            )
        messages: list[ApplyMessage] = []

        def read(line: str) -> None:
            if message := read_message(line):
                messages.append(message)
                reporter.message(message)

        try:
            done = self._run_initialized(
                "apply", "-json", "-input=false", _PLAN, reporter=reporter, on_line=read
            )
            plan = None
            if done.code:
                with suppress(OutsideError):
                    plan = self.show()
        finally:
            self.discard_plan()
            self._share_errored_state()
        if done.code:
            raise self._apply_error(done, list(errors(messages)), plan)

    def _apply_error(self, done: Completed, failed: Sequence[ApplyMessage], plan: str | None) -> ApplyError:
        lines = [line for one in failed for line in one.error.splitlines()]
        reported = lines or (done.stderr.strip().splitlines() or other_lines(done.stdout))[:_LINES]
        text = "".join(f"\n  {line}" for line in text_masked("\n".join(reported)).splitlines())
        message = f"terraform apply of {self.stack} {ended(done.code)}{':' if text else ''}{text}"
        if self.errored_state:
            message += f"\n  the state could not be saved; it is kept in {self.errored_state} "
            message += "(`mesh adopt` saves it, once the backend accepts it)"
        addresses = [one.address for one in failed if one.address]
        if not self.errored_state and (note := failed_changes.take_back(self._command, plan, addresses)):
            message += f"\n  {note}"
        stale = any(_STALE in line for line in reported)
        return ApplyError(message, addresses, stale=stale, unsaved=self.errored_state is not None)

    @property
    def errored_state(self) -> Path | None:
        """The state that Terraform could not save in its backend; None if there is none."""
        file = (self.shared or self.folder) / ERRORED_STATE
        return file if file.exists() else None

    def _share_errored_state(self) -> None:
        """Moves a state that could not be saved to where later commands find it."""
        own = self.folder / ERRORED_STATE
        if self.shared and own.exists():
            own.replace(self.shared / ERRORED_STATE)

    def push_errored_state(self) -> str:
        """Saves a state that Terraform could not save before.

        Returns:
            A message that says which state was saved, or set aside because the full disk truncated it, too.

        Raises:
            OutsideError: the backend refuses the state, for example because it contains a newer state.
        """
        self.init()
        file = (self.shared or self.folder) / ERRORED_STATE
        if aside := set_truncated_aside(file):
            return (
                f"the state of {self.stack} that could not be saved is truncated, too: it is kept as {aside}"
            )
        self._command.ask("save the errored state of", "state", "push", os.path.relpath(file, self.folder))
        file.unlink()
        return f"the state of {self.stack} that could not be saved is saved now"

    def find_lock(self) -> StateLock | None:
        """The lock of the state; None if it is not locked.

        Raises:
            OutsideError: the lock can neither be taken nor read, for example because rights are missing.
        """
        self.init()
        return self._command.find_lock()

    def unlock(self, lock: StateLock) -> None:
        """Releases a lock.

        Raises:
            OutsideError: the backend does not release it.
        """
        self._command.ask("unlock the state of", "force-unlock", "-force", lock.id)

    def discard_plan(self) -> None:
        """Removes the plan file, which contains values of the state, and leftover import blocks."""
        (self.folder / _PLAN).unlink(missing_ok=True)
        # otherwise the import blocks would be part of every later plan
        (self.folder / _IMPORTS).unlink(missing_ok=True)

    def _initialize(self, *, again: bool = False) -> None:
        """Runs `terraform init` where it is needed, or `again` where Terraform says so."""
        cache = self.environ.get("TF_PLUGIN_CACHE_DIR")
        # Terraform locks the settings of the backend in its data folder, and does not wait for others
        with file_lock(self._stamp.parent):
            if self._is_stamped and not again:
                return
            # Terraform documentation, "Provider Plugin Cache": it is not safe for several processes at once
            with file_lock(Path(cache) if cache and not self.attached else None):
                options = init_options(self._stamp.parent, self.folder)
                self._command.ask("initialize", "init", "-input=false", *options)
                if self.shared and self.lock is not None:
                    (self.shared / LOCK_FILE).write_text(self.lock, encoding="utf-8")
            self._stamp.write_text(self._initialization, encoding="utf-8")

    @property
    def _is_stamped(self) -> bool:
        """True if the folder is initialized for these settings, as far as this program knows."""
        stamp = self._stamp
        return stamp.exists() and stamp.read_text(encoding="utf-8") == self._initialization

    @property
    def _stamp(self) -> Path:
        """The file that says for which settings the folder is initialized."""
        return (self.shared or self.folder) / ".terraform" / _INITIALIZED

    @property
    def _initialization(self) -> str:
        settings = self.config.get("terraform", {})
        return initialization(
            settings, self.lock, self._command.program, self.environ, attached=self.attached
        )

    @cached_property
    def _command(self) -> TerraformCommand:
        # Terraform documentation, "Environment Variables": the folder of plugins and backend settings
        data = {"TF_DATA_DIR": str(self.shared / ".terraform")} if self.shared else {}
        return TerraformCommand(self.folder, {**data, **self.environ})

    def _run_initialized(
        self, *arguments: str, reporter: Reporter, on_line: Callable[[str], None] | None = None
    ) -> Completed:
        """Runs a command that locks the state; initializes again if Terraform asks for it."""
        done = self._command.run_locked(*arguments, reporter=reporter, on_line=on_line)
        if done.code == 1 and _NOT_INITIALIZED.search(done.stdout + done.stderr):
            # somebody removed the plugins, or changed settings of the backend that only Terraform knows
            self._initialize(again=True)
            done = self._command.run_locked(*arguments, reporter=reporter, on_line=on_line)
        return done
