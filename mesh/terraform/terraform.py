"""Runs Terraform in a stack's synthesized folder."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from local.toolchain.json_output import json_text
from mesh.documents.terraform_text import literal, unescape
from mesh.errors import OutsideError
from mesh.terraform import interrupt, state
from mesh.terraform.plan import DeclaredResource, Plan, read_change
from mesh.terraform.state import State

CONFIG = "cdk.tf.json"
_IMPORTS = "adopt.tf.json"
_PLAN = "mesh.plan"
_LOCK = ".terraform.lock.hcl"
DATABRICKS = "databricks/databricks"
# The entry of a provider in the lock file
_LOCKED = re.compile(rf'provider "[^"]*/{DATABRICKS}" {{[^}}]*?version\s*=\s*"([^"]+)"')
_VERSION = re.compile(r"^(Terraform|OpenTofu) v\d.*", re.MULTILINE)
_LINES = 20  # printed lines of an error
_REFERENCE = re.compile(r"(?<!\$)\$\{((?:data\.)?\w+\.[\w-]+)\.(\w+)\}")


class StoppedError(OutsideError):
    """Terraform was interrupted and has finished its current operations."""


@dataclass(frozen=True)
class Terraform:
    """Terraform for one stack.

    Args:
        folder: the stack's synthesized folder.
        environ: the whole environment of Terraform.
    """

    folder: Path
    environ: Mapping[str, str]

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
        declared = self._declared("resource")
        by_address = declared | {f"data.{address}": one for address, one in self._declared("data").items()}
        return tuple(
            DeclaredResource(address, {name: _text(value, by_address) for name, value in one.items()})
            for address, one in declared.items()
        )

    def _declared(self, block: str) -> dict[str, Mapping[str, Any]]:
        """The arguments of the resources or data sources, by type and name."""
        types: Mapping[str, Mapping[str, Any]] = self.config.get(block, {})
        return {f"{kind}.{id}": one for kind, named in types.items() for id, one in named.items()}

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
        file = self.folder / _LOCK
        return file.read_text(encoding="utf-8") if file.exists() else None

    @cached_property
    def program(self) -> str:
        """The program and its version, such as `Terraform v1.11.4`."""
        answer = self._ask("report its version to", "version")
        found = _VERSION.search(answer)  # warnings may stand before it
        return found[0] if found else answer.partition("\n")[0]

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
        pulled = self._ask("read the state of", "state", "pull")
        before_the_first_deployment = not any(line.startswith("{") for line in pulled.splitlines())
        return state.parse_state("" if before_the_first_deployment else _json(pulled))

    def init(self) -> None:
        """Initializes provider and backend; later calls do nothing."""
        _ = self._initialized

    def plan(
        self,
        targets: Iterable[str] = (),
        imports: Mapping[str, str] | None = None,
        *,
        refresh_only: bool = False,
    ) -> Plan:
        """Plans, and saves the plan for `apply`.

        Args:
            targets: the addresses to plan; empty plans all resources.
            imports: the ids of objects to import into the state, by address.
            refresh_only: True to compare only the state with the workspace.

        Returns:
            The plan. If Terraform fails, the incomplete plan with the error.
        """
        self.init()
        self.discard_plan()
        with _ImportBlocks(self.folder / _IMPORTS, imports or {}):
            options = [f"-target={address}" for address in targets]
            options += ["-refresh-only"] if refresh_only else []
            done = self._run("plan", f"-out={_PLAN}", "-input=false", *options)
        error = self._failure("plan", done) if done.returncode else None
        text = self.show()
        if text is None:
            return Plan((), error or f"Terraform saved no plan of {self.stack}")
        changes = (read_change(one) for one in json.loads(text).get("resource_changes", ()))
        return Plan(tuple(one for one in changes if one.imports or one.actions != ("no-op",)), error)

    def show(self) -> str | None:
        """The output of `terraform show -json` for the last plan; None without a plan."""
        if not (self.folder / _PLAN).exists():
            return None
        return _json(self._ask("show the plan of", "show", "-json", _PLAN))

    def pin_providers(self, lock: str | None) -> None:
        """Pins the versions of providers; Terraform would take the newest matching versions.

        Args:
            lock: the content of a lock file, as `lock` returns it; None does not pin.
        """
        if lock is not None:
            (self.folder / _LOCK).write_text(lock, encoding="utf-8")

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

    def apply(self) -> None:
        """Applies the last plan, with its imports.

        Raises:
            StoppedError: Terraform was interrupted.
            OutsideError: Terraform failed.
        """
        command = [self._program, "apply", "-input=false", "-no-color", _PLAN]
        code, interrupted = interrupt.run(command, self.environ, self.folder)
        self.discard_plan()
        if code or interrupted:
            if interrupted:
                raise StoppedError(f"terraform apply of {self.stack} was interrupted")
            raise OutsideError(f"terraform apply of {self.stack} failed, see above")

    def discard_plan(self) -> None:
        """Removes the plan file, which contains values of the state, and leftover import blocks."""
        (self.folder / _PLAN).unlink(missing_ok=True)
        # otherwise the import blocks would be part of every later plan
        (self.folder / _IMPORTS).unlink(missing_ok=True)

    @cached_property
    def _initialized(self) -> bool:
        self._ask("initialize", "init", "-input=false")
        return True

    @property
    def _program(self) -> str:
        return self.environ.get("TERRAFORM_BINARY_NAME", "terraform")

    def _ask(self, doing: str, *arguments: str) -> str:
        done = self._run(*arguments)
        if done.returncode:
            raise OutsideError(self._failure(doing, done))
        return done.stdout

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [self._program, arguments[0], *_plain(arguments)]
        return subprocess.run(
            command,
            cwd=self.folder,
            env={**self.environ, "TF_IN_AUTOMATION": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def _failure(self, doing: str, done: subprocess.CompletedProcess[str]) -> str:
        output = (done.stderr or done.stdout).strip()
        # warnings come first and rarely help
        _, error, rest = output.partition("Error: ")
        lines = (error + rest if error else output).splitlines()[:_LINES]
        return f"Terraform cannot {doing} {self.stack}; it reports:\n" + "\n".join(
            f"  {one}" for one in lines
        )


def _json(output: str) -> str:
    """The JSON document in Terraform's output, without warnings."""
    try:
        return json_text(output)
    except ValueError as error:
        shown = "\n".join(f"  {line}" for line in output.strip().splitlines()[:_LINES])
        raise OutsideError(f"Terraform prints no JSON, but:\n{shown}") from error


