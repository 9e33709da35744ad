"""Make the plans of the cases anew: `python -m tests.golden.review.plans [CASE]...`, as `make plans` does.

A case is a change to `mesh/`, as a patch. The mesh is deployed to a local workspace with real Terraform, the
patch is committed on top of it, and what Terraform plans then is kept: whole, but for what says nothing of
changes.
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

from local import toolchain
from local.home import Home, running
from local.provider import provider_choice

HERE = Path(__file__).parent
CASES = HERE / "cases"
MAIN = HERE.parents[2] / "main.py"
DEPLOYED = "prod"  # a second one in the same workspace would want the same names for its compute
# what a deployment makes names and commits from; the commits' hashes depend on nothing else
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
# of a plan's JSON, what says what it changes
KEPT = ("format_version", "terraform_version", "resource_changes", "resource_drift", "errored")


@dataclass(frozen=True)
class Bench:
    """A mesh in a repository, and the workspace that it is deployed to.

    Args:
        root: the mesh.
        environ: what Terraform gets.
    """

    root: Path
    environ: Mapping[str, str]

    def git(self, *arguments: str) -> None:
        """Run git there."""
        command = ["git", "-C", str(self.root), *arguments]
        subprocess.run(command, check=True, env={**os.environ, **GIT}, stdout=subprocess.DEVNULL)

    def commit(self) -> None:
        """Commit everything."""
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "mesh")

    def synthesize(self, env: str) -> list[Path]:
        """The folders of an environment's stacks, foundations first."""
        output = self.root / ".mesh" / "out" / env
        output.mkdir(parents=True, exist_ok=True)
        variables = {"MESH_ENV": env, "MESH_PLAN_ONLY": "1", "CDKTF_OUTDIR": str(output)}
        subprocess.run(
            [sys.executable, "-O", str(MAIN)], env={**self.environ, **variables}, cwd=self.root, check=True
        )
        made = json.loads((output / "manifest.json").read_text())["stacks"]
        return sorted((output / "stacks" / name for name in made), key=_order)

    def plan(self, stack: Path) -> tuple[dict[str, Any] | None, str]:
        """What Terraform plans for a stack, as far as it came, and what it says when it failed."""
        (stack / "plan").unlink(missing_ok=True)
        if not (stack / ".terraform").exists():
            self.terraform(stack, "init", "-input=false")
        done = self.terraform(stack, "plan", "-input=false", "-out=plan")
        shown = None
        if (stack / "plan").exists():
            shown = json.loads(self.terraform(stack, "show", "-json", "plan").stdout)
        return shown, done.stderr if done.returncode else ""

    def apply(self, stack: Path) -> None:
        """Deploy a stack."""
        shown, error = self.plan(stack)
        if error or shown is None:
            raise SystemExit(error)
        done = self.terraform(stack, "apply", "-input=false", "plan")
        if done.returncode:
            raise SystemExit(done.stderr)

    def grant(self, by_hand: Mapping[str, Sequence[Mapping[str, Any]]], *, undo: bool = False) -> None:
        """Grant what somebody grants by hand, or take it back.

        Args:
            by_hand: changes in the words of the Unity Catalog API, by the securable.
            undo: whether to take it back.
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
        """Run Terraform in a stack's folder."""
        command = [self.environ["TERRAFORM_BINARY_NAME"], verb, "-no-color", *arguments]
        return subprocess.run(
            command, cwd=stack, env=self.environ, capture_output=True, text=True, check=False
        )


def _order(stack: Path) -> tuple[bool, str]:
    return not {"foundation", "workspace"} & {*stack.name.split("-")}, stack.name


def bench(root: Path) -> Bench:
    """A copy of the mesh in a new repository, and a workspace that runs already."""
    status = running(Home(root))
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("MESH_", "TF_"))}
    environ |= toolchain.environment() | GIT
    environ |= {"MESH_ROOT": str(root), "DATABRICKS_AUTH_TYPE": "pat", "TF_IN_AUTOMATION": "1"}
    environ |= {"DATABRICKS_HOST": status.url, "DATABRICKS_TOKEN": status.token}
    provider, _ = provider_choice.environment(Home(root).path, environ["TERRAFORM_BINARY_NAME"], environ)
    return Bench(root, environ | provider)


