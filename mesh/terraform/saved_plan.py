"""Saved plans: the files that `mesh plan` writes, and that `mesh apply` applies after a review.

Each stack has a readable plan for `mesh review`, Terraform's own plan, and a record of the plan's origin. The
record is written last and removed first, so that files of two plans are never mixed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mesh.deployment import production
from mesh.errors import OutsideError, UsageError
from mesh.git.checkout import GitContext, ignore_folder
from mesh.model.naming import short_ref
from mesh.terraform.code_record import BlockHash, block_hashes, difference
from mesh.terraform.interrupt import StoppedError
from mesh.terraform.plan import Plan
from mesh.terraform.state import State
from mesh.terraform.terraform import Terraform
from mesh.terraform.terraform_command import SILENT, Reporter

ORIGIN = ".origin"
PLAN = ".tfplan"
PLAN_JSON = ".json"
ERROR = ".err"
SUFFIXES = (ORIGIN, PLAN, PLAN_JSON, ERROR)

_Commit = Annotated[str, Field(pattern=r"^[0-9a-f]{7,64}$")]


class Tools(BaseModel):
    """The programs that made a plan; only the same programs can apply the plan.

    Args:
        program: Terraform and its version, such as `Terraform v1.11.4`.
        attached: True if a running provider was attached, as the offline provider of the local workspace is.
        provider: the version of the Databricks provider that Terraform installed; None if `attached`.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    program: str
    attached: bool
    provider: str | None

    @property
    def provider_name(self) -> str:
        """The provider, for messages."""
        if self.attached:
            return "an attached provider, such as the offline provider of the local workspace"
        version = f" {self.provider}" if self.provider else ""
        return f"the databricks provider{version} that Terraform installs"


