"""When `terraform init` is needed, and with which options.

Everything that it depends on is one hash; a folder stays initialized while it is equal.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

_BACKEND = "terraform.tfstate"  # in the data folder; not a state
_VARIABLES = ("CLI_CONFIG_FILE", "PLUGIN_CACHE_DIR", "DATA_DIR", "CLI_ARGS", "CLI_ARGS_init")


def initialization(
    settings: Any, lock: str | None, program: str, environ: Mapping[str, str], *, attached: bool
) -> str:
    """The hash of everything that `terraform init` depends on.

    Args:
        settings: the block `terraform` of the stack's code: backend and required providers.
        lock: the content of the dependency lock file; None without one.
        program: the Terraform program.
        environ: the whole environment of Terraform, of which the variables of `init` count.
        attached: True if the provider runs already, so that none is installed.
    """
    facts = [settings, lock, program, attached, [environ.get(f"TF_{name}") for name in _VARIABLES]]
    return sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def init_options(data: Path, folder: Path) -> list[str]:
    """The options for `terraform init` in a folder that may be initialized for another backend.

    Terraform refuses another backend, because the state would stay in the former one. A plan alone writes
    no state: where a project was planned and then got another state, there is nothing that could stay behind.

    Args:
        data: the folder of Terraform's data, `.terraform`.
        folder: the folder of the stack, from which paths of states start.
    """
    try:
        backend = json.loads((data / _BACKEND).read_bytes())["backend"]
        former = folder / backend["config"]["path"] if backend["type"] == "local" else None
    except (OSError, ValueError, LookupError, TypeError):  # not initialized, or a file of another version
        return []
    return [] if former is None or former.exists() else ["-reconfigure"]
