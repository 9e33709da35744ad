"""What the mesh runs beside Python: Java, Terraform, Node; found on this machine or installed by `make`.

The installer imports this package before anything is installed, so nothing here imports more than the
standard library at the top.
"""

from __future__ import annotations

import os
import sys
from functools import cache
from pathlib import Path
from typing import NoReturn

from local.toolchain import executables
from local.toolchain.executables import Java

__all__ = ["Java", "environment", "java", "terraform"]


@cache
def java() -> Java:
    """The Java that runs Spark: the machine's own from version 17 on, else the one `make install` brought.

    Raises:
        OutsideError: there is none.
    """
    found = executables.find_java(os.environ, _venv())
    if found is None:
        _missing(f"Java {executables.JAVA_AT_LEAST} or newer")
    return found


@cache
def terraform() -> Path:
    """The Terraform that deploys: the machine's own if its version fits, else the one `make install` brought.

    Raises:
        OutsideError: there is none.
    """
    found = executables.find_terraform(os.environ, _venv())
    if found is None:
        _missing(f"Terraform {executables.TERRAFORM_VERSIONS}")
    return found.path


def environment() -> dict[str, str]:
    """The variables under which `npx cdktf` uses this toolchain, to be laid over the caller's own.

    Raises:
        OutsideError: Terraform or Node is missing.
    """
    node = executables.find_node(_venv())
    if node is None:
        _missing("Node")
    return executables.deployment_environment(os.environ, _venv(), node=node, terraform=terraform())


def _venv() -> Path:
    return Path(sys.prefix)


def _missing(what: str) -> NoReturn:
    from mesh.errors import OutsideError

    raise OutsideError(f"{what} is missing: run `make install`, or put it on PATH")
