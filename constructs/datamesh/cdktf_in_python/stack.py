"""Apps and stacks.

Source: the classes `App`, `TerraformStack` and `TerraformProvider` of cdktf.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from datamesh.cdktf_in_python.backend import TerraformBackend
from datamesh.cdktf_in_python.code_text import code_text
from datamesh.cdktf_in_python.construct import Construct
from datamesh.cdktf_in_python.element import StackPart
from datamesh.cdktf_in_python.overrides import add_override, deep_merge
from mesh.toolkit import CDKTF, toolkit

_GLOB_CHARACTERS = "*?[]{}!"


class App(Construct):
    """The root of the tree.

    Args:
        outdir: the folder that gets `stacks/<name>/cdk.tf.json` of each stack.
    """

    def __init__(self, *, outdir: str) -> None:
        super().__init__(None, "")
        self.outdir = outdir

    @staticmethod
    def of(construct: Construct) -> App:
        """The app of a construct."""
        root = construct.node.scopes[0]
        assert isinstance(root, App)
        return root

    def synth(self) -> None:
        """Writes the code of all stacks.

        Raises:
            OSError: a file cannot be written.
        """
        for stack in self.node.children:
            assert isinstance(stack, TerraformStack)
            folder = Path(self.outdir, "stacks", stack.node.id)
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "cdk.tf.json").write_bytes(
                code_text(stack.to_terraform(), broken=toolkit().name == CDKTF.name).encode()
            )


class TerraformStack(Construct):
    """A stack: the Terraform code of one state.

    Args:
        scope: the app.
        id: its name, which is also the name of its folder.

    Raises:
        ValueError: cdktf refuses the name.
    """

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        if wrong := [one for one in id if one in _GLOB_CHARACTERS or one.isspace()]:
            raise ValueError(f"the name of stack {id!r} contains {wrong[0]!r}")
        self.overrides: dict[str, Any] = {}

    @staticmethod
    def of(construct: Construct) -> TerraformStack:
        """The stack of a construct."""
        stack = construct.node.scopes[1]
        assert isinstance(stack, TerraformStack)
        return stack

    def add_override(self, path: str, value: Any) -> None:
        """Replaces a part of the generated code; see `overrides.add_override`."""
        add_override(self.overrides, path, value)

    def to_terraform(self) -> dict[str, Any]:
        """The Terraform code of the stack."""
        facts: dict[str, Any] = {"version": version(toolkit().name), "stackName": self.node.id}
        if self.overrides:
            facts["overrides"] = {"stack": list(self.overrides)}
        code: dict[str, Any] = {"//": {"metadata": facts, "outputs": {}}}
        for part in self.node.find_all():
            if isinstance(part, StackPart):
                deep_merge(facts, part.metadata())
                deep_merge(code, part.code())
        deep_merge(code, self.overrides)
        return code


class DatabricksProvider(StackPart):
    """The configuration of the Databricks provider, in the version of the bindings.

    Args:
        scope: the stack.
        id: its name in the stack.
        arguments: its arguments in Terraform's spelling; the login comes from the environment.
    """

    def __init__(self, scope: Construct, id: str, **arguments: Any) -> None:
        super().__init__(scope, id)
        self.arguments = {name: value for name, value in arguments.items() if value is not None}

    def code(self) -> Mapping[str, Any]:
        """See `StackPart.code`."""
        required = {"source": "databricks/databricks", "version": toolkit().provider}
        return {
            "terraform": {"required_providers": {"databricks": required}},
            "provider": {"databricks": [self.arguments]},
        }

    def metadata(self) -> Mapping[str, Any]:
        """See `StackPart.metadata`."""
        return {}


__all__ = ["App", "DatabricksProvider", "TerraformBackend", "TerraformStack"]
