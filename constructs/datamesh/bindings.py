"""Imports single modules of the provider's bindings."""

from __future__ import annotations

import sys
from importlib.util import find_spec, module_from_spec

PACKAGE = "cdktf_cdktf_provider_databricks"


def import_one_by_one() -> None:
    """Lets `from cdktf_cdktf_provider_databricks.job import Job` import that one module.

    The package's own `__init__` imports all of its more than 200 modules, which takes longer than
    the rest of a synthesis. It defines nothing, so it can be skipped.
    """
    if PACKAGE in sys.modules:
        return
    if spec := find_spec(PACKAGE):
        sys.modules[PACKAGE] = module_from_spec(spec)
