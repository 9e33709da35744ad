"""`mesh apply`: does what saved plans say, after the same look at them that a reviewer had."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from mesh.console import emit, visible
from mesh.errors import OutsideError, UsageError
from mesh.review.formats import table
from mesh.review.plan import StackPlan, stack_plan
from mesh.review.review import Review
from mesh.terraform.saved_plan import Checkout, SavedPlan
from mesh.terraform.terraform import StoppedError, Terraform


@dataclass(frozen=True)
class Application:
    """A saved plan and the stack that it is of.

    Args:
        saved: the plan's files.
        terraform: Terraform in the folder where the stack was synthesized now.
        after: the stacks that have to be applied before it.
    """

    saved: SavedPlan
    terraform: Terraform
    after: frozenset[str] = frozenset()

    @property
    def stack(self) -> str:
        """The stack's name."""
        return self.saved.stack


def of_environment(
    saved: Iterable[SavedPlan], checkout: Checkout, stacks: Collection[str]
) -> list[SavedPlan]:
    """The plans of an environment; the others are named, and left.

    Args:
        saved: the plans.
        checkout: says the environment.
        stacks: those that the mesh has there.

    Raises:
        UsageError: there is none.
    """
    own: list[SavedPlan] = []
    for one in saved:
        env = one.origin.env if one.origin else None
        if env == checkout.env or (env is None and one.stack in stacks):
            own.append(one)
        else:
            of = f"of {visible(env)}" if env else "of no environment that it says"
            emit(f"left alone: the plan of {visible(one.stack)}, {of}")
    if not own:
        raise UsageError(
            f"there is no plan of {checkout.env} here (`mesh plan --env {checkout.env} --out DIR`)"
        )
    return own


def refuse(saved: Iterable[SavedPlan], terraforms: Mapping[str, Terraform], checkout: Checkout) -> None:
    """Nothing is applied where one plan is not what would be planned now.

    Args:
        saved: the plans.
        terraforms: Terraform in the folder of each stack that the mesh has, or has no more.
        checkout: what is checked out.

    Raises:
        OutsideError: with every reason.
    """
    found = [(one, why) for one in saved for why in _unfit(one, terraforms.get(one.stack), checkout)]
    if found:
        lines = "\n".join(f"  {visible(f'{one.stack}: {why}')}" for one, why in found)
        raise OutsideError(
            f"these plans are not applied:\n{lines}\nnothing was changed; plan anew, and review that: "
            + _plan_anew((one for one, _ in found), checkout.env)
        )


def _unfit(saved: SavedPlan, terraform: Terraform | None, checkout: Checkout) -> Iterator[str]:
    """Why a plan must not be applied, if anything keeps it from that."""
    try:
        saved.plan()
    except OutsideError as error:
        yield str(error)
        return
    if terraform is None:
        again = "it was planned as gone, and the mesh has it in"
        yield f"{again if saved.base else 'the mesh has no such stack in'} this checkout, {checkout.where}"
        return
    yield from saved.outdated(terraform, checkout)


def looked_at(applications: Iterable[Application]) -> list[StackPlan]:
    """What Terraform says now that the saved plans do; what was written beside them is not asked."""
    plans: list[StackPlan] = []
    for one in applications:
        one.terraform.take(one.saved.plan())
        plans.append(stack_plan(one.stack, one.terraform.show(), None))
    return plans


@dataclass
class _Progress:
    """How far it has come.

    Args:
        applied: what is done.
        failed: what is not, and why.
        left: what was not begun, and why.
    """

    applied: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)


def apply(
    applications: Sequence[Application],
    reviewer: Callable[[Sequence[StackPlan]], Review],
    confirmed: Callable[[str], bool],
    checkout: Checkout,
) -> bool:
    """Review saved plans, and do what they say, one stack after the other.

    Args:
        applications: the plans, in the order of their stacks.
        reviewer: reviews them.
        confirmed: asks before anything is changed.
        checkout: what is checked out.

    Returns:
        Whether the policy lets it happen; nothing is changed where it does not.

    Raises:
        OutsideError: some of it could not be applied.
    """
    try:
        plans = {plan.stack: plan for plan in looked_at(applications)}
        made = reviewer(list(plans.values()))
        emit(table.text(made), end="")
        if made.refused:
            return False
        changing = [one for one in applications if plans[one.stack].changes]
        still = len(applications) - len(changing)
        if not changing:
            emit(f"Nothing to apply: {_plans(still)} without changes.")
        elif not confirmed(f"Apply {', '.join(one.stack for one in changing)}?"):
            return True
        else:
            _apply(changing, checkout.env)
            emit(f"Applied {_plans(len(changing))}" + (f"; {still} without changes." if still else "."))
        for one in applications:
            one.saved.remove()
        return True
    finally:
        for one in applications:
            one.terraform.forget()


def _apply(changing: Sequence[Application], env: str) -> None:
    """Apply plans, but for those that wait for one that failed.

    Raises:
        OutsideError: with what is applied, what is not, and what to do.
    """
    progress = _Progress()
    for number, one in enumerate(changing, 1):
        waits = [name for name in (*progress.failed, *progress.left) if name in one.after]
        if waits:
            progress.left[one.stack] = f"it needs {waits[0]}"
            continue
        emit(f"Applying {one.stack} ({number} of {len(changing)})")
        try:
            one.terraform.apply()
        except StoppedError as error:
            progress.failed[one.stack] = str(error)
            progress.left |= {rest.stack: "it was not begun" for rest in changing[number:]}
            break
        except OutsideError as error:
            progress.failed[one.stack] = str(error)
            continue
        progress.applied.append(one.stack)
        one.saved.remove()
    if progress.failed:
        raise OutsideError("\n".join(_told(progress, changing, env)))


def _told(progress: _Progress, changing: Sequence[Application], env: str) -> Iterator[str]:
    yield "not all of it is applied:"
    yield from (f"  applied: {stack}" for stack in progress.applied)
    for stack, why in progress.failed.items():
        yield f"  failed: {stack}: {why}"
    yield from (f"  not applied: {stack}: {why}" for stack, why in progress.left.items())
    moved = [one.saved for one in changing if one.stack in progress.failed and _moved(one)]
    if moved:
        yield f"what failed has changed its state, so plan it anew, and review that: {_plan_anew(moved, env)}"
    yield "what was done is in the states; applying the same folder again does the rest"


def _moved(one: Application) -> bool:
    """Whether a plan that failed has written the state, so that it is a plan for another one."""
    origin = one.saved.origin
    try:
        state = one.terraform.state()
    except OutsideError:
        return True
    return origin is None or (origin.lineage, origin.serial) != (state.lineage, state.serial)


def _plan_anew(saved: Iterable[SavedPlan], env: str) -> str:
    """The commands that plan these stacks anew."""
    stacks: dict[str, dict[str, None]] = {}
    for one in saved:
        base = f" --base {one.base}" if one.base else ""
        stacks.setdefault(f"--env {env}{base} --out {one.folder}", {})[one.stack] = None
    return ", ".join(f"`mesh plan {visible(' '.join(names))} {options}`" for options, names in stacks.items())


def _plans(count: int) -> str:
    return f"{count} plan{'' if count == 1 else 's'}"
