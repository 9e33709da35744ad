"""The provider's bindings, one resource at a time."""

from __future__ import annotations

import sys
from importlib.util import find_spec, module_from_spec

PACKAGE = "cdktf_cdktf_provider_databricks"


def import_one_by_one() -> None:
    """Let `from cdktf_cdktf_provider_databricks.job import Job` import that one module.

    The package's own `__init__` imports all of its more than 200 modules, which takes longer than
    everything else that a synthesis does. It defines nothing, so a package without it serves as well.
    """
    if PACKAGE in sys.modules:
        return
    if spec := find_spec(PACKAGE):
        sys.modules[PACKAGE] = module_from_spec(spec)
