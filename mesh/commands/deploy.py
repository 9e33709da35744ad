"""Deploying and what belongs to it: cdktf and Terraform, after a look."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path

from mesh.commands.adopt import adopt
from mesh.commands.apply import Application, apply, of_environment, refuse
from mesh.commands.drift import Looked, look
from mesh.commands.former_mesh import gone
from mesh.commands.preflight import Gate
from mesh.commands.reap import Reaper, Whose, reap
from mesh.console import check_answers, confirmed, emit
from mesh.deployment import production
from mesh.deployment.deployment import Deployment
from mesh.deployment.foundation import Foundation
from mesh.deployment.stack_order import Stack, lacks_dependants, lacks_dependencies, steps, with_gone
from mesh.deployment.state_key import Deployed
from mesh.errors import OutsideError, UsageError
from mesh.finding import nearest
from mesh.mesh import DeployedMesh, Mesh
from mesh.model.path import leads_to
from mesh.review.plan import StackPlan
from mesh.review.review import Review
from mesh.terraform import interrupt
from mesh.terraform.orphaned_state import tidy
from mesh.terraform.saved_plan import Checkout, checked_out, keep_plan, saved_plans
from mesh.terraform.synthesis import CODE, Synthesis
from mesh.terraform.terraform import Terraform


@dataclass(frozen=True)
class Cdktf:
    """cdktf for one mesh in one environment.

    Args:
        deployed: the mesh in its environment.
        root: the mesh's root.
    """

    deployed: DeployedMesh
    root: Path

    def deploy(self, names: Sequence[str], *, auto_approve: bool) -> None:
        """Deploy stacks, foundations first.

        Args:
            names: stacks, or paths of projects; none means all.
            auto_approve: whether to go on without asking.

        Raises:
            UsageError: there is no such stack, or nobody who could answer.
            OutsideError: something in the workspace is in the way, data would be lost, or cdktf failed.
        """
        chosen = self._select(names)
        check_answers(auto_approve)
        production.refuse([one.environment for one in chosen], self.deployed.git)
        self._gate.warn(chosen)
        self._gate.refuse_other_user(chosen)
        self._synthesis.write()
        self._gate.refuse_unclaimed(chosen)
        self._gate.refuse_data_loss(chosen)
        # without all that they depend on, cdktf deploys them in no order
        alone = lacks_dependencies(chosen)
        for step in [chosen] if auto_approve and not alone else steps(chosen):
            if not auto_approve:
                self._diff(step)
                if not confirmed(f"Deploy {', '.join(one.stack for one in step)}?"):
                    return
            # what was looked at is what is deployed
            self._cdktf("deploy", [*_stacks(step), "--skip-synth", *_alone(lacks_dependencies(step))])

    def diff(self, names: Sequence[str]) -> None:
        """Show what a deployment would change, stack by stack."""
        chosen = self._select(names)
        self._synthesis.write()
        self._diff(chosen)

    def plan(self, names: Sequence[str], out: Path, *, mesh: Mesh, base: str | None = None) -> None:
        """Plan stacks one by one, and keep what Terraform says of each, for `mesh review` and `mesh apply`.

        Args:
            names: stacks, or paths of projects; none means all.
            out: the folder for the files; those of the same stacks are replaced.
            mesh: the mesh in all environments.
            base: a commit; the stacks that the mesh had there and has no more are among all.

        Raises:
            UsageError: there is no such stack.
            OutsideError: some could not be planned, or the folder cannot be written to.
        """
        commit, former = gone(mesh, self.deployed, base) if base else (None, [])
        chosen = self._select(names, former)
        left = [one for one in chosen if one in former]
        self._synthesis.write()
        terraforms, checkout = self._terraforms(chosen, left), self._checkout
        failed: list[str] = []
        try:
            for one in chosen:
                planned = keep_plan(terraforms[one.stack], out, checkout, commit if one in left else None)
                failed += [] if planned else [one.stack]
        finally:
            for one in left:
                tidy(terraforms[one.stack])
        if failed:
            raise OutsideError(
                f"{len(failed)} of {len(chosen)} stacks could not be planned; why stands in "
                + ", ".join(str(out / f"{stack}.err") for stack in failed)
            )

    def apply(
        self,
        plans: Sequence[Path],
        reviewer: Callable[[Sequence[StackPlan]], Review],
        *,
        mesh: Mesh,
        auto_approve: bool,
    ) -> bool:
        """Do what saved plans say: what is gone first, then foundations, then projects.

        Args:
            plans: their files, or folders of these.
            reviewer: reviews what they do.
            mesh: the mesh in all environments.
            auto_approve: whether to go on without asking.

        Returns:
            Whether the policy lets it happen.

        Raises:
            UsageError: there is no such plan, or nobody who could answer.
            OutsideError: a plan is not what would be planned now, something in the workspace is in the way,
                or Terraform failed.
        """
        checkout = self._checkout
        every = {one.stack: one for one in self._synthesis.every}
        saved = {one.stack: one for one in of_environment(saved_plans(plans), checkout, every)}
        check_answers(auto_approve, look="mesh review")
        bases = dict.fromkeys(one.base for one in saved.values() if one.base)
        former = {one.stack: one for base in bases for one in gone(mesh, self.deployed, base)[1]}
        chosen = [one for name, one in every.items() if name in saved and not saved[name].base]
        left = [one for name, one in former.items() if name in saved and saved[name].base]
        production.refuse([one.environment for one in (*chosen, *left)], self.deployed.git)
        self._gate.warn(chosen)
        self._gate.refuse_other_user([*chosen, *left])
        self._synthesis.write()
        terraforms = self._terraforms(chosen, left)
        try:
            refuse(saved.values(), terraforms, checkout)
            self._gate.refuse_unclaimed(chosen)
            applications = [
                Application(saved[one.stack], terraforms[one.stack], after)
                for one, after in with_gone(chosen, left)
            ]
            return apply(
                applications, reviewer, lambda question: auto_approve or confirmed(question), checkout
            )
        finally:
            for one in left:
                tidy(terraforms[one.stack])

    def drift(self, names: Sequence[str]) -> list[Looked]:
        """Look at what was changed by hand, stack by stack.

        Args:
            names: stacks, or paths of projects; none means all.
        """
        chosen = self._select(names)
        self._synthesis.write()
        return [look(self._synthesis.terraforms[one.stack]) for one in chosen]

    def adopt(self, names: Sequence[str], *, dry_run: bool, auto_approve: bool) -> None:
        """Take what stacks declare and the workspace already has into their states.

        Args:
            names: stacks, or paths of projects; none means all.
            dry_run: whether to say only what would be taken.
            auto_approve: whether to go on without asking.

        Raises:
            UsageError: there is no such stack, or nobody who could answer.
            OutsideError: something is somebody else's or would be destroyed, or Terraform failed.
        """
        chosen = self._select(names)
        check_answers(auto_approve or dry_run, look="mesh adopt --dry-run")
        if not dry_run:
            production.refuse([one.environment for one in chosen], self.deployed.git)
        self._gate.refuse_other_user(chosen)
        self._synthesis.write()
        adopt(
            self._gate.adopters(chosen),
            dry_run=dry_run,
            confirmed=lambda question: auto_approve or confirmed(question),
        )

    def destroy(self, names: Sequence[str], *, auto_approve: bool) -> None:
        """Destroy stacks, foundations last.

        Args:
            names: stacks, or paths of projects; none means all.
            auto_approve: whether to go on without asking.
        """
        chosen = self._select(names)
        check_answers(auto_approve)
        if auto_approve or confirmed(f"Destroy {', '.join(_stacks(chosen))} with all data?"):
            # without all that depends on them, cdktf never ends a destroy of several
            alone = lacks_dependants(chosen, self._synthesis.every)
            names = [*reversed(_stacks(one for step in steps(chosen) for one in step))]
            for step in [[name] for name in names] if alone else [names]:
                self._cdktf("destroy", [*step, *_alone(alone)])

    def reap(self, older_than: timedelta, whose: Whose, *, dry_run: bool, auto_approve: bool) -> None:
        """Destroy deployments of people's own that nobody has used for a while.

        Args:
            older_than: for how long.
            whose: whose deployments.
            dry_run: whether to list only.
            auto_approve: whether to go on without asking.

        Raises:
            UsageError: all of the environment is production, or there is nobody who could answer.
            OutsideError: some of it could not be destroyed.
        """
        foundations = [one for one in self.deployed.foundations if isinstance(one, Foundation)]
        chosen = [one for one in foundations if not one.environment.production]
        if not chosen:
            raise UsageError(f"`{self.deployed.name}` is production, where nothing is anybody's own")
        check_answers(auto_approve or dry_run, look="mesh reap --dry-run")
        self._synthesis.write()
        reap(
            [self._reaper(one) for one in chosen],
            datetime.now(UTC) - older_than,
            whose=whose,
            dry_run=dry_run,
            confirmed=lambda question: auto_approve or confirmed(question),
        )

    @cached_property
    def _synthesis(self) -> Synthesis:
        return Synthesis(self.deployed, self.root)

    @cached_property
    def _gate(self) -> Gate:
        return Gate(self._synthesis)

    def _terraforms(self, chosen: Iterable[Stack], left: Sequence[Stack]) -> dict[str, Terraform]:
        """Terraform for stacks; for those that are left of the mesh as it was, with their state alone."""
        here = {one.stack: self._synthesis.terraforms[one.stack] for one in chosen if one not in left}
        return here | {one.stack: self._synthesis.gone(one) for one in left}

    @property
    def _checkout(self) -> Checkout:
        return checked_out(self.deployed.name, self.deployed.git)

    def _reaper(self, one: Foundation) -> Reaper:
        deployments = [each for each in self.deployed.deployments if each.org == one.org]
        made = Deployed({each.state_key: each.identity for each in deployments})
        domains = frozenset(each.domain for each in deployments)
        config = self._synthesis.terraforms[one.stack].config
        user = self.deployed.git.user
        return Reaper(
            one,
            config,
            self._synthesis.workspace(one),
            self.root,
            self._synthesis.environ,
            user,
            made,
            domains,
        )

    def _select(self, names: Sequence[str], former: Sequence[Stack] = ()) -> list[Stack]:
        """The stacks that are meant, foundations first; a name may be a path in the mesh or hold `*`."""
        every = [
            (one.path if isinstance(one, Deployment) else one.stack, one)
            for one in (*self._synthesis.every, *former)
        ]
        chosen = [one.stack for _, one in every] if not names else []
        for name in names:
            found = [one.stack for path, one in every if fnmatchcase(one.stack, name) or leads_to(name, path)]
            if not found:
                near = nearest(name, [one.stack for _, one in every], "stacks")
                raise UsageError(f"stack `{name}` is not in the mesh ({near})")
            chosen += found
        return [one for _, one in every if one.stack in chosen]

    def _diff(self, chosen: Sequence[Stack]) -> None:
        for one in chosen:
            self._cdktf("diff", [one.stack, "--skip-synth"])

    def _cdktf(self, verb: str, arguments: Sequence[str]) -> None:
        if not (CODE / "node_modules" / ".bin" / "cdktf").exists():
            raise OutsideError(f"cdktf is not installed in {CODE}: run `make install` there")
        output = [] if self.root == CODE else ["--output", str(self._synthesis.output)]
        # it has no terminal to ask on, and lock files of generated folders are of no use to anybody
        approved = [] if verb == "diff" else ["--auto-approve"]
        command = ["npx", "cdktf", verb, *arguments, *approved, "--skip-provider-lock", *output]
        emit(f"$ MESH_ENV={self.deployed.name} {shlex.join(command)}")
        code, interrupted = interrupt.run(command, self._synthesis.environ, CODE)
        happened = f"{verb} was interrupted" if interrupted else f"cdktf {verb} failed, see above"
        if interrupted or code:
            raise OutsideError(happened if verb == "diff" else f"{happened}; {interrupt.NOTHING_LOST}")


def _alone(lacking: bool) -> list[str]:
    """The flag for stacks without others that they belong with."""
    return ["--ignore-missing-stack-dependencies"] if lacking else []


def _stacks(chosen: Iterable[Stack]) -> list[str]:
    return [one.stack for one in chosen]
