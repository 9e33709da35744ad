"""Synthesize the mesh for one environment: `MESH_ENV=prod npx cdktf deploy <stack>`."""

import os
from pathlib import Path

from mesh.console import diagnostic, report_errors
from mesh.synthesis.kept_synthesis import kept_synthesis
from mesh.terraform.cdktf_code import leave_out_missing_tables

with report_errors():
    root = Path(os.environ.get("MESH_ROOT") or Path(__file__).parent).resolve()
    output = Path(os.environ.get("CDKTF_OUTDIR") or "cdktf.out").resolve()
    kept = kept_synthesis(root, output)
    if not kept.is_right():
        # reads models and imports their classes, which unchanged code does not need
        from mesh.synthesis.environment import synthesize

        synthesize(kept)
    for note in leave_out_missing_tables(output):
        diagnostic(note)
