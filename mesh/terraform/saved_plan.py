"""Saved plans: files of which `mesh apply` does what somebody has reviewed, and nothing else.

Beside what people and `mesh review` read, a stack has Terraform's own plan, and a record of where it is from.
The record is written last and removed first, so files of two plans never pass for those of one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mesh.console import emit
from mesh.deployment import production
from mesh.errors import OutsideError, UsageError
from mesh.git.checkout import GitContext, keep_out
from mesh.model.naming import short_ref
from mesh.terraform.state import State
from mesh.terraform.terraform import Terraform

ORIGIN = ".origin"
PLAN = ".tfplan"
SHOWN = ".json"
ERROR = ".err"
SUFFIXES = (ORIGIN, PLAN, SHOWN, ERROR)

_Commit = Annotated[str, Field(pattern=r"^[0-9a-f]{7,64}$")]


class Origin(BaseModel):
    """Where a saved plan is from.

    Args:
        env: the environment.
        stack: the stack.
        commit: what was checked out; None outside a git checkout.
        clean: whether all of that was committed.
        planned: when, in UTC.
        code: what the stack was synthesized to, as a hash.
        serial: how often the state had been written that it was made for.
        lineage: which state that was.
        plan: Terraform's own plan, as a hash; None where Terraform could not plan.
        lock: the versions of providers that it was made with; None where Terraform locks none.
        base: the commit at which the mesh had the stack; None where it has it still.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    env: str
    stack: str
    commit: _Commit | None
    clean: bool
    planned: datetime
    code: str
    serial: int = 0
    lineage: str = ""
    plan: str | None = None
    lock: str | None = None
    base: _Commit | None = None

    @property
    def where(self) -> str:
        """The commit, for people."""
        return _commit(self.commit, clean=self.clean)


@dataclass(frozen=True)
class Checkout:
    """What is checked out, as records of plans have it.

    Args:
        env: the environment.
        commit: the commit; None outside a git checkout.
        clean: whether all is committed.
    """

    env: str
    commit: str | None
    clean: bool

    @property
    def where(self) -> str:
        """The commit, for people."""
        return _commit(self.commit, clean=self.clean)

    def origin(self, terraform: Terraform, state: State, plan: bytes | None, base: str | None) -> Origin:
        """Where a plan is from that Terraform has just made, or has not.

        Args:
            terraform: Terraform in the stack's folder.
            state: the state as it was before.
            plan: Terraform's own plan; None where it could not plan.
            base: the commit at which the mesh had the stack, where it has it no more.
        """
        return Origin(
            env=self.env,
            stack=terraform.stack,
            commit=self.commit,
            clean=self.clean,
            planned=datetime.now(UTC),
            code=terraform.fingerprint,
            serial=state.serial,
            lineage=state.lineage,
            plan=sha256(plan).hexdigest() if plan else None,
            lock=terraform.lock,
            base=base,
        )


@dataclass(frozen=True)
class SavedPlan:
    """The files of one stack's plan.

    Args:
        stack: the stack.
        folder: where they are.
        origin: where the plan is from; None where its record is not there.
    """

    stack: str
    folder: Path
    origin: Origin | None

    @property
    def base(self) -> str | None:
        """The commit at which the mesh had the stack, where it has it no more."""
        return self.origin.base if self.origin else None

    def file(self, suffix: str) -> Path:
        """One of its files, there or not."""
        return self.folder / f"{self.stack}{suffix}"

    def plan(self) -> bytes:
        """Terraform's own plan.

        Raises:
            OutsideError: there is none, or none that belongs to the record.
        """
        if self.origin is None:
            raise OutsideError(f"{self.file(ORIGIN)} is missing, so its files may be of several plans")
        if self.origin.plan is None:
            raise OutsideError(f"it could not be planned; why stands in {self.file(ERROR)}")
        if not self.file(PLAN).exists():
            raise OutsideError(f"{self.file(PLAN)} is missing")
        plan = _read(self.file(PLAN))
        if sha256(plan).hexdigest() != self.origin.plan:
            raise OutsideError(f"{self.file(PLAN)} is not the plan that {self.file(ORIGIN)} tells of")
        return plan

    def outdated(self, terraform: Terraform, checkout: Checkout) -> Iterator[str]:
        """Why it is not what would be planned now, as far as that can be told without planning.

        Args:
            terraform: Terraform in the folder where the stack was synthesized now.
            checkout: what is checked out now.
        """
        origin = self.origin
        assert origin is not None
        # before Terraform looks for providers: it applies a plan with no others than it was made with
        terraform.pin(origin.lock)
        if origin.code != terraform.fingerprint:
            here = f"this checkout, {checkout.where}, writes other Terraform code"
            yield f"planned at {origin.where}, and {here}"
        state = terraform.state()
        if (origin.lineage, origin.serial) != (state.lineage, state.serial):
            yield (
                f"somebody has deployed since it was planned at {origin.planned:%Y-%m-%d %H:%M} UTC "
                f"(its state was {_version(origin.lineage, origin.serial)}, and is "
                f"{_version(state.lineage, state.serial)})"
            )

    def remove(self) -> None:
        """Remove its files.

        Raises:
            OutsideError: the disk or its permissions.
        """
        try:
            for suffix in SUFFIXES:
                self.file(suffix).unlink(missing_ok=True)
        except OSError as error:
            raise _unwritable(error) from error

    def write(self, plan: bytes | None, shown: str | None, error: str | None) -> None:
        """Put these files in the place of the stack's former ones; only their owner reads them.

        Args:
            plan: Terraform's own.
            shown: the plan as `terraform show -json` tells it.
            error: what Terraform says when it stopped on the way.

        Raises:
            OutsideError: the folder cannot be written to.
        """
        told = self.origin.model_dump_json(indent=1) if self.origin else None
        texts = {SHOWN: shown, ERROR: error, ORIGIN: told}
        held = {PLAN: plan} | {name: text.encode() for name, text in texts.items() if text is not None}
        try:
            if not self.folder.exists():
                keep_out(self.folder)
            self.remove()
            for suffix in (SHOWN, ERROR, PLAN, ORIGIN):
                if (content := held.get(suffix)) is not None:
                    _write(self.file(suffix), content)
        except OSError as failure:
            raise _unwritable(failure) from failure


