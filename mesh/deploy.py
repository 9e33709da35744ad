"""`mesh deploy`, `diff`, `plan`, `adopt`, `destroy` and `reap`: `npx cdktf` and Terraform, after a look."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path

from mesh import data_loss, interrupt, production
from mesh.adopt import Adopter, adopt
from mesh.code import GitCode
from mesh.deployment import Deployment
from mesh.errors import OutsideError, UsageError
from mesh.finding import nearest
from mesh.foundation import Foundation
from mesh.level import leads_to
from mesh.mesh import DeployedMesh
from mesh.personal import Deployed
from mesh.plan_file import keep_plan
from mesh.reap import Reaper, Whose, reap
from mesh.runtime import CODE
from mesh.stack_order import Stack, lacks_dependants, lacks_dependencies, steps
from mesh.synthesis import Synthesis
from mesh.terraform import Terraform
from mesh.unclaimed import Claim

_NOTHING_LOST = "what was done is in the state, and running it again does the rest"


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
        self._warn(chosen)
        self._refuse_other_user(chosen)
        self._synthesis.write()
        self._refuse_unclaimed(chosen)
        self._refuse_data_loss(chosen)
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

    def plan(self, names: Sequence[str], out: Path) -> None:
        """Plan stacks one by one, and keep what Terraform says of each: `<stack>.json`, or `<stack>.err`.

        Args:
            names: stacks, or paths of projects; none means all.
            out: the folder for the files; those of the same stacks are replaced.

        Raises:
            OutsideError: some could not be planned, or the folder cannot be written to.
        """
        chosen = self._select(names)
        self._synthesis.write()
        failed = [one.stack for one in chosen if not keep_plan(self._synthesis.terraforms[one.stack], out)]
        if failed:
            raise OutsideError(
                f"{len(failed)} of {len(chosen)} stacks could not be planned; why stands in "
                + ", ".join(str(out / f"{stack}.err") for stack in failed)
            )

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
        self._refuse_other_user(chosen)
        self._synthesis.write()
        adopt(
            self._adopters(chosen),
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

    def _select(self, names: Sequence[str]) -> list[Stack]:
        """The stacks that are meant, foundations first; a name may be a path in the mesh or hold `*`."""
        every: list[tuple[str, Stack]] = [(one.stack, one) for one in self.deployed.foundations]
        every += [(one.path, one) for one in self.deployed.deployments]
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

    def _warn(self, chosen: Sequence[Stack]) -> None:
        """Say what jobs would not find where they take their code from."""
        pinned = [one for one in chosen if isinstance(one, Deployment) and isinstance(one.code, GitCode)]
        inputs = {one.path: one.inputs for one in pinned if not one.environment.production}
        commits = {one.path: one.code.commit for one in pinned if isinstance(one.code, GitCode)}
        for line in production.warnings(self.deployed.git, inputs, commits) if inputs else ():
            print(f"Warning: {line}", file=sys.stderr)

    def _refuse_other_user(self, chosen: Sequence[Stack]) -> None:
        """Terraform would refuse as well, but only when the foundations are deployed."""
        for one in chosen:
            expected = one.identity.user if isinstance(one, Deployment) else None
            if expected and (user := self._synthesis.workspace(one).user()).lower() != expected.lower():
                raise OutsideError(
                    f"names are made for {expected}, but {user} deploys: set MESH_USER={user}, "
                    f"or log in as {expected}; nothing was changed"
                )

    def _refuse_unclaimed(self, chosen: Sequence[Stack]) -> None:
        if in_the_way := [thing for one in self._adopters(chosen) for thing in one.outside()]:
            lines = "\n".join(f"  {one}" for one in in_the_way)
            raise OutsideError(
                f"the workspace has what this deployment would make, outside its state:\n{lines}\n"
                "nothing was changed; `mesh adopt` takes it under Terraform, or remove it there "
                "(if somebody deploys this right now, wait and try again)"
            )

    def _refuse_data_loss(self, chosen: Sequence[Stack]) -> None:
        lost: list[data_loss.Loss] = []
        for one in chosen:
            terraform = self._synthesis.terraforms[one.stack]
            if _protected(one, terraform) and data_loss.at_stake(terraform.state()):
                print(f"Looking for data that {one.stack} would lose", flush=True)
                try:
                    changes = data_loss.planned(terraform)
                finally:
                    terraform.forget()
                deployment = one if isinstance(one, Deployment) else None
                lost += data_loss.losses(one.stack, changes, self._synthesis.workspace(one), deployment)
        data_loss.refuse(lost)

    def _adopters(self, chosen: Iterable[Stack]) -> list[Adopter]:
        return [
            Adopter(_claim(one), self._synthesis.terraforms[one.stack], self._synthesis.workspace(one))
            for one in chosen
        ]

    def _cdktf(self, verb: str, arguments: Sequence[str]) -> None:
        if not (CODE / "node_modules" / ".bin" / "cdktf").exists():
            raise OutsideError(f"cdktf is not installed in {CODE}: run `make install` there")
        output = [] if self.root == CODE else ["--output", str(self._synthesis.output)]
        # it has no terminal to ask on, and lock files of generated folders are of no use to anybody
        approved = [] if verb == "diff" else ["--auto-approve"]
        command = ["npx", "cdktf", verb, *arguments, *approved, "--skip-provider-lock", *output]
        print(f"$ MESH_ENV={self.deployed.name} {shlex.join(command)}", flush=True)
        code, interrupted = interrupt.run(command, self._synthesis.environ, CODE)
        happened = f"{verb} was interrupted" if interrupted else f"cdktf {verb} failed, see above"
        if interrupted or code:
            raise OutsideError(happened if verb == "diff" else f"{happened}; {_NOTHING_LOST}")


def _alone(lacking: bool) -> list[str]:
    """The flag for stacks without others that they belong with."""
    return ["--ignore-missing-stack-dependencies"] if lacking else []


def _stacks(chosen: Iterable[Stack]) -> list[str]:
    return [one.stack for one in chosen]


def _claim(one: Stack) -> Claim:
    if not isinstance(one, Deployment):
        return Claim(one.stack, one.state_key)
    return Claim(one.stack, one.state_key, one.identity, data_loss.project_file(one))


def _protected(one: Stack, terraform: Terraform) -> bool:
    """Whether its data is everybody's; a person's own deployment may lose what it has made."""
    personal = isinstance(one, Deployment) and bool(one.identity.key)
    if one.environment.production or (one.environment.protected and not personal):
        return True
    lifecycles = (resource.arguments.get("lifecycle") or {} for resource in terraform.resources)
    return any(lifecycle.get("prevent_destroy") for lifecycle in lifecycles)


def check_answers(auto_approve: bool, look: str = "mesh diff") -> None:
    """Refuse to begin where somebody has to answer and nobody can.

    Raises:
        UsageError: that is so.
    """
    if not auto_approve and not sys.stdin.isatty():
        raise UsageError(f"nobody can answer here: look at `{look}` first, then use --auto-approve")


def confirmed(question: str) -> bool:
    """What somebody answers; no other answer than yes changes anything."""
    if input(f"{question} [y/N] ").strip().lower() in ("y", "yes"):
        return True
    print("Nothing was changed.")
    return False
