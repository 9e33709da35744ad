"""Stacks of resources that need no provider."""

from __future__ import annotations

import json
from pathlib import Path

from local import toolchain
from mesh.terraform.saved_plan import Checkout
from mesh.terraform.terraform import Terraform

AT = Checkout("prod", "5bd01c2f" + "0" * 32, clean=True)


LATER = Checkout("prod", "7d420000" + "0" * 32, clean=False)


def declare(root: Path, stack: str, **resources: object) -> Terraform:
    """A stack of Terraform's own resources, synthesized."""
    folder = root / "stacks" / stack
    folder.mkdir(parents=True, exist_ok=True)
    config = {"terraform": {"backend": {"local": {"path": f"../../states/{stack}"}}}}
    config |= {"resource": {"terraform_data": resources}} if resources else {}
    (folder / "cdk.tf.json").write_text(json.dumps(config))
    return Terraform(folder, toolchain.environment())
