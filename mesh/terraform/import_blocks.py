"""Import blocks, with which Terraform plans to take existing objects into a state."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from mesh.documents.terraform_text import literal


class ImportBlocks:
    """A file of import blocks, which exists only inside the `with` statement.

    Args:
        file: the file, in the stack's folder.
        imports: the id of each object, by the address that it gets; empty writes no file.
    """

    def __init__(self, file: Path, imports: Mapping[str, str]) -> None:
        self.file = file
        self.imports = imports

    def __enter__(self) -> None:
        if self.imports:
            blocks = [{"to": address, "id": literal(id)} for address, id in self.imports.items()]
            self.file.write_text(json.dumps({"import": blocks}), encoding="utf-8")

    def __exit__(self, *exception: object) -> None:
        self.file.unlink(missing_ok=True)