def saved_plans(paths: Sequence[Path]) -> list[SavedPlan]:
    """The saved plans in folders, or those that files belong to, in the order of their stacks.

    Raises:
        UsageError: a path is not there or no plan, or two are of one stack.
        OutsideError: a record cannot be read.
    """
    found: dict[str, SavedPlan] = {}
    for folder, stack in dict.fromkeys(one for path in paths for one in _places(path)):
        if stack in found:
            both = f"{found[stack].folder} and {folder}"
            raise UsageError(f"there are plans of {stack} in {both} (give the one that is meant)")
        found[stack] = SavedPlan(stack, folder, _origin(folder / f"{stack}{ORIGIN}", stack))
    return [found[stack] for stack in sorted(found)]


def _places(path: Path) -> Iterable[tuple[Path, str]]:
    """The folder and stack of every plan that a path means."""
    if path.is_dir():
        files = sorted(file for suffix in SUFFIXES for file in path.glob(f"*{suffix}"))
        return [(path, _stem(file)) for file in files]
    if not path.exists():
        raise UsageError(f"there is no plan {path}")
    if path.suffix not in SUFFIXES:
        raise UsageError(f"{path} is not called like a plan (write <stack>{PLAN}, or its folder)")
    return [(path.parent, _stem(path))]


def _stem(file: Path) -> str:
    return file.name.removesuffix(file.suffix)


def _origin(file: Path, stack: str) -> Origin | None:
    if not file.exists():
        return None
    try:
        origin = Origin.model_validate_json(_read(file))
    except ValidationError as error:
        raise OutsideError(f"{file} is no record that `mesh plan` wrote (plan {stack} anew)") from error
    if origin.stack != stack:
        raise OutsideError(f"{file} is the record of {origin.stack}, called like another stack")
    return origin


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise OutsideError(f"{file} cannot be read: {(error.strerror or str(error)).lower()}") from error


def _write(file: Path, content: bytes) -> None:
    """A file that is whole as soon as it is there."""
    beside = file.with_name(f"{file.name}.part")
    beside.unlink(missing_ok=True)
    beside.touch(mode=0o600)
    beside.write_bytes(content)
    beside.replace(file)


def _unwritable(error: OSError) -> OutsideError:
    return OutsideError(f"cannot write {error.filename}: {error.strerror or error}")


def _commit(commit: str | None, *, clean: bool) -> str:
    if commit is None:
        return "no commit"
    return f"`{short_ref(commit)}`" if clean else f"`{short_ref(commit)}` with changes"


def _version(lineage: str, serial: int) -> str:
    return f"serial {serial} of {lineage[:8]}" if lineage else "not there yet"


def keep_plan(terraform: Terraform, out: Path, checkout: Checkout, base: str | None = None) -> bool:
    """Plan one stack into `<stack>.json` and `<stack>.tfplan`, or `<stack>.err`, with `<stack>.origin`.

    Only their owner reads them, since plans hold what states hold.

    Args:
        terraform: Terraform in the stack's folder.
        out: the folder for the files; those of the same stack are replaced.
        checkout: what is checked out.
        base: the commit at which the mesh had the stack, where it has it no more.

    Returns:
        Whether Terraform came to an end.

    Raises:
        OutsideError: the folder cannot be written to.
    """
    emit(f"Planning {terraform.stack}")
    state, shown = State({}), None
    try:
        # before the plan: what somebody deploys in between is seen as such
        state = terraform.state()
        error = terraform.plan().error
        shown = terraform.show()
        plan = None if error else terraform.planned
    except OutsideError as failure:
        error, plan = str(failure), None
    finally:
        terraform.forget()
    origin = checkout.origin(terraform, state, plan, base)
    SavedPlan(terraform.stack, out, origin).write(plan, shown, error)
    return error is None


def checked_out(env: str, git: GitContext) -> Checkout:
    """What is checked out, as records of plans have it."""
    clean = bool(git.head) and not production.uncommitted(git, "--untracked-files=normal")
    return Checkout(env, git.head, clean)
