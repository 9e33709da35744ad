"""The environment of subprocesses that run `mesh`."""

from __future__ import annotations

import os
from pathlib import Path

from local.provider.provider_choice import CHOICE
from mesh.toolkit import VARIABLE


def inherited_environment() -> dict[str, str]:
    """Returns the environment of this process, without settings of a mesh except the choices of provider and toolkit.

    So tests run with the toolkit that MESH_TOOLKIT chooses, and with the provider that MESH_PROVIDER chooses and
    that TF_CLI_CONFIG_FILE makes available.
    """
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("MESH_") or key in (CHOICE, VARIABLE)
    }
    # settings of a machine may name a file that is not there
    if not Path(kept.get("TF_CLI_CONFIG_FILE", "")).is_file():
        kept.pop("TF_CLI_CONFIG_FILE", None)
    return kept
