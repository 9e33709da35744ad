"""The one place that imports cdktf or cdktn, and their classes for the Databricks provider.

`cdktf` is the library, `databricks` the package of the provider's bindings: `databricks.job.Job` is a class.
For mypy, both always belong to cdktf; cdktn has the same names. The variable MESH_SYNTHESIZER chooses what
runs: the library itself, or the classes of `datamesh.cdktf_in_python`, which need no Node.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any

from mesh.toolkit import synthesizer, toolkit

if TYPE_CHECKING:
    import cdktf
    import cdktf_cdktf_provider_databricks as databricks
    from constructs import Construct

__all__ = ["RUNS", "Construct", "cdktf", "databricks"]

RUNS = synthesizer()
"""What runs the constructs in this process."""


class OneByOne(ModuleType):
    """A package that imports each of its modules when it is first used.

    The bindings' own `__init__` imports all of its more than 200 modules, which takes longer than
    the rest of a synthesis. It defines nothing else, so it need not run.
    """

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return import_module(f"{self.__name__}.{name}")


def one_by_one(package: str) -> ModuleType:
    """Imports a package without its modules; each module is imported when it is first used.

    Args:
        package: the name of the package.

    Raises:
        ModuleNotFoundError: it is not installed.
    """
    if package not in sys.modules:
        spec = find_spec(package)
        if spec is None:
            raise ModuleNotFoundError(f"No module named {package!r}", name=package)
        made = OneByOne(package)
        made.__spec__, made.__path__ = spec, list(spec.submodule_search_locations or ())
        sys.modules[package] = made
    return sys.modules[package]


if not TYPE_CHECKING and RUNS == "python":
    from datamesh.cdktf_in_python.construct import Construct
    from datamesh.cdktf_in_python.packages import cdktf, databricks
elif not TYPE_CHECKING:
    from constructs import Construct

    cdktf = import_module(toolkit().name)
    databricks = one_by_one(toolkit().bindings)