class _ImportBlocks:
    """A temporary file of import blocks."""

    def __init__(self, file: Path, imports: Mapping[str, str]) -> None:
        self.file = file
        self.imports = imports

    def __enter__(self) -> None:
        if self.imports:
            blocks = [{"to": address, "id": literal(id)} for address, id in self.imports.items()]
            self.file.write_text(json.dumps({"import": blocks}), encoding="utf-8")

    def __exit__(self, *exception: object) -> None:
        self.file.unlink(missing_ok=True)


def _plain(arguments: Sequence[str]) -> list[str]:
    """The arguments after the command, with the flag for uncolored output if the command has it."""
    color = [] if arguments[0] == "state" else ["-no-color"]
    return [*color, *arguments[1:]]


def _text(value: Any, by_address: Mapping[str, Mapping[str, Any]]) -> Any:
    """The value with references to the stack's own resources resolved and escapes removed."""
    if isinstance(value, Mapping):
        return {name: _text(one, by_address) for name, one in value.items()}
    if isinstance(value, list):
        return [_text(one, by_address) for one in value]
    if not isinstance(value, str):
        return value
    if reference := _REFERENCE.fullmatch(value):
        referenced = _referenced(reference, by_address)
        return value if referenced is None else referenced
    return unescape(_REFERENCE.sub(lambda one: str(_referenced(one, by_address) or one[0]), value))


def _referenced(reference: re.Match[str], by_address: Mapping[str, Mapping[str, Any]]) -> Any:
    """The value of a reference; None if only Terraform knows it."""
    arguments = by_address.get(reference[1], {})
    value = arguments.get(reference[2])
    if value is None and reference[2] == "home" and "user_name" in arguments:
        # provider documentation, `databricks_user`, `home`
        value = f"/Users/{arguments['user_name']}"
    return None if value is None else _text(value, by_address)
