"""Uploads files into a volume: missing and outdated files, but not files that a user changed."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import PurePosixPath

from mesh.errors import OutsideError
from mesh.workshop.data import manifest
from mesh.workshop.data.data_file import DataFile, stream_sha256
from mesh.workshop.data.manifest import Manifest, ManifestEntry
from mesh.workshop.data.progress_output import ProgressOutput, format_size
from mesh.workshop.data.volume_files import FileInfo, VolumeFiles

READ_BACK = 16 << 20  # bytes: a larger file is verified by its size only after its upload


class FileState(Enum):
    """The state of a file in the volume."""

    CURRENT = "current"
    MISSING = "missing"
    OUTDATED = "outdated"  # loaded earlier, with other content
    CHANGED = "changed"  # changed after loading, or not loaded by this command


@dataclass(frozen=True)
class VolumeUpload:
    """The planned changes in one volume.

    Args:
        volume: the files in the volume.
        states: each file to load, with its state in the volume.
        obsolete: unchanged files of earlier loads that are no longer part of the data.
        entries: the manifest entries of the unchanged files.
    """

    volume: VolumeFiles
    states: Mapping[DataFile, FileState]
    obsolete: tuple[str, ...]
    entries: Manifest

    @property
    def changed(self) -> tuple[str, ...]:
        """The paths of the files that a user changed."""
        return tuple(
            f"{self.volume.path}/{file.name}"
            for file, state in self.states.items()
            if state is FileState.CHANGED
        )

    @property
    def size(self) -> int:
        """The number of bytes to upload."""
        return sum(file.size for file, state in self.states.items() if state is not FileState.CURRENT)

    def run(self, output: ProgressOutput) -> None:
        """Uploads all files that are not current, and updates the manifest after each file.

        Args:
            output: receives progress events.

        Raises:
            OutsideError: the workspace fails, or an uploaded file differs from the sent file.
        """
        entries = dict(self.entries)
        written = self._manifest_content()
        for file, state in self.states.items():
            path = f"{self.volume.path}/{file.name}"
            if state is FileState.CURRENT:
                output.report(f"{path}: up to date")
                continue
            with file.open() as content, output.track_upload(path, content, file.size) as tracked:
                self.volume.write(file.name, tracked)
            entries[file.name] = self._verify(file)
            written = self._write_manifest(entries, written)
            verb = "loaded" if state is FileState.MISSING else "replaced"
            output.report(f"{path}: {verb}, {format_size(file.size)}")
        for name in self.obsolete:
            self.volume.delete(name)
            entries.pop(name, None)
            written = self._write_manifest(entries, written)
            output.report(f"{self.volume.path}/{name}: removed, no longer part of the data")
        self._write_manifest(entries, written)

    def _manifest_content(self) -> bytes:
        exists = manifest.FILE in self.volume.list_files("")
        return _content(self.volume, manifest.FILE) if exists else b""

    def _write_manifest(self, entries: Manifest, written: bytes) -> bytes:
        """Writes the manifest if it changed, and returns its content."""
        content = manifest.manifest_text(entries)
        if content != written:
            self.volume.write(manifest.FILE, io.BytesIO(content))
        return content

    def _verify(self, file: DataFile) -> ManifestEntry:
        """Compares an uploaded file with the sent content."""
        info = self.volume.list_files(_folder(file.name)).get(file.name)
        is_same = info is not None and info.size == file.size
        if is_same and file.size <= READ_BACK:
            with self.volume.read(file.name) as content:
                is_same = stream_sha256(content) == file.sha256
        if info is None or not is_same:
            raise OutsideError(
                f"{self.volume.path}/{file.name} is not what was sent, {format_size(file.size)} with sha256 "
                f"{file.sha256[:12]}… (run it again)"
            )
        return ManifestEntry(file.size, file.sha256, info.modified)


def plan_upload(volume: VolumeFiles, files: Sequence[DataFile]) -> VolumeUpload:
    """Compares files with a volume, without changing it.

    A file is not read if its size and time of modification are the same as in its manifest entry.

    Args:
        volume: the files in the volume.
        files: the files that it should have.

    Raises:
        OutsideError: the workspace does not answer.
    """
    entries = read_manifest(volume)
    infos = _file_infos(volume, [*(file.name for file in files), *entries])
    current, states = dict[str, ManifestEntry](), dict[DataFile, FileState]()
    for file in files:
        entry = _current_entry(volume, file.name, entries, infos, file.size)
        if entry:
            current[file.name] = entry
        states[file] = _state(file, entry, entries, infos)
    expected = {file.name for file in files}
    obsolete = {
        name: entry
        for name in sorted({*entries} - expected)
        if (entry := _current_entry(volume, name, entries, infos, entries[name].size))
        and entry.sha256 == entries[name].sha256
    }
    return VolumeUpload(volume, states, tuple(obsolete), {**current, **obsolete})


def read_manifest(volume: VolumeFiles) -> Manifest:
    """Reads the manifest of a volume; empty if the volume has no manifest."""
    if manifest.FILE not in volume.list_files(""):
        return {}
    return manifest.parse_manifest(_content(volume, manifest.FILE))


def unchanged_files(volume: VolumeFiles, entries: Manifest) -> Mapping[str, bool]:
    """Returns for each manifest entry whether the file is unchanged, by name."""
    infos = _file_infos(volume, entries)
    return {
        name: (current := _current_entry(volume, name, entries, infos, entry.size)) is not None
        and current.sha256 == entry.sha256
        for name, entry in entries.items()
    }


def _state(
    file: DataFile, current: ManifestEntry | None, entries: Manifest, infos: Mapping[str, FileInfo]
) -> FileState:
    if file.name not in infos:
        return FileState.MISSING
    if current is None:
        return FileState.CHANGED
    if current.sha256 == file.sha256:
        return FileState.CURRENT
    is_loaded = file.name in entries and entries[file.name].sha256 == current.sha256
    return FileState.OUTDATED if is_loaded else FileState.CHANGED


def _current_entry(
    volume: VolumeFiles, name: str, entries: Manifest, infos: Mapping[str, FileInfo], size: int
) -> ManifestEntry | None:
    """The entry that describes a file's current content.

    None if the file does not exist, or if its size shows that it is neither the loaded nor the new file.
    """
    info, entry = infos.get(name), entries.get(name)
    if info is None:
        return None
    if entry and (entry.size, entry.modified) == (info.size, info.modified):
        return entry
    if info.size not in (size, entry and entry.size):
        return None
    with volume.read(name) as content:
        return ManifestEntry(info.size, stream_sha256(content), info.modified)


def _file_infos(volume: VolumeFiles, names: Iterable[str]) -> Mapping[str, FileInfo]:
    folders = sorted({_folder(name) for name in names})
    return {name: info for folder in folders for name, info in volume.list_files(folder).items()}


def _folder(name: str) -> str:
    parent = str(PurePosixPath(name).parent)
    return "" if parent == "." else parent


def _content(volume: VolumeFiles, name: str) -> bytes:
    with volume.read(name) as content:
        return content.read()