class PlanOrigin(BaseModel):
    """The origin of a saved plan.

    Args:
        env: the environment.
        stack: the stack.
        commit: the checked-out commit; None outside a git checkout.
        clean: True if the working tree had no uncommitted changes.
        planned: the time of the plan, in UTC.
        code: the hash of the stack's synthesized code.
        serial: the serial of the planned state.
        lineage: the lineage of the planned state.
        plan: the hash of Terraform's own plan; None if Terraform could not plan.
        lock: the lock file with the versions of providers; None without a lock file.
        base: the commit at which the stack was declared; None if it is still declared.
        tools: Terraform and its provider; None without a plan, and in records of older versions of the mesh.
        blocks: the hashes of the code's blocks, by address; None in records of older versions of the mesh.
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
    tools: Tools | None = None
    blocks: Mapping[str, BlockHash] | None = None

    @property
    def where(self) -> str:
        """The commit, for messages."""
        return _commit(self.commit, clean=self.clean)


@dataclass(frozen=True)
class Checkout:
    """The facts about a checkout that saved plans record.

    Args:
        env: the environment.
        commit: the checked-out commit; None outside a git checkout.
        clean: True if the working tree has no uncommitted changes.
    """

    env: str
    commit: str | None
    clean: bool

    @property
    def where(self) -> str:
        """The commit, for messages."""
        return _commit(self.commit, clean=self.clean)

    def origin(self, terraform: Terraform, state: State, plan: bytes | None, base: str | None) -> PlanOrigin:
        """The origin of a new plan.

        Args:
            terraform: Terraform in the stack's folder.
            state: the state before the plan.
            plan: Terraform's own plan; None if it could not plan.
            base: the commit at which the stack was declared; None if it is still declared.
        """
        return PlanOrigin(
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
            tools=_tools(terraform) if plan else None,
            blocks=block_hashes(terraform.config),
        )


@dataclass(frozen=True)
class SavedPlan:
    """The files of one stack's plan.

    Args:
        stack: the stack.
        folder: the folder of the files.
        origin: the plan's origin; None if its record is missing.
    """

    stack: str
    folder: Path
    origin: PlanOrigin | None

    @property
    def base(self) -> str | None:
        """The commit at which the stack was declared; None if it is still declared."""
        return self.origin.base if self.origin else None

    def file(self, suffix: str) -> Path:
        """The path of one of its files, which may not exist."""
        return self.folder / f"{self.stack}{suffix}"

    def plan(self) -> bytes:
        """Terraform's own plan.

        Raises:
            OutsideError: there is no plan, or the plan does not belong to the record.
        """
        if self.origin is None:
            raise OutsideError(f"{self.file(ORIGIN)} is missing, so the files may belong to several plans")
        if self.origin.plan is None:
            raise OutsideError(f"it could not be planned, see {self.file(ERROR)}")
        if not self.file(PLAN).exists():
            raise OutsideError(f"{self.file(PLAN)} is missing")
        plan = _read(self.file(PLAN))
        if sha256(plan).hexdigest() != self.origin.plan:
            raise OutsideError(f"{self.file(PLAN)} is not the plan that {self.file(ORIGIN)} records")
        return plan

    def outdated(self, terraform: Terraform, checkout: Checkout) -> Iterator[str]:
        """Yields the reasons why a new plan would differ, without planning again.

        Args:
            terraform: Terraform in the stack's folder, which was synthesized from this checkout.
            checkout: the current checkout.
        """
        origin = self.origin
        assert origin is not None
        if origin.tools and (reasons := list(_other_tools(origin.tools, terraform))):
            yield from reasons  # the other checks need the same provider
            return
        # before Terraform is initialized: it applies a plan only with the providers of that plan
        terraform.pin_providers(origin.lock)
        if origin.code != terraform.fingerprint:
            others = difference(origin.blocks, block_hashes(terraform.config)) if origin.blocks else ""
            yield (
                f"planned at {origin.where}, but this checkout, {checkout.where}, "
                f"generates other Terraform code{others and f': {others}'}"
            )
        state = terraform.state()
        if (origin.lineage, origin.serial) != (state.lineage, state.serial):
            yield (
                f"the stack was deployed after it was planned at {origin.planned:%Y-%m-%d %H:%M} UTC "
                f"(its state was {_version(origin.lineage, origin.serial)}, and is now "
                f"{_version(state.lineage, state.serial)})"
            )

    def remove(self) -> None:
        """Removes the plan's files.

        Raises:
            OutsideError: a file cannot be removed.
        """
        try:
            for suffix in SUFFIXES:
                self.file(suffix).unlink(missing_ok=True)
        except OSError as error:
            raise _unwritable(error) from error

    def write(self, plan: bytes | None, plan_json: str | None, error: str | None) -> None:
        """Replaces the stack's files; only their owner can read them.

        Args:
            plan: Terraform's own plan.
            plan_json: the output of `terraform show -json`.
            error: Terraform's error, if it did not finish the plan.

        Raises:
            OutsideError: the folder cannot be written.
        """
        record = self.origin.model_dump_json(indent=1) if self.origin else None
        texts = {PLAN_JSON: plan_json, ERROR: error, ORIGIN: record}
        contents = {PLAN: plan} | {name: text.encode() for name, text in texts.items() if text is not None}
        try:
            if not self.folder.exists():
                ignore_folder(self.folder)
            self.remove()
            for suffix in (PLAN_JSON, ERROR, PLAN, ORIGIN):
                if (content := contents.get(suffix)) is not None:
                    _write(self.file(suffix), content)
        except OSError as failure:
            raise _unwritable(failure) from failure


def _tools(terraform: Terraform) -> Tools:
    return Tools(program=terraform.program, attached=terraform.attached, provider=terraform.provider_version)


def _other_tools(planned: Tools, terraform: Terraform) -> Iterator[str]:
    """Yields the differences that make Terraform stop half way, or refuse the plan."""
    if planned.program != terraform.program:
        yield (
            f"planned by {planned.program}, but this is {terraform.program}, which does not apply its plans "
            f"(install {planned.program})"
        )
    if planned.attached != terraform.attached:
        here = Tools(program=terraform.program, attached=terraform.attached, provider=None)
        yield (
            f"planned with {planned.provider_name}, but would be applied with {here.provider_name} "
            f"(on the local workspace, set MESH_PROVIDER={'offline' if planned.attached else 'real'})"
        )


def saved_plans(paths: Sequence[Path]) -> list[SavedPlan]:
    """Reads saved plans, sorted by stack.

    Args:
        paths: files of plans, or folders of these files.

    Raises:
        UsageError: a path does not exist or is not a plan, or two plans belong to one stack.
        OutsideError: a record cannot be read.
    """
    plans: dict[str, SavedPlan] = {}
    for folder, stack in dict.fromkeys(one for path in paths for one in _stacks_at(path)):
        if stack in plans:
            both = f"{plans[stack].folder} and {folder}"
            raise UsageError(f"there are plans of {stack} in {both} (name one of them)")
        plans[stack] = SavedPlan(stack, folder, _origin(folder / f"{stack}{ORIGIN}", stack))
    return [plans[stack] for stack in sorted(plans)]


def _stacks_at(path: Path) -> Iterable[tuple[Path, str]]:
    """The folder and stack of every plan at a path."""
    if path.is_dir():
        files = sorted(file for suffix in SUFFIXES for file in path.glob(f"*{suffix}"))
        return [(path, _stem(file)) for file in files]
    if not path.exists():
        raise UsageError(f"there is no plan {path}")
    if path.suffix not in SUFFIXES:
        raise UsageError(f"{path} is not named like a plan (name <stack>{PLAN}, or its folder)")
    return [(path.parent, _stem(path))]


def _stem(file: Path) -> str:
    return file.name.removesuffix(file.suffix)


def _origin(file: Path, stack: str) -> PlanOrigin | None:
    if not file.exists():
        return None
    try:
        origin = PlanOrigin.model_validate_json(_read(file))
    except ValidationError as error:
        raise OutsideError(f"{file} is not a record of `mesh plan` (plan {stack} again)") from error
    if origin.stack != stack:
        raise OutsideError(f"{file} is the record of {origin.stack}, but is named after another stack")
    return origin


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise OutsideError(f"{file} cannot be read: {(error.strerror or str(error)).lower()}") from error


def _write(file: Path, content: bytes) -> None:
    """Writes a file atomically; only its owner can read it."""
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
    return f"serial {serial} of {lineage[:8]}" if lineage else "absent"


def save_plan(
    terraform: Terraform,
    out: Path,
    checkout: Checkout,
    base: str | None = None,
    reporter: Reporter = SILENT,
) -> Plan:
    """Plans one stack into `<stack>.json` and `<stack>.tfplan`, or `<stack>.err`, with `<stack>.origin`.

    Only their owner can read the files, because plans contain values of states.

    Args:
        terraform: Terraform in the stack's folder.
        out: the folder for the files; files of the same stack are replaced.
        checkout: the checkout.
        base: the commit at which the stack was declared; None if it is still declared.
        reporter: receives what Terraform does.

    Returns:
        The plan, with the error if Terraform did not finish it.

    Raises:
        StoppedError: the user interrupted; the files of an earlier plan stay.
        OutsideError: the folder cannot be written.
    """
    state, plan_json, file = State({}), None, None
    try:
        # before the plan, so that a deployment in between is detected
        state = terraform.state()
        plan = terraform.plan(reporter=reporter)
        plan_json = plan.text or terraform.show()
        file = None if plan.error else terraform.planned
    except StoppedError:
        raise
    except OutsideError as failure:
        plan = Plan((), str(failure))
    finally:
        terraform.discard_plan()
    origin = checkout.origin(terraform, state, file, base)
    SavedPlan(terraform.stack, out, origin).write(file, plan_json, plan.error)
    return plan


def read_checkout(env: str, git: GitContext) -> Checkout:
    """Reads the facts about the checkout that saved plans record."""
    clean = bool(git.head) and not production.uncommitted(git, "--untracked-files=normal")
    return Checkout(env, git.head, clean)
