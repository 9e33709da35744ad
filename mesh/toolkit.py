"""The toolkit that the stacks use: cdktf, or its fork cdktn, which has newer bindings.

The variable `MESH_TOOLKIT` chooses the toolkit. `toolkit()` returns the names of its packages, and
`constructs/datamesh/bindings.py` imports these packages, unless `synthesizer()` is `python`: the toolkit's
classes are in Python then, and write the same code.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from mesh.errors import OutsideError, UsageError

VARIABLE = "MESH_TOOLKIT"
SYNTHESIZER = "MESH_SYNTHESIZER"
Synthesizer = Literal["python", "cdktf"]


@dataclass(frozen=True)
class Toolkit:
    """A toolkit: a library, bindings of the Databricks provider for it, and a command.

    Args:
        name: the library's name; its Python module, its command and our package's extra have the same name.
        distribution: the PyPI package of the bindings.
        provider: the version of the Databricks provider that the bindings are made for, and that every
            stack requires.
        npm: the folder below the checkout with the npm packages of the command.
    """

    name: str
    distribution: str
    provider: str
    npm: str

    @property
    def bindings(self) -> str:
        """The Python module of the bindings."""
        return self.distribution.replace("-", "_")

    @property
    def command(self) -> tuple[str, ...]:
        """The command that deploys the stacks, to run in the checkout."""
        return ("npx", *(() if self.npm == "." else ("--prefix", self.npm)), self.name)

    def installed_version(self) -> str:
        """The version of the installed bindings.

        Raises:
            OutsideError: the bindings are not installed.
        """
        from importlib.metadata import PackageNotFoundError, version  # slow to import, for `mesh ls`

        try:
            return version(self.distribution)
        except PackageNotFoundError as error:
            raise OutsideError(
                f"{self.distribution} is not installed (run `make install TOOLKIT={self.name}`)"
            ) from error


CDKTF = Toolkit("cdktf", "cdktf-cdktf-provider-databricks", "1.99.0", npm=".")
CDKTN = Toolkit("cdktn", "cdktn-provider-databricks", "1.138.0", npm=".mesh/cdktn")
TOOLKITS: Mapping[str, Toolkit] = {one.name: one for one in (CDKTF, CDKTN)}


def toolkit(environ: Mapping[str, str] = os.environ) -> Toolkit:
    """The chosen toolkit; cdktf without a choice.

    Args:
        environ: the environment variables.

    Raises:
        UsageError: there is no toolkit of this name.
    """
    name = environ.get(VARIABLE) or CDKTF.name
    if name not in TOOLKITS:
        raise UsageError(f"{VARIABLE}={name} is not a toolkit (set it to {' or '.join(TOOLKITS)})")
    return TOOLKITS[name]


def synthesizer(environ: Mapping[str, str] = os.environ, default: Synthesizer = "cdktf") -> Synthesizer:
    """Whether the toolkit itself runs the constructs, with Node, or Python alone: MESH_SYNTHESIZER chooses.

    Args:
        environ: the environment variables.
        default: the choice if the variable is not set: the toolkit for programs that import our constructs.

    Raises:
        UsageError: the variable has another value.
    """
    match environ.get(SYNTHESIZER) or default:
        case "python":
            return "python"
        case "cdktf":
            return "cdktf"
        case other:
            raise UsageError(f"{SYNTHESIZER}={other} is not a synthesizer (set it to python or cdktf)")
