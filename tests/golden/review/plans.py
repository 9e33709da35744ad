"""Regenerates the plans of the cases: `python -m tests.golden.review.plans [CASE]...`, as `make plans` does.

A case is a change to `mesh/`, as a patch. The mesh is deployed to a local workspace with real Terraform, the
patch is committed on top of it, and the plans are written without the parts that say nothing about changes.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from databricks.sdk import WorkspaceClient

from local import supervisor, toolchain
from local.home import Home, running_status
from local.provider import provider_choice

HERE = Path(__file__).parent
CASES = HERE / "cases"
MAIN = HERE.parents[2] / "main.py"
DEPLOYED = "prod"  # a second environment in the same workspace would use the same names for its compute
# the inputs of names and commits; commit hashes depend on nothing else
GIT = {
    "GIT_AUTHOR_NAME": "Ola",
    "GIT_AUTHOR_EMAIL": "ola.nordmann@acme.example",
    "GIT_AUTHOR_DATE": "2026-01-05T08:00:00Z",
    "GIT_COMMITTER_NAME": "Ola",
    "GIT_COMMITTER_EMAIL": "ola.nordmann@acme.example",
    "GIT_COMMITTER_DATE": "2026-01-05T08:00:00Z",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "MESH_USER": "ola.nordmann@acme.example",
    "MESH_GIT_URL": "https://github.com/acme/mesh",
    "MESH_GIT_BRANCH": "main",
}
# the sections of a plan's JSON that describe changes
KEPT = ("format_version", "terraform_version", "resource_changes", "resource_drift", "errored")


@dataclass(frozen=True)
class Bench:
    """A mesh in a repository, and its workspace.

    Args:
        root: the root of the mesh.
        environ: the environment of Terraform.
    """

    root: Path
    environ: Mapping[str, str]

    def git(self, *arguments: str) -> None:
        """Runs git in the repository."""
        command = ["git", "-C", str(self.root), *arguments]
        subprocess.run(command, check=True, env={**os.environ, **GIT}, stdout=subprocess.DEVNULL)

    def commit(self) -> None:
        """Commits everything."""
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "mesh")

    def synthesize(self, env: str) -> list[Path]:
        """The folders of an environment's stacks, foundations first."""
        output = self.root / ".mesh" / "out" / env
        output.mkdir(parents=True, exist_ok=True)
        variables = {"MESH_ENV": env, "MESH_PLAN_ONLY": "1", "CDKTF_OUTDIR": str(output)}
        # with no workspace to ask, the code has what hangs on tables and functions that do not exist
        environ = {name: value for name, value in self.environ.items() if name != "DATABRICKS_HOST"}
        subprocess.run(
            [sys.executable, "-O", str(MAIN)], env={**environ, **variables}, cwd=self.root, check=True
        )
        stacks = json.loads((output / "manifest.json").read_text())["stacks"]
        return sorted((output / "stacks" / name for name in stacks), key=_order)

    def remember(self, stacks: Sequence[Path]) -> None:
        """Keeps the backend and provider of deployed stacks, for plans after their project was removed."""
        self._deployed.mkdir(parents=True, exist_ok=True)
        for stack in stacks:
            code = json.loads((stack / "cdk.tf.json").read_text())
            kept = {name: code[name] for name in ("terraform", "provider")}
            (self._deployed / f"{stack.name}.json").write_text(json.dumps(kept))

    def removed(self, stacks: Sequence[Path]) -> list[Path]:
        """The folders of deployed stacks that are not declared any more, as `mesh plan --base` plans them."""
        folder, used = stacks[0].parent, [_backend(stack / "cdk.tf.json") for stack in stacks]
        # a renamed project keeps its state, but not the name of its stack
        gone = [file for file in sorted(self._deployed.iterdir()) if _backend(file) not in used]
        for file in gone:
            (folder / file.stem).mkdir(exist_ok=True)
            shutil.copy(file, folder / file.stem / "cdk.tf.json")
        return [folder / file.stem for file in gone]

    @property
    def _deployed(self) -> Path:
        return self.root / ".mesh" / "deployed"

    def plan(self, stack: Path) -> tuple[dict[str, Any] | None, str]:
        """The plan of a stack, which may be incomplete, and Terraform's error."""
        (stack / "plan").unlink(missing_ok=True)
        # other cases may have given a stack of this name another state
        initialized = stack / ".terraform" / "backend"
        backend = json.dumps(_backend(stack / "cdk.tf.json"))
        if not initialized.exists() or initialized.read_text() != backend:
            self.terraform(stack, "init", "-input=false", "-reconfigure")
            if initialized.parent.exists():
                initialized.write_text(backend)
        done = self.terraform(stack, "plan", "-input=false", "-out=plan")
        shown = None
        if (stack / "plan").exists():
            shown = json.loads(self.terraform(stack, "show", "-json", "plan").stdout)
        return shown, done.stderr if done.returncode else ""

    def apply(self, stack: Path) -> None:
        """Deploys a stack."""
        shown, error = self.plan(stack)
        if error or shown is None:
            raise SystemExit(error)
        done = self.terraform(stack, "apply", "-input=false", "plan")
        if done.returncode:
            raise SystemExit(done.stderr)

    def grant(self, by_hand: Mapping[str, Sequence[Mapping[str, Any]]], *, undo: bool = False) -> None:
        """Grants privileges by hand, or revokes them.

        Args:
            by_hand: changes of the Unity Catalog API, by securable.
            undo: True to revoke the privileges.
        """
        client = WorkspaceClient(
            host=self.environ["DATABRICKS_HOST"], token=self.environ["DATABRICKS_TOKEN"], auth_type="pat"
        )
        for securable, changes in by_hand.items():
            body = [
                {"principal": one["principal"], "remove" if undo else "add": one["add"]} for one in changes
            ]
            path = f"/api/2.1/unity-catalog/permissions/{securable}"
            client.api_client.do("PATCH", path, body={"changes": body})

    def terraform(self, stack: Path, verb: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs Terraform in a stack's folder."""
        command = [self.environ["TERRAFORM_BINARY_NAME"], verb, "-no-color", *arguments]
        return subprocess.run(
            command, cwd=stack, env=self.environ, capture_output=True, text=True, check=False
        )


def _backend(code: Path) -> object:
    return json.loads(code.read_text())["terraform"]["backend"]


def _order(stack: Path) -> tuple[bool, str]:
    return not {"foundation", "workspace"} & {*stack.name.split("-")}, stack.name


def bench(root: Path) -> Bench:
    """The bench for a mesh whose local workspace is running."""
    status = running_status(Home(root))
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("MESH_", "TF_"))}
    environ |= toolchain.environment() | GIT
    environ |= {"MESH_ROOT": str(root), "DATABRICKS_AUTH_TYPE": "pat", "TF_IN_AUTOMATION": "1"}
    environ |= {"DATABRICKS_HOST": status.url, "DATABRICKS_TOKEN": status.token}
    provider, _ = provider_choice.provider_environment(
        Home(root).path, environ["TERRAFORM_BINARY_NAME"], environ
    )
    return Bench(root, environ | provider)


