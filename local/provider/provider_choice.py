"""Chooses the provider for the local workspace: by MESH_PROVIDER, else the real provider if it is found."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from local.provider import SOURCE
from mesh.errors import OutsideError, UsageError
from mesh.toolkit import toolkit

CHOICE = "MESH_PROVIDER"
"""The environment variable that chooses the provider: `auto` (the default), `real` or `offline`."""

OFFLINE_NOTE = "Terraform finds no databricks provider: using the offline provider of the local workspace."

_VARIABLE = "TF_REATTACH_PROVIDERS"
# The first `terraform init` downloads the real provider: about 30 MB.
_INIT_SECONDS = 300
_CACHE_SECONDS = 24 * 3600


def provider_environment(
    home_dir: Path, terraform: str, environ: Mapping[str, str] = os.environ
) -> tuple[dict[str, str], str | None]:
    """Choose the provider for a deployment to the local workspace.

    Args:
        home_dir: the folder of the local workspace (`.mesh/local`), with `reattach.json`.
        terraform: the Terraform program.
        environ: the environment of Terraform, with MESH_PROVIDER if the user chooses.

    Returns:
        The variables to add to Terraform's environment, and a note for the user; no variables and None
        if Terraform takes a provider that it finds by itself: in a registry, a mirror or its plugin cache.

    Raises:
        UsageError: MESH_PROVIDER has an unknown value.
        OutsideError: Terraform does not find the real provider, which MESH_PROVIDER requires; or the offline
            provider is needed, but the local workspace, which serves it, does not run.
    """
    choice = environ.get(CHOICE) or "auto"
    if choice not in ("auto", "real", "offline"):
        raise UsageError(f"{CHOICE} is `{choice[:60]}` (set it to auto, real or offline)")
    reattach, found = home_dir / "reattach.json", home_dir / "real-provider.json"
    if choice == "offline":
        return {_VARIABLE: _reattach(reattach, f"{CHOICE} is `offline`")}, None
    attached = SOURCE in environ.get(_VARIABLE, "")
    if attached and choice == "auto":
        return {}, None
    if _real_provider_available(found, terraform, environ):
        return ({_VARIABLE: ""} if attached else {}), None
    if choice == "real":
        raise OutsideError(
            f"Terraform finds no databricks provider, and {CHOICE} is `real` (make a registry or a mirror "
            f"reachable, see TF_CLI_CONFIG_FILE; or set {CHOICE}=offline)"
        )
    return {_VARIABLE: _reattach(reattach, "Terraform finds no databricks provider")}, OFFLINE_NOTE


def _reattach(file: Path, reason: str) -> str:
    try:
        text = file.read_text("utf-8")
        provider = json.loads(text)[SOURCE]
        running = Path(provider["Addr"]["String"]).is_socket() and _is_alive(provider["Pid"])
    except (OSError, ValueError, KeyError, TypeError):
        running = False
    if not running:
        raise OutsideError(
            f"{reason}, and the local workspace, which serves the offline provider, is not up "
            "(run `mesh local up`)"
        )
    return text


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _real_provider_available(cache: Path, terraform: str, environ: Mapping[str, str]) -> bool:
    """Return whether Terraform finds the real provider; only a positive answer is cached, for a day."""
    question = [
        terraform,
        environ.get("TF_CLI_CONFIG_FILE", ""),
        environ.get("TF_PLUGIN_CACHE_DIR", ""),
        toolkit(environ).provider,
    ]
    if _is_cached(cache, question):
        return True
    if not _init_succeeds(terraform, environ):
        cache.unlink(missing_ok=True)
        return False
    cache.parent.mkdir(parents=True, exist_ok=True)
    cache.write_text(json.dumps({"question": question, "time": time.time()}), "utf-8")
    return True


def _is_cached(cache: Path, question: list[str]) -> bool:
    try:
        cached = json.loads(cache.read_text("utf-8"))
        return bool(cached["question"] == question and 0 <= time.time() - cached["time"] < _CACHE_SECONDS)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _init_succeeds(terraform: str, environ: Mapping[str, str]) -> bool:
    """Return whether `terraform init` finds the provider, in an empty folder."""
    required = {"databricks": {"source": SOURCE, "version": toolkit(environ).provider}}
    command = [terraform, "init", "-backend=false", "-input=false", "-no-color"]
    with tempfile.TemporaryDirectory(prefix="mesh-") as folder:
        config = json.dumps({"terraform": {"required_providers": required}})
        (Path(folder) / "main.tf.json").write_text(config, "utf-8")
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                env=_init_environment(environ),
                timeout=_INIT_SECONDS,
                check=False,
                stdin=subprocess.DEVNULL,
                capture_output=True,
            )
        except subprocess.TimeoutExpired:
            return False
        except OSError as error:
            raise OutsideError(f"{terraform} does not run: {error.strerror or error}") from error
    return done.returncode == 0


def _init_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the user's environment without variables that would change what `terraform init` does."""
    dropped = {name for name in environ if name.startswith("TF_CLI_ARGS")} | {"TF_DATA_DIR", "TF_WORKSPACE"}
    for name in ("TF_CLI_CONFIG_FILE", "TF_PLUGIN_CACHE_DIR"):
        if not Path(environ.get(name, "")).exists():
            dropped.add(name)
    return {
        # One short request to the registry is enough: this runs before every deployment.
        "TF_REGISTRY_DISCOVERY_RETRY": "0",
        "TF_REGISTRY_CLIENT_TIMEOUT": "5",
        **{name: value for name, value in environ.items() if name not in dropped},
        "CHECKPOINT_DISABLE": "1",
    }
