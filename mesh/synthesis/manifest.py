"""`manifest.json`: the list of the stacks in an output folder, from which `cdktf` learns their order."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

FILE = "manifest.json"
CODE = "cdk.tf.json"


def manifest(stacks: Mapping[str, Sequence[str]], version: str) -> str:
    """The text of a manifest in cdktf's format.

    Source: the class `Manifest` of cdktf, which writes the same fields.

    Args:
        stacks: for each stack's name, the names of the stacks to deploy before it.
        version: the version of cdktf.
    """
    content = {"version": version, "stacks": {name: _entry(name, before) for name, before in stacks.items()}}
    return json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False)


def _entry(name: str, before: Sequence[str]) -> dict[str, Any]:
    folder = f"stacks/{name}"
    return {
        "name": name,
        "constructPath": name,
        "workingDirectory": folder,
        "synthesizedStackPath": f"{folder}/{CODE}",
        "stackMetadataPath": f"{folder}/metadata.json",
        "annotations": [],
        "dependencies": list(before),
    }
