"""The manifest of an output folder is the one that cdktf writes."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

from datamesh.bindings import cdktf
from mesh.synthesis.manifest import manifest
from mesh.toolkit import toolkit


def test_a_manifest_is_that_of_cdktf(tmp_path: Path) -> None:
    app = cdktf.App(outdir=str(tmp_path), skip_validation=True)
    first, second = (cdktf.TerraformStack(app, name) for name in ("first", "second"))
    second.add_dependency(first)
    app.synth()

    text = manifest({"first": [], "second": ["first"]}, version(toolkit().name))

    assert json.loads(text) == json.loads((tmp_path / "manifest.json").read_text())
