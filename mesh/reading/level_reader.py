"""What reading has in common on all levels: folders, YAML files, findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from mesh.documents.checked_model import CheckedModel, validate_document
from mesh.documents.document import Document, document
from mesh.files.files import FOLDER, MISSING, Files
from mesh.finding import Finding
from mesh.model.bundle import bundle_finding, check_bundle_references, is_bundle
from mesh.model.code import check_shared_code
from mesh.model.compute import Compute, ComputeFile
from mesh.model.defaults import Defaults, DefaultsFile
from mesh.model.letter_case import differ_in_case
from mesh.model.level import SharingLevel, wrong_with_name

D = TypeVar("D", bound=CheckedModel)

LINKED = "is a link, and links to folders are not followed (replace it by the folder)"


@dataclass
class LevelReader:
    """Reads files and collects findings on the way.

    Args:
        files: the files of the mesh.
    """

    files: Files
    findings: list[Finding] = field(default_factory=list)

    def folders(self, parent: str) -> Iterator[str]:
        """The names of the folders of a level; links and wrong names are reported."""
        first: dict[str, str] = {}
        for name in self.files.names(parent):
            folder = f"{parent}/{name}"
            if name.startswith((".", "__")) or self.files.kind(folder) != FOLDER:
                continue
            if self.files.is_link(folder):
                self.complain("link-not-followed", folder, LINKED)
            elif wrong := wrong_with_name(name):
                self.complain("bad-name", folder, wrong)
            elif (twin := first.setdefault(name.lower(), name)) != name:
                self.complain("differ-in-case", folder, differ_in_case(name, f"{parent}/{twin}"))
            else:
                yield name

    def document(self, file: str) -> tuple[Document, list[Finding]]:
        """The document of a YAML file, and its findings, which are also collected."""
        other = f"{file.removesuffix('.yml')}.yaml"
        if self.files.kind(other) != MISSING:
            self.complain("misplaced-file", other, f"is not read (rename it to {file.rpartition('/')[2]})")
        read, findings = document(file, self.files)
        if is_bundle(read):
            findings, read = [bundle_finding(read)], Document(read.file)
        else:
            findings += check_bundle_references(read)
        self.findings += findings
        return read, findings

    def declared(self, file: str, kind: type[D]) -> tuple[Document, D]:
        """The document of a YAML file, and its fields."""
        read, findings = self.document(file)
        declared, wrong = validate_document(kind, read)
        self.findings += without_repeated(wrong, findings)
        if isinstance(declared, SharingLevel):
            self.findings += check_shared_code(declared.code, read, self.files)
        return read, declared

    def compute(self, folder: str) -> Compute:
        """The compute.yml of a level; `folder` ends in `/`, or is "" for the root."""
        file = f"{folder}compute.yml"
        read, declared = self.declared(file, ComputeFile)
        return Compute(read, declared, self.files.kind(file) != MISSING)

    def defaults(self, folder: str) -> Defaults:
        """The defaults.yml of a level; `folder` ends in `/`, or is "" for the root."""
        return Defaults(*self.declared(f"{folder}defaults.yml", DefaultsFile))

    def complain(self, code: str, file: str, message: str) -> None:
        """Collects a finding about a whole file or folder."""
        self.findings.append(Finding(file, 1, 1, code, message))


def without_repeated(findings: Iterable[Finding], reported: Iterable[Finding]) -> list[Finding]:
    """Drops findings at positions that already have a finding.

    Values with errors are left out while reading, so later checks would report them as missing, too.
    """
    positions = {(finding.line, finding.column) for finding in reported}
    return [finding for finding in findings if (finding.line, finding.column) not in positions]
