"""Synthesis and Terraform for one environment: folders, environment variables, login and provider."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mesh.console import emit
from mesh.git.checkout import ignore_folder
from mesh.kept.program import PROGRAM_FOLDER
from mesh.synthesis.batch import AnyStack
from mesh.synthesis.synthesis import synthesis
from mesh.terraform.cdktf_code import provider_host
from mesh.terraform.kept_plans import KeptPlans, KeptPlanTerraform, kept_plans
from mesh.terraform.run_folder import CONFIG, RunFolder, file_lock, remove_abandoned
from mesh.terraform.terraform import Terraform
from mesh.terraform.workspace import DatabricksWorkspace

_OPENING = threading.Lock()  # the SDK's first client must not be created by two threads at once


@dataclass(frozen=True)
class Runtime:
    """Synthesis and Terraform for one environment.

    Args:
        embedded: True if the workspace is on this machine.
        root: the mesh's root.
    """

    embedded: bool
    root: Path

    @property
    def output(self) -> Path:
        """The folder of the synthesized stacks with Terraform's working folders; each mesh has its own."""
        return (PROGRAM_FOLDER if self.root == PROGRAM_FOLDER else self.root / ".mesh") / "cdktf.out"

    def terraform(self, stack: str) -> Terraform:
        """Terraform in a stack's folder: before `synthesize` the shared one, then the one of this command."""
        shared = self.output / "stacks" / stack
        if (own := self._runs.get("run")) is None:
            return Terraform(shared, self.environ)
        folder = own.stack(stack)
        return KeptPlanTerraform(
            folder,
            self.environ,
            shared,
            workspace=lambda: self.workspace(_host(folder)),
            kept=self._kept_plans,
        )

    def synthesize(self, stacks: Sequence[AnyStack]) -> None:
        """Writes the code of stacks as `cdktf synth` does, but without a start of its command line.

        This command works with copies of the stacks, because other commands write the same folders.

        Args:
            stacks: the stacks.

        Raises:
            OutsideError: cdktf fails.
        """
        environ = self.environ  # fails before anything is written
        runs = self.output.parent / "cdktf.runs"  # as deep as the stacks, for relative paths in the code
        remove_abandoned(runs, self.output / "stacks")
        with file_lock(self.output):
            synthesis(self.root, self.output, environ).write(stacks)
            for stack in (self.output / "stacks").iterdir():
                # files that a killed process left would be part of every plan
                Terraform(stack, {}).discard_plan()
            if (former := self._runs.pop("run", None)) is not None:
                former.remove()
            own = self._runs["run"] = RunFolder(runs)
            own.copy(self.output / "stacks", [stack.stack for stack in stacks])

    def one_moment(self) -> AbstractContextManager[None]:
        """Within it, kept plans hold for the moment of its beginning."""
        return self._kept_plans.one_moment() if self._kept_plans else nullcontext()

    @cached_property
    def _kept_plans(self) -> KeptPlans | None:
        """Kept plans; None where the provider is not that of the workspace on this machine."""
        if not self.embedded or not Terraform(self.output, self.environ).attached:
            return None
        from local.home import Home, running_status
        from local.revision import workspace_revision

        return kept_plans(
            self.root, self.environ, lambda: workspace_revision(running_status(Home(self.root)))
        )

    @cached_property
    def _runs(self) -> dict[str, RunFolder]:
        """The folder of this command, once its code is written."""
        return {}

    def workspace(self, host: str | None) -> DatabricksWorkspace:
        """The workspace at an address.

        Args:
            host: the address; None takes DATABRICKS_HOST.
        """
        with _OPENING:
            if host not in self._workspaces:
                login = self.login or ({"host": host} if host else {})
                self._workspaces[host] = DatabricksWorkspace(**login)
            return self._workspaces[host]

    @cached_property
    def _workspaces(self) -> dict[str | None, DatabricksWorkspace]:
        return {}

    @cached_property
    def login(self) -> dict[str, str]:
        """Settings for the login to the workspace on this machine; empty for other workspaces."""
        if not self.embedded:
            return {}
        from local.home import Home, running_status

        status = running_status(Home(self.root))
        return {"host": status.url, "token": status.token, "auth_type": "pat"}

    def ask_ahead(self) -> None:
        """Asks what `environ` needs in a thread, beside other work of this process.

        An error or a note is for whoever needs `environ`; a command may find that nobody does.
        """
        pool = ThreadPoolExecutor(1, thread_name_prefix="environment")
        self._asked["environ"] = pool.submit(self._found)
        pool.shutdown(wait=False)

    @cached_property
    def _asked(self) -> dict[str, Future[tuple[Mapping[str, str], str | None]]]:
        return {}

    @cached_property
    def environ(self) -> Mapping[str, str]:
        """The whole environment of the synthesis and of Terraform."""
        asked = self._asked.get("environ")
        environ, note = asked.result() if asked else self._found()
        if note:
            emit(note)
        return environ

    def _found(self) -> tuple[Mapping[str, str], str | None]:
        """The environment, and a note for the user."""
        from local import toolchain

        login = {f"DATABRICKS_{key.upper()}": value for key, value in self.login.items()}
        environ = {key: value for key, value in os.environ.items() if not self._foreign(key, value)}
        environ |= toolchain.environment()
        environ |= login
        # otherwise Terraform spends a third of its time on freeing memory; so it takes 200 MB instead of 110
        environ.setdefault("GOGC", "400")
        environ.setdefault("TF_PLUGIN_CACHE_DIR", str(self.root / ".mesh" / "plugins"))
        ignore_folder(self.root / ".mesh")
        Path(environ["TF_PLUGIN_CACHE_DIR"]).mkdir(parents=True, exist_ok=True)
        if not self.embedded:
            return environ, None
        from local.home import Home
        from local.provider import provider_choice

        provider, note = provider_choice.provider_environment(
            Home(self.root).path, environ["TERRAFORM_BINARY_NAME"], environ
        )
        return environ | provider, note

    def _foreign(self, key: str, value: str) -> bool:
        """True if a variable would point Terraform to another workspace or to a missing file."""
        if key == "TF_CLI_CONFIG_FILE":
            return not Path(value).exists()
        return self.embedded and key.startswith("DATABRICKS_")


def _host(folder: Path) -> str | None:
    """The address of the workspace in the code of a stack; None means DATABRICKS_HOST."""
    return provider_host(json.loads((folder / CONFIG).read_text(encoding="utf-8")))