def trimmed(shown: Mapping[str, Any]) -> str:
    """A plan without the parts that say nothing about changes, as JSON with one line per resource."""
    plain = [name for name in KEPT if name in shown and not _list(shown[name])]
    lines = [f"{json.dumps(name)}: {json.dumps(shown[name])}" for name in plain]
    for name in KEPT:
        if entries := _list(shown.get(name)):
            resources = ",\n  ".join(json.dumps(resource(one), sort_keys=True) for one in entries)
            lines.append(f"{json.dumps(name)}: [\n  {resources}\n ]")
    return "{\n " + ",\n ".join(lines) + "\n}\n"


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def resource(shown: Mapping[str, Any]) -> dict[str, Any]:
    """A resource of a plan; an unchanged resource has its attributes only once."""
    change = {key: compact(value) for key, value in shown["change"].items()}
    marks = {
        key
        for key in change
        if key.endswith(("_sensitive", "_unknown")) and "true" not in json.dumps(change[key])
    }
    same = {"before"} if change["actions"] == ["no-op"] and change["before"] == change["after"] else set()
    kept = {key: value for key, value in change.items() if key not in marks | same}
    return {key: value for key, value in shown.items() if key != "provider_name"} | {"change": kept}


def compact(value: Any) -> Any:
    """The value without unset attributes; lists keep their length, as marks refer to indexes."""
    if isinstance(value, dict):
        kept = {key: compact(one) for key, one in value.items() if one is not None and one not in ([], {})}
        return {key: one for key, one in kept.items() if one != {}}
    return [compact(one) for one in value] if isinstance(value, list) else value


