"""Everything that `terraform init` depends on, as one hash; a folder stays initialized while it is equal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

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