def trimmed(shown: Mapping[str, Any]) -> str:
    """A plan without what says nothing of changes, as JSON with a line for each resource."""
    plain = [name for name in KEPT if name in shown and not _list(shown[name])]
    lines = [f"{json.dumps(name)}: {json.dumps(shown[name])}" for name in plain]
    for name in KEPT:
        if found := _list(shown.get(name)):
            resources = ",\n  ".join(json.dumps(resource(one), sort_keys=True) for one in found)
            lines.append(f"{json.dumps(name)}: [\n  {resources}\n ]")
    return "{\n " + ",\n ".join(lines) + "\n}\n"


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def resource(shown: Mapping[str, Any]) -> dict[str, Any]:
    """What a plan does to a resource; of one that stays, what it is stands there once."""
    change = {key: said(value) for key, value in shown["change"].items()}
    marks = {
        key
        for key in change
        if key.endswith(("_sensitive", "_unknown")) and "true" not in json.dumps(change[key])
    }
    same = {"before"} if change["actions"] == ["no-op"] and change["before"] == change["after"] else set()
    kept = {key: value for key, value in change.items() if key not in marks | same}
    return {key: value for key, value in shown.items() if key != "provider_name"} | {"change": kept}


def said(value: Any) -> Any:
    """Without attributes that nobody has set; lists keep their length, by which marks find their place."""
    if isinstance(value, dict):
        kept = {key: said(one) for key, one in value.items() if one is not None and one not in ([], {})}
        return {key: one for key, one in kept.items() if one != {}}
    return [said(one) for one in value] if isinstance(value, list) else value


def neutral(text: str, root: Path, url: str) -> str:
    """The text without what every workspace and machine has of its own."""
    text = text.replace(str(root), "<root>").replace(url, "https://prod.acme.example")
    return re.sub(
        r"(?!7f1c0d6e)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "0" * 8 + "-0000" * 3 + "-" + "0" * 12, text
    )


@contextmanager
def served(root: Path) -> Iterator[Bench]:
    """The mesh at `root`, in a repository of its own, and deployed to a workspace for it."""
    shutil.copytree(HERE / "mesh", root)
    (root / ".gitignore").write_text(".mesh/\n")
    # in a process of its own, as a person would: what it starts outlives it
    command = [sys.executable, "-m", "tests.system.deploy.without_spark", str(root)]
    subprocess.run(command, check=True, env={**os.environ, **GIT})
    try:
        made = bench(root)
        deployed(made)
        yield made
    finally:
        down = [sys.executable, "-c", "from mesh.cli.main import main; main()", "local", "down"]
        subprocess.run([*down, "--root", str(root)], check=True)


def main(names: Sequence[str]) -> None:
    """Deploy the mesh, then plan every case."""
    with tempfile.TemporaryDirectory() as folder, served(Path(folder) / "mesh") as made:
        for case in sorted(CASES.iterdir()):
            if not names or case.name in names:
                write(made, case)


def deployed(made: Bench) -> None:
    """Deploy the mesh."""
    made.git("init", "-q", "-b", "main")
    made.commit()
    for stack in made.synthesize(DEPLOYED):
        made.apply(stack)


def planned(made: Bench, case: Path) -> dict[str, str]:
    """The files of a case's plans: `<stack>.json`, and `<stack>.err` where Terraform failed."""
    wanted = case / "environments"
    environments = wanted.read_text().split() if wanted.exists() else [DEPLOYED]
    files: dict[str, str] = {}
    made.git("apply", "--index", str(case / "change.patch"))
    made.commit()
    by_hand = json.loads((case / "by_hand.json").read_text()) if (case / "by_hand.json").exists() else {}
    made.grant(by_hand)
    try:
        for env in environments:
            for stack in made.synthesize(env):
                shown, error = made.plan(stack)
                if shown:
                    files[f"{stack.name}.json"] = trimmed(shown)
                if error:
                    files[f"{stack.name}.err"] = error
    finally:
        made.git("reset", "-q", "--hard", "HEAD~")
        made.grant(by_hand, undo=True)
    return files


def write(made: Bench, case: Path) -> None:
    """Keep the plans of a case."""
    plans = case / "plans"
    shutil.rmtree(plans, ignore_errors=True)
    plans.mkdir()
    for name, text in planned(made, case).items():
        (plans / name).write_text(neutral(text, made.root, made.environ["DATABRICKS_HOST"]))
    print(case.name, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
