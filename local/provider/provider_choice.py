"""Which provider Terraform gets for the local workspace: the real one wherever it can be had."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from local.provider import SOURCE, VERSION
from mesh.errors import OutsideError

OFFLINE = "Terraform finds no databricks provider here: the offline one serves the local workspace."

_VARIABLE = "TF_REATTACH_PROVIDERS"
# A real provider is downloaded on the first trial: about 30 MB.
_TRIAL_SECONDS = 300
_REMEMBER_SECONDS = 24 * 3600


def environment(
    home_dir: Path, terraform: str, environ: Mapping[str, str] = os.environ
) -> tuple[dict[str, str], str | None]:
    """Choose the provider for a deployment to the local workspace; never for another one.

    Args:
        home_dir: the folder of what runs here (`.mesh/local`), with `reattach.json`.
        terraform: the Terraform to ask.
        environ: the environment that Terraform will run in.

    Returns:
        The variables to add to Terraform's environment, and the line to tell the user; no variables and
        None where Terraform finds a provider by itself: in a registry, a mirror or its plugin cache.

    Raises:
        OutsideError: there is no provider, and the workspace is not up to serve one.
    """
    if SOURCE in environ.get(_VARIABLE, "") or _has_real(home_dir / "real-provider.json", terraform, environ):
        return {}, None
    return {_VARIABLE: _reattach(home_dir / "reattach.json")}, OFFLINE


def _reattach(file: Path) -> str:
    try:
        text = file.read_text("utf-8")
        provider = json.loads(text)[SOURCE]
        up = Path(provider["Addr"]["String"]).is_socket() and _alive(provider["Pid"])
    except (OSError, ValueError, KeyError, TypeError):
        up = False
    if not up:
        raise OutsideError(
            "Terraform finds no databricks provider here, and the local workspace, which serves one,"
            " is not up: mesh local up"
        )
    return text


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _has_real(memory: Path, terraform: str, environ: Mapping[str, str]) -> bool:
    """Whether Terraform finds the real provider; a yes is remembered for a day, a no is asked again."""
    question = [
        terraform,
        environ.get("TF_CLI_CONFIG_FILE", ""),
        environ.get("TF_PLUGIN_CACHE_DIR", ""),
        VERSION,
    ]
    if _remembered(memory, question):
        return True
    if not _trial(terraform, environ):
        memory.unlink(missing_ok=True)
        return False
    memory.parent.mkdir(parents=True, exist_ok=True)
    memory.write_text(json.dumps({"question": question, "time": time.time()}), "utf-8")
    return True


def _remembered(memory: Path, question: list[str]) -> bool:
    try:
        known = json.loads(memory.read_text("utf-8"))
        return bool(known["question"] == question and 0 <= time.time() - known["time"] < _REMEMBER_SECONDS)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _trial(terraform: str, environ: Mapping[str, str]) -> bool:
    """Let Terraform look for the provider itself, in an empty folder."""
    required = {"databricks": {"source": SOURCE, "version": VERSION}}
    command = [terraform, "init", "-backend=false", "-input=false", "-no-color"]
    with tempfile.TemporaryDirectory(prefix="mesh-") as folder:
        config = json.dumps({"terraform": {"required_providers": required}})
        (Path(folder) / "main.tf.json").write_text(config, "utf-8")
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                env=_trial_environment(environ),
                timeout=_TRIAL_SECONDS,
                check=False,
                stdin=subprocess.DEVNULL,
                capture_output=True,
            )
        except subprocess.TimeoutExpired:
            return False
        except OSError as error:
            raise OutsideError(f"{terraform} does not run: {error.strerror or error}") from error
    return done.returncode == 0


def _trial_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The user's own, without what would turn the trial into something else."""
    dropped = {name for name in environ if name.startswith("TF_CLI_ARGS")} | {"TF_DATA_DIR", "TF_WORKSPACE"}
    for name in ("TF_CLI_CONFIG_FILE", "TF_PLUGIN_CACHE_DIR"):
        if not Path(environ.get(name, "")).exists():
            dropped.add(name)
    return {
        # One short question to the registry is enough: this is asked before every deployment.
        "TF_REGISTRY_DISCOVERY_RETRY": "0",
        "TF_REGISTRY_CLIENT_TIMEOUT": "5",
        **{name: value for name, value in environ.items() if name not in dropped},
        "CHECKPOINT_DISABLE": "1",
    }