def neutral(text: str, root: Path, url: str) -> str:
    """The text without values that differ between workspaces and machines."""
    text = text.replace(str(root), "<root>").replace(url, "https://prod.acme.example")
    return re.sub(
        r"(?!7f1c0d6e)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "0" * 8 + "-0000" * 3 + "-" + "0" * 12, text
    )


@contextmanager
def served(root: Path) -> Iterator[Bench]:
    """The mesh, copied to `root`, in a new repository and deployed to its own workspace."""
    shutil.copytree(HERE / "mesh", root)
    (root / ".gitignore").write_text(".mesh/\n")
    # in a separate process, as it starts services that continue to run
    command = [sys.executable, "-m", "tests.system.deploy.without_spark", str(root)]
    subprocess.run(command, check=True, env={**os.environ, **GIT})
    try:
        ready = bench(root)
        deploy(ready)
        yield ready
    finally:
        supervisor.down(Home(root), print)


def main(names: Sequence[str]) -> None:
    """Deploys the mesh, then plans every case."""
    with tempfile.TemporaryDirectory() as folder, served(Path(folder) / "mesh") as ready:
        for case in sorted(CASES.iterdir()):
            if not names or case.name in names:
                write(ready, case)


def deploy(ready: Bench) -> None:
    """Deploys the mesh."""
    ready.git("init", "-q", "-b", "main")
    ready.commit()
    stacks = ready.synthesize(DEPLOYED)
    ready.remember(stacks)
    for stack in stacks:
        ready.apply(stack)


def plan_files(ready: Bench, case: Path) -> dict[str, str]:
    """The plan files of a case: `<stack>.json`, and `<stack>.err` where Terraform failed."""
    listed = case / "environments"
    environments = listed.read_text().split() if listed.exists() else [DEPLOYED]
    files: dict[str, str] = {}
    ready.git("apply", "--index", str(case / "change.patch"))
    ready.commit()
    by_hand = json.loads((case / "by_hand.json").read_text()) if (case / "by_hand.json").exists() else {}
    ready.grant(by_hand)
    try:
        for env in environments:
            stacks = ready.synthesize(env)
            for stack in [*stacks, *(ready.removed(stacks) if env == DEPLOYED else ())]:
                shown, error = ready.plan(stack)
                if shown:
                    files[f"{stack.name}.json"] = trimmed(shown)
                if error:
                    files[f"{stack.name}.err"] = error
    finally:
        ready.git("reset", "-q", "--hard", "HEAD~")
        ready.grant(by_hand, undo=True)
    return files


def write(ready: Bench, case: Path) -> None:
    """Writes the plans of a case."""
    plans = case / "plans"
    shutil.rmtree(plans, ignore_errors=True)
    plans.mkdir()
    for name, text in plan_files(ready, case).items():
        (plans / name).write_text(neutral(text, ready.root, ready.environ["DATABRICKS_HOST"]))
    print(case.name, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
