"""Loads the workshop's data: files into volumes, then tables from the files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from mesh.errors import OutsideError
from mesh.workshop.data.content import Content
from mesh.workshop.data.progress_output import Telling, size
from mesh.workshop.data.tables import Engine, make
from mesh.workshop.data.upload import compare, noted, untouched
from mesh.workshop.data.volume_files import VolumeFiles


class Place(Protocol):
    """Where the data goes."""

    def lacks(self, volumes: Mapping[str, object], schemas: frozenset[str]) -> list[str]:
        """Which of these are not there, in words: volumes by their paths, schemas by their full names."""

    def volume(self, path: str) -> VolumeFiles:
        """The files of a volume that is there."""

    @property
    def engine(self) -> Engine:
        """What makes tables there."""


@dataclass(frozen=True)
class Loading:
    """A load.

    Args:
        place: where the data goes.
        telling: is told of each file and table.
        force: whether what somebody changed is replaced, and tables are made anew.
    """

    place: Place
    telling: Telling
    force: bool = False

    def load(self, content: Content) -> None:
        """Load what is missing or differs; once more changes nothing.

        Args:
            content: all that should be there.

        Raises:
            OutsideError: the class is not deployed, somebody changed files, or the workspace fails. In the
                first two cases nothing is changed; in the last, running it again does the rest.
        """
        schemas = frozenset(table.name.rpartition(".")[0] for table in content.tables)
        if lacking := self.place.lacks(content.volumes, schemas):
            raise OutsideError(
                f"the workspace has no {', no '.join(lacking)} (make the class first: `mesh workshop deploy`)"
            )
        transfers = [compare(self.place.volume(path), parts) for path, parts in content.volumes.items()]
        changed = [path for transfer in transfers for path in transfer.changed]
        if changed and not self.force:
            raise OutsideError(
                "somebody changed what is in the way, and nothing was loaded:\n"
                + "\n".join(f"  {path}" for path in changed)
                + "\nlook at them, then replace them with --force"
            )
        for transfer in transfers:
            transfer.run(self.telling)
        make(content.tables, self.place.engine, self.telling, force=self.force)


def told(place: Place, content: Content, exists: Callable[[str], bool]) -> Iterator[str]:
    """Say what of the data is there, a line for each file and table.

    Args:
        place: where it is.
        content: what would be loaded, whose volumes and tables are looked at.
        exists: whether there is a table of a full name.

    Raises:
        OutsideError: the workspace does not answer.
    """
    for path in content.volumes:
        if place.lacks({path: ()}, frozenset()):
            yield f"{path}: not there"
            continue
        files = place.volume(path)
        known = noted(files)
        if not known:
            yield f"{path}: nothing loaded"
        for name, same in untouched(files, known).items():
            yield f"{path}/{name}: {size(known[name].size)}" + ("" if same else ", changed or gone since")
    for table in content.tables:
        yield f"{table.name}: {'there' if exists(table.name) else 'not there'}"
