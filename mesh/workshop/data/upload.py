"""Parts into a volume: what is missing is put there, what is there stays, what somebody changed is told."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import PurePosixPath

from mesh.errors import OutsideError
from mesh.workshop.data import manifest
from mesh.workshop.data.data_file import Part, sha256
from mesh.workshop.data.manifest import Manifest, Noted
from mesh.workshop.data.progress_output import Telling, size
from mesh.workshop.data.volume_files import Listed, VolumeFiles

READ_BACK = 16 << 20  # bytes: what was just put there is compared whole up to this, by its size beyond


class Stand(Enum):
    """How a part stands in the volume."""

    THERE = "already there"
    MISSING = "missing"
    OUTDATED = "outdated"  # as an earlier load left it
    CHANGED = "changed"  # by somebody since it was put there, or not put there by a load


@dataclass(frozen=True)
class Transfer:
    """What is to be done in one volume.

    Args:
        files: the volume.
        stands: each part, with how it stands.
        stale: parts of earlier loads, as these left them, which the data has no more.
        noted: what is known of the volume, without what was changed.
    """

    files: VolumeFiles
    stands: Mapping[Part, Stand]
    stale: tuple[str, ...]
    noted: Manifest

    @property
    def changed(self) -> tuple[str, ...]:
        """The paths of parts that somebody changed."""
        return tuple(
            f"{self.files.path}/{part.name}" for part, how in self.stands.items() if how is Stand.CHANGED
        )

    @property
    def size(self) -> int:
        """How many bytes there are to move."""
        return sum(part.size for part, how in self.stands.items() if how is not Stand.THERE)

    def run(self, telling: Telling) -> None:
        """Put all parts there; after each one the manifest says so.

        Args:
            telling: is told of each part.

        Raises:
            OutsideError: the workspace fails, or something else arrives than was sent.
        """
        noted = dict(self.noted)
        before = self._old_manifest()
        for part, how in self.stands.items():
            path = f"{self.files.path}/{part.name}"
            if how is Stand.THERE:
                telling.line(f"{path}: already there")
            else:
                with part.open() as content, telling.moving(path, content, part.size) as watched:
                    self.files.write(part.name, watched)
                noted[part.name] = self._verified(part)
                before = self._note(noted, before)
                telling.line(f"{path}: {'loaded' if how is Stand.MISSING else 'replaced'}, {size(part.size)}")
        for name in self.stale:
            self.files.delete(name)
            noted.pop(name, None)
            before = self._note(noted, before)
            telling.line(f"{self.files.path}/{name}: removed, the data has it no more")
        self._note(noted, before)

    def _old_manifest(self) -> bytes:
        there = manifest.FILE in self.files.listed("")
        return _content(self.files, manifest.FILE) if there else b""

    def _note(self, noted: Manifest, before: bytes) -> bytes:
        content = manifest.text(noted)
        if content != before:
            self.files.write(manifest.FILE, io.BytesIO(content))
        return content

    def _verified(self, part: Part) -> Noted:
        listed = self.files.listed(_folder(part.name)).get(part.name)
        arrived = listed is not None and listed.size == part.size
        if arrived and part.size <= READ_BACK:
            with self.files.read(part.name) as content:
                arrived = sha256(content) == part.sha256
        if listed is None or not arrived:
            raise OutsideError(
                f"{self.files.path}/{part.name} is not what was sent there, {size(part.size)} with sha256 "
                f"{part.sha256[:12]}… (run it again)"
            )
        return Noted(part.size, part.sha256, listed.modified)


def compare(files: VolumeFiles, parts: Sequence[Part]) -> Transfer:
    """Look at a volume, without a change.

    A part that has the size and the time of writing that the manifest notes is not read again.

    Args:
        files: the volume.
        parts: all that it should have.

    Raises:
        OutsideError: the workspace does not answer.
    """
    known = noted(files)
    listed = _listed(files, [*(part.name for part in parts), *known])
    found, stands = dict[str, Noted](), dict[Part, Stand]()
    for part in parts:
        there = _found(files, part.name, known, listed, part.size)
        if there:
            found[part.name] = there
        stands[part] = _stand(part, there, known, listed)
    wanted = {part.name for part in parts}
    old = {
        name: one
        for name in sorted({*known} - wanted)
        if (one := _found(files, name, known, listed, known[name].size)) and one.sha256 == known[name].sha256
    }
    return Transfer(files, stands, tuple(old), {**found, **old})


def noted(files: VolumeFiles) -> Manifest:
    """What the manifest of a volume notes."""
    return manifest.parse(_content(files, manifest.FILE)) if manifest.FILE in files.listed("") else {}


def untouched(files: VolumeFiles, known: Manifest) -> Mapping[str, bool]:
    """Whether each part that a manifest notes is as it was put there, by name."""
    listed = _listed(files, known)
    return {
        name: (there := _found(files, name, known, listed, one.size)) is not None
        and there.sha256 == one.sha256
        for name, one in known.items()
    }


def _stand(part: Part, there: Noted | None, known: Manifest, listed: Mapping[str, Listed]) -> Stand:
    if part.name not in listed:
        return Stand.MISSING
    if there is None:
        return Stand.CHANGED
    if there.sha256 == part.sha256:
        return Stand.THERE
    ours = part.name in known and known[part.name].sha256 == there.sha256
    return Stand.OUTDATED if ours else Stand.CHANGED


def _found(
    files: VolumeFiles, name: str, known: Manifest, listed: Mapping[str, Listed], size: int
) -> Noted | None:
    """What a file is; None where it is not there, or where its size alone tells that it is a stranger's."""
    there, before = listed.get(name), known.get(name)
    if there is None:
        return None
    if before and (before.size, before.modified) == (there.size, there.modified):
        return before
    if there.size not in (size, before and before.size):
        return None
    with files.read(name) as content:
        return Noted(there.size, sha256(content), there.modified)


def _listed(files: VolumeFiles, names: Iterable[str]) -> Mapping[str, Listed]:
    folders = sorted({_folder(name) for name in names})
    return {name: one for folder in folders for name, one in files.listed(folder).items()}


def _folder(name: str) -> str:
    parent = str(PurePosixPath(name).parent)
    return "" if parent == "." else parent


def _content(files: VolumeFiles, name: str) -> bytes:
    with files.read(name) as content:
        return content.read()
