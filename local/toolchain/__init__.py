"""The programs that the mesh runs: Java, Terraform and Node, of this machine or installed by `make install`.

The installer imports this package before anything is installed: modules import only the standard library
at the top.
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
    """Return the Java that runs Spark: the machine's from version 17 on, else the installed one.

    Raises:
        OutsideError: no Java of a supported version.
    """
    selected = executables.find_java(os.environ, _venv())
    if selected is None:
        _raise_missing(f"Java {executables.JAVA_AT_LEAST} or newer")
    return selected


@cache
def terraform() -> Path:
    """Return the Terraform that deploys: the machine's if its version is supported, else the installed one.

    TERRAFORM_BINARY_NAME names another program, such as OpenTofu's `tofu`.

    Raises:
        OutsideError: no Terraform of a supported version, or not the named program.
    """
    selected = executables.find_terraform(os.environ, _venv())
    if selected is None:
        named = executables.named_terraform(os.environ)
        _raise_missing(f"{named or 'Terraform'} {executables.TERRAFORM_VERSIONS}")
    return selected.path


def environment() -> dict[str, str]:
    """Return the variables with which `npx cdktf` uses this toolchain; they override the caller's.

    Raises:
        OutsideError: Terraform or Node is missing.
    """
    node = executables.find_node(_venv())
    if node is None:
        _raise_missing("Node")
    return executables.deployment_environment(os.environ, _venv(), node=node, terraform=terraform())


def _venv() -> Path:
    return Path(sys.prefix)


def _raise_missing(program: str) -> NoReturn:
    from mesh.errors import OutsideError

    raise OutsideError(f"{program} is missing: run `make install`, or put it on PATH")
