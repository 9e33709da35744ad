"""Backends.

Source: the classes `TerraformBackend`, `CloudBackend` and `RemoteBackend` of cdktf.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from datamesh.cdktf_in_python.construct import Construct
from datamesh.cdktf_in_python.element import StackPart, plain
from datamesh.cdktf_in_python.overrides import deep_merge

_OF_HASHICORP = "app.terraform.io"
_WITH_HOST = ("cloud", "remote")


class TerraformBackend(StackPart):
    """A backend of any kind.

    Args:
        scope: the stack.
        arguments: its arguments in Terraform's spelling.
    """

    kind = ""

    def __init__(self, scope: Construct, **arguments: Any) -> None:
        super().__init__(scope, "backend")
        self.arguments = {name: plain(value) for name, value in arguments.items()}

    def code(self) -> Mapping[str, Any]:
        """See `StackPart.code`."""
        content = dict(self.arguments)
        deep_merge(content, self.overrides)
        if self.kind == "cloud":
            return {"terraform": {"cloud": content}}
        return {"terraform": {"backend": {self.kind: content}}}

    def metadata(self) -> Mapping[str, Any]:
        """See `StackPart.metadata`."""
        facts: dict[str, Any] = {"backend": self.kind}
        if self.overrides:
            facts["overrides"] = {"backend": list(self.overrides)}
        if self.kind in _WITH_HOST:
            host = self.arguments.get("hostname") or _OF_HASHICORP
            facts["cloud"] = "tfc" if host.startswith(_OF_HASHICORP) else "tfe"
        return facts
