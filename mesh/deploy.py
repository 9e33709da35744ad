"""`mesh deploy`, `diff` and `destroy`: a thin front of `npx cdktf`."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path

from mesh import interrupt
from mesh.deployment import Deployment
from mesh.errors import OutsideError, UsageError
from mesh.finding import nearest
from mesh.foundation import Foundation
from mesh.mesh import DeployedMesh, leads_to
from mesh.unclaimed import unclaimed
from mesh.workspace import DatabricksWorkspace

_NOTHING_LOST = "what was done is in the state, and running it again does the rest"

CODE = Path(__file__).resolve().parent.parent  # where cdktf.json and main.py are


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
            OutsideError: something in the workspace is in the way, or cdktf failed.
        """
        foundations, deployments = self._select(names)
        stacks = _stacks(foundations, deployments)
        _check_answers(auto_approve)
        self._refuse_unclaimed(deployments, foundations)
        if not auto_approve:
            self._diff(stacks)
            if not _confirmed(f"Deploy {', '.join(stacks)}?"):
                return
        # what was shown is what is deployed
        synthesized = [] if auto_approve else ["--skip-synth"]
        self._cdktf("deploy", [*stacks, *synthesized, *self._alone(stacks)])

    def diff(self, names: Sequence[str]) -> None:
        """Show what a deployment would change, stack by stack."""
        foundations, deployments = self._select(names)
        self._diff(_stacks(foundations, deployments))

    def destroy(self, names: Sequence[str], *, auto_approve: bool) -> None:
        """Destroy stacks, foundations last.

        Args:
            names: stacks, or paths of projects; none means all.
            auto_approve: whether to go on without asking.
        """
        foundations, deployments = self._select(names)
        stacks = _stacks(foundations, deployments)
        _check_answers(auto_approve)
        if auto_approve or _confirmed(f"Destroy {', '.join(stacks)} with all data?"):
            self._cdktf("destroy", [*stacks, *self._alone(stacks)])

    def _select(self, names: Sequence[str]) -> tuple[list[Foundation], list[Deployment]]:
        """The stacks that are meant; a name may be a path in the mesh or hold `*`."""
        every: list[tuple[str, Foundation | Deployment]] = []
        every += [(one.stack, one) for one in self.deployed.foundations]
        every += [(one.path, one) for one in self.deployed.deployments]
        chosen: list[Foundation | Deployment] = [] if names else [one for _, one in every]
        for name in names:
            found = [one for path, one in every if fnmatchcase(one.stack, name) or leads_to(name, path)]
            if not found:
                near = nearest(name, [one.stack for _, one in every], "stacks")
                raise UsageError(f"stack `{name}` is not in the mesh ({near})")
            chosen += found
        return (
            [one for one in self.deployed.foundations if one in chosen],
            [one for one in self.deployed.deployments if one in chosen],
        )

    def _alone(self, stacks: Sequence[str]) -> list[str]:
        """The flag for stacks without those that they depend on; with all of them, cdktf loops on it."""
        every = len(self.deployed.foundations) + len(self.deployed.deployments)
        return ["--ignore-missing-stack-dependencies"] if len(stacks) < every else []

    def _diff(self, stacks: Sequence[str]) -> None:
        for index, stack in enumerate(stacks):
            self._cdktf("diff", [stack, *(["--skip-synth"] if index else [])])

    def _refuse_unclaimed(self, deployments: Sequence[Deployment], foundations: Sequence[Foundation]) -> None:
        workspace = DatabricksWorkspace(**self._login)
        in_the_way = list(unclaimed(deployments, foundations, workspace, self.root))
        if in_the_way:
            lines = "\n".join(f"  {one}" for one in in_the_way)
            raise OutsideError(
                f"the workspace has what this deployment would make, outside its state:\n{lines}\n"
                "nothing was changed; remove it there, or take it over with `terraform import`"
            )

    @cached_property
    def _login(self) -> dict[str, str]:
        """How the embedded workspace is reached; elsewhere the environment variables say it."""
        if not self.deployed.environment.embedded:
            return {}
        from local.home import Home, running

        status = running(Home(self.root))
        return {"host": status.url, "token": status.token, "auth_type": "pat"}

    @cached_property
    def _environ(self) -> Mapping[str, str]:
        from local import toolchain

        environ = {key: value for key, value in os.environ.items() if not self._foreign(key, value)}
        environ |= toolchain.environment()
        environ |= {"MESH_ENV": self.deployed.environment.name, "MESH_ROOT": str(self.root)}
        environ.setdefault("TF_PLUGIN_CACHE_DIR", str(self.root / ".mesh" / "plugins"))
        Path(environ["TF_PLUGIN_CACHE_DIR"]).mkdir(parents=True, exist_ok=True)
        if self.deployed.environment.embedded:
            environ |= self._embedded_environ(environ)
        return environ

    def _foreign(self, key: str, value: str) -> bool:
        """Whether a variable would lead Terraform elsewhere than meant."""
        if key == "TF_CLI_CONFIG_FILE":
            return not Path(value).exists()
        return self.deployed.environment.embedded and key.startswith("DATABRICKS_")

    def _embedded_environ(self, environ: Mapping[str, str]) -> Mapping[str, str]:
        from local.home import Home
        from local.provider import choice

        provider, note = choice.environment(Home(self.root).path, environ["TERRAFORM_BINARY_NAME"], environ)
        if note:
            print(note)
        return {f"DATABRICKS_{key.upper()}": value for key, value in self._login.items()} | provider

    def _cdktf(self, verb: str, arguments: Sequence[str]) -> None:
        if not (CODE / "node_modules" / ".bin" / "cdktf").exists():
            raise OutsideError(f"cdktf is not installed in {CODE}: run `make install` there")
        # Terraform keeps its working folders there; a mesh elsewhere has its own
        output = [] if self.root == CODE else ["--output", str(self.root / "cdktf.out")]
        # it has no terminal to ask on, and lock files of generated folders are of no use to anybody
        approved = [] if verb == "diff" else ["--auto-approve"]
        command = ["npx", "cdktf", verb, *arguments, *approved, "--skip-provider-lock", *output]
        print(f"$ MESH_ENV={self.deployed.environment.name} {shlex.join(command)}", flush=True)
        code, interrupted = interrupt.run(command, self._environ, CODE)
        happened = f"{verb} was interrupted" if interrupted else f"cdktf {verb} failed, see above"
        if interrupted or code:
            raise OutsideError(happened if verb == "diff" else f"{happened}; {_NOTHING_LOST}")


def _stacks(foundations: Sequence[Foundation], deployments: Sequence[Deployment]) -> list[str]:
    return [one.stack for one in foundations] + [one.stack for one in deployments]


def _check_answers(auto_approve: bool) -> None:
    if not auto_approve and not sys.stdin.isatty():
        raise UsageError("nobody can answer here: look at `mesh diff` first, then use --auto-approve")


def _confirmed(question: str) -> bool:
    if input(f"{question} [y/N] ").strip().lower() in ("y", "yes"):
        return True
    print("Nothing was changed.")
    return False
