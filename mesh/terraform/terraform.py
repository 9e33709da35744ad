"""Terraform in a stack's synthesized folder, for what cdktf does not do."""

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

from mesh.errors import OutsideError
from mesh.terraform import interrupt, state
from mesh.terraform.plan import Plan, Resource, _change
from mesh.terraform.state import State

CONFIG = "cdk.tf.json"
_IMPORTS = "adopt.tf.json"
_PLAN = "mesh.plan"
_LOCK = ".terraform.lock.hcl"
_LINES = 20  # of what Terraform says when it fails
_REFERENCE = re.compile(r"\$\{(\w+\.[\w-]+)\.(\w+)\}")


class StoppedError(OutsideError):
    """Somebody interrupted Terraform, which ended what it had begun."""


@dataclass(frozen=True)
class Terraform:
    """Terraform for one stack.

    Args:
        folder: where the stack was synthesized.
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
        """What was synthesized."""
        loaded: Mapping[str, Any] = json.loads((self.folder / CONFIG).read_text(encoding="utf-8"))
        return loaded

    @cached_property
    def resources(self) -> tuple[Resource, ...]:
        """Everything that the stack declares."""
        declared: Mapping[str, Mapping[str, Any]] = self.config.get("resource", {})
        by_address = {f"{kind}.{id}": one for kind, named in declared.items() for id, one in named.items()}
        return tuple(
            Resource(address, {name: _text(value, by_address) for name, value in one.items()})
            for address, one in by_address.items()
        )

    @property
    def moved(self) -> tuple[str, ...]:
        """The addresses that something was renamed from or to."""
        return tuple(one[end] for one in self.config.get("moved", ()) for end in ("from", "to"))

    @property
    def fingerprint(self) -> str:
        """What was synthesized, as one hash: files that go into the workspace are part of it."""
        return sha256((self.folder / CONFIG).read_bytes()).hexdigest()

    @property
    def lock(self) -> str | None:
        """The versions of providers that Terraform has locked; None where it locks none."""
        file = self.folder / _LOCK
        return file.read_text(encoding="utf-8") if file.exists() else None

    @property
    def planned(self) -> bytes | None:
        """The plan that was saved last, as Terraform keeps it; None where there is none."""
        file = self.folder / _PLAN
        return file.read_bytes() if file.exists() else None

    @property
    def local_state(self) -> Path | None:
        """The file that holds its state; None with another backend than `local`."""
        backend = self.config.get("terraform", {}).get("backend", {})
        return (self.folder / backend["local"]["path"]).resolve() if "local" in backend else None

    def state(self) -> State:
        """What its state holds, whichever backend keeps it.

        Raises:
            CutOffError: a local state is only half there.
            OutsideError: Terraform does not get at it.
        """
        if self.local_state:
            return state.read(self.local_state)
        self.init()
        return state.parse(self._ask("read the state of", "state", "pull"))

    def init(self) -> None:
        """Let Terraform find its provider and its backend; once is enough."""
        _ = self._initialized

    def plan(
        self,
        targets: Iterable[str] = (),
        imports: Mapping[str, str] | None = None,
        *,
        refresh_only: bool = False,
    ) -> Plan:
        """Plan, and keep the plan for `apply`.

        Args:
            targets: addresses; none means all.
            imports: ids of things to take into the state, by the address that they get.
            refresh_only: whether to look only how far the state is from what is there.

        Returns:
            The plan; as far as it came, and why it came no further, when it fails.
        """
        self.init()
        self.forget()
        with _ImportBlocks(self.folder / _IMPORTS, imports or {}):
            options = [f"-target={address}" for address in targets]
            options += ["-refresh-only"] if refresh_only else []
            done = self._run("plan", f"-out={_PLAN}", "-input=false", *options)
        error = self._failure("plan", done) if done.returncode else None
        shown = self.show()
        if shown is None:
            return Plan((), error or f"Terraform has not planned {self.stack}")
        changes = (_change(one) for one in json.loads(shown).get("resource_changes", ()))
        return Plan(tuple(one for one in changes if one.imports or one.actions != ("no-op",)), error)

    def show(self) -> str | None:
        """What was planned last, as `terraform show -json` tells it; None where nothing was."""
        if not (self.folder / _PLAN).exists():
            return None
        return self._ask("show the plan of", "show", "-json", _PLAN)

    def pin(self, lock: str | None) -> None:
        """Have Terraform take these versions of providers, instead of the newest that will do.

        Args:
            lock: the versions, as `lock` gave them; None leaves it to Terraform.
        """
        if lock is not None:
            (self.folder / _LOCK).write_text(lock, encoding="utf-8")

    def take(self, plan: bytes) -> None:
        """Take a plan that was saved elsewhere, for `show` and `apply`.

        Args:
            plan: the plan, as `planned` gave it.
        """
        self.init()
        self.forget()
        file = self.folder / _PLAN
        file.touch(mode=0o600)
        file.write_bytes(plan)

    def apply(self) -> None:
        """Do what was planned last; import blocks are part of a plan.

        Raises:
            OutsideError: it fails, or somebody interrupts it.
        """
        command = [self._program, "apply", "-input=false", "-no-color", _PLAN]
        code, interrupted = interrupt.run(command, self.environ, self.folder)
        self.forget()
        if code or interrupted:
            if interrupted:
                raise StoppedError(f"terraform apply of {self.stack} was interrupted")
            raise OutsideError(f"terraform apply of {self.stack} failed, see above")

    def forget(self) -> None:
        """Remove the saved plan, which holds what the state holds, and what a kill left beside it."""
        (self.folder / _PLAN).unlink(missing_ok=True)
        # import blocks that stay would be part of every later plan
        (self.folder / _IMPORTS).unlink(missing_ok=True)

    @cached_property
    def _initialized(self) -> bool:
        self._ask("prepare", "init", "-input=false")
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
        said = (done.stderr or done.stdout).strip()
        # warnings come first, and mostly are of no help here
        _, error, rest = said.partition("Error: ")
        lines = (error + rest if error else said).splitlines()[:_LINES]
        return f"Terraform cannot {doing} {self.stack}; it says:\n" + "\n".join(f"  {one}" for one in lines)


class _ImportBlocks:
    """A file of import blocks, there while it is needed."""

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
    """The arguments after the command, with the flag for output without colours where there is one."""
    colours = [] if arguments[0] == "state" else ["-no-color"]
    return [*colours, *arguments[1:]]


def literal(value: Any) -> Any:
    """The same value with all text in it as Terraform does not evaluate it."""
    if isinstance(value, str):
        return value.replace("${", "$${").replace("%{", "%%{")
    if isinstance(value, Mapping):
        return {name: literal(one) for name, one in value.items()}
    return [literal(one) for one in value] if isinstance(value, list | tuple) else value


def _text(value: Any, by_address: Mapping[str, Mapping[str, Any]]) -> Any:
    """What Terraform makes of a value, as far as the stack itself says it."""
    if isinstance(value, Mapping):
        return {name: _text(one, by_address) for name, one in value.items()}
    if isinstance(value, list):
        return [_text(one, by_address) for one in value]
    if not isinstance(value, str):
        return value
    if (reference := _REFERENCE.fullmatch(value)) and reference[1] in by_address:
        said = by_address[reference[1]].get(reference[2])
        return value if said is None else _text(said, by_address)
    return value.replace("$${", "${").replace("%%{", "%{")
