"""The version of Terraform or OpenTofu, which one command asks once for all stacks."""

from __future__ import annotations

import re
import shutil
import threading
from pathlib import Path

from mesh.terraform.terraform_command import TerraformCommand

_VERSION = re.compile(r"^(Terraform|OpenTofu) v\d.*", re.MULTILINE)
_ASKING = threading.Lock()  # stacks are planned side by side
_ANSWERS: dict[tuple[object, ...], str] = {}


def program_version(command: TerraformCommand) -> str:
    """The program and its version, such as `Terraform v1.11.4`.

    The same file is asked once for folders beside each other. Version managers such as tfenv read the version
    from a folder above.

    Args:
        command: Terraform's commands in the folder of a stack.

    Raises:
        OutsideError: the program fails.
    """
    with _ASKING:
        key = _key(command)
        if key not in _ANSWERS:
            answer = command.ask("report its version to", "version")
            found = _VERSION.search(answer)  # warnings may stand before it
            _ANSWERS[key] = found[0] if found else answer.partition("\n")[0]
        return _ANSWERS[key]


def _key(command: TerraformCommand) -> tuple[object, ...]:
    """What the answer depends on: the file, the folders above, and variables, without those of one stack."""
    path = shutil.which(command.program, path=command.environ.get("PATH"))
    status = Path(path).stat() if path else None
    file = (path, status.st_ino, status.st_size, status.st_mtime_ns) if status else (command.program,)
    variables = sorted(
        (name, value)
        for name, value in command.environ.items()
        if name.startswith(("TF", "TOFU", "ASDF", "MISE")) and name != "TF_DATA_DIR"
    )
    return (*file, command.folder.parent, *variables)
