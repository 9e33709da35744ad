"""What was last deployed to the local workspace: the files of a stack, and the settings of its flows."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from local.home import Home, write_private


@dataclass(frozen=True)
class DeploymentRecord:
    """The record of a stack. It holds paths and hashes, never values.

    Args:
        files: the paths of its files in the workspace.
        settings: a hash of the settings of each flow, by the flow's path.
    """

    files: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)

    def write(self, home: Home, stack: str) -> None:
        """Replace the record of a stack."""
        content = {"files": list(self.files), "settings": dict(self.settings)}
        write_private(_file(home, stack), json.dumps(content, indent=2))


def read_record(home: Home, stack: str) -> DeploymentRecord:
    """Return the record of a stack; an empty one if there is none, or if it is damaged."""
    try:
        content = json.loads(_file(home, stack).read_text(encoding="utf-8"))
        return DeploymentRecord(tuple(map(str, content["files"])), dict(content["settings"]))
    except (OSError, ValueError, KeyError, TypeError):
        return DeploymentRecord()


def _file(home: Home, stack: str) -> Path:
    return home.path / "deployed" / f"{stack}.json"
