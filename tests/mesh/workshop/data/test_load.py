"""The course's data: what is put into volumes, what is left alone, what somebody changed."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import BinaryIO

import pytest

from mesh.errors import OutsideError
from mesh.workshop.data import manifest
from mesh.workshop.data.content import Content
from mesh.workshop.data.data_file import Part, made_up
from mesh.workshop.data.load import Loading, told
from mesh.workshop.data.progress_output import Bars, Lines
from mesh.workshop.data.tables import SOURCE_PROPERTY, Table, text
from mesh.workshop.data.volume_files import Listed, VolumeFiles

VOLUME = "/Volumes/training/data/crimes"
TABLE = "training.data.crimes"


class KilledError(BaseException):
    """The process ends, whatever it is doing."""


@dataclass
class Volume:
    """A volume in memory.

    Args:
        files: content and time of writing, by path in the volume.
        killed_at: the file whose writing nobody survives.
        damaged: the file that arrives as something else.
        written: every file that was written, in order.
        read_back: every file that was read, in order.
    """

    path: str = VOLUME
    files: dict[str, tuple[bytes, int]] = field(default_factory=dict)
    killed_at: str = ""
    damaged: str = ""
    written: list[str] = field(default_factory=list)
    read_back: list[str] = field(default_factory=list)
    clock: int = 0

    def listed(self, folder: str) -> Mapping[str, Listed]:
        parent = folder or "."
        return {
            name: Listed(len(content), modified)
            for name, (content, modified) in self.files.items()
            if str(PurePosixPath(name).parent) == parent
        }

    def read(self, name: str) -> BinaryIO:
        self.read_back.append(name)
        return io.BytesIO(self.files[name][0])

    def write(self, name: str, content: BinaryIO) -> None:
        if name == self.killed_at:
            raise KilledError
        self.clock += 1
        sent = content.read()
        self.files[name] = (b"?" * len(sent) if name == self.damaged else sent, self.clock)
        self.written.append(name)

    def delete(self, name: str) -> None:
        del self.files[name]

    def change(self, name: str, content: bytes) -> None:
        """What somebody does to a file."""
        self.clock += 1
        self.files[name] = (content, self.clock)

    @property
    def parts_written(self) -> list[str]:
        return [name for name in self.written if name != manifest.FILE]


@dataclass
class Engine:
    """Tables in memory: what they were made from, by name."""

    sources: dict[str, str] = field(default_factory=dict)
    statements: list[str] = field(default_factory=list)

    def source(self, table: str) -> str | None:
        return self.sources.get(table)

    def relation(self, path: str, *, parquet: bool) -> str:
        return f"{'parquet' if parquet else 'csv'}:{path}"

    def run(self, statement: str) -> list[tuple[object, ...]]:
        self.statements.append(statement)
        if statement.startswith("CREATE"):
            name, source = statement.split()[4], statement.partition(f"'{SOURCE_PROPERTY}' = '")[2]
            self.sources[name] = source.partition("'")[0]
            return []
        return [("3",)]


@dataclass
class Place:
    """A workspace in memory."""

    files: Volume = field(default_factory=Volume)
    engine: Engine = field(default_factory=Engine)
    missing: tuple[str, ...] = ()

    def lacks(self, volumes: Mapping[str, object], schemas: frozenset[str]) -> list[str]:
        there = (*volumes, *sorted(schemas))
        return [one for one in self.missing if one in there]

    def volume(self, path: str) -> VolumeFiles:
        assert path == self.files.path
        return self.files


def parts(*contents: bytes) -> tuple[Part, ...]:
    return tuple(made_up(f"{number}.csv", ("a",), one) for number, one in enumerate(contents))


def content(*those: Part) -> Content:
    table = Table(
        TABLE, "What's in it", VOLUME, those, lambda sources: f"SELECT {[s.relation for s in sources]}"
    )
    return Content({VOLUME: those}, (table,))


def load(place: Place, *those: Part, force: bool = False) -> list[str]:
    """Load these parts, and return what was told."""
    said: list[str] = []
    Loading(place, Lines(said.append), force).load(content(*those))
    return [line.removeprefix(f"{VOLUME}/") for line in said]


def test_parts_are_put_into_the_volume_and_a_table_is_made_from_them() -> None:
    place = Place()

    said = load(place, *parts(b"one", b"other"))

    assert said == ["0.csv: loaded, 3 bytes", "1.csv: loaded, 5 bytes", f"{TABLE}: made, 3 rows"]
    assert place.files.files["1.csv"][0] == b"other"
    made = place.engine.statements[0]
    assert made.startswith(f"CREATE OR REPLACE TABLE {TABLE} COMMENT 'What\\'s in it' TBLPROPERTIES (")
    assert made.endswith(f"SELECT ['csv:{VOLUME}/0.csv', 'csv:{VOLUME}/1.csv']")


def test_a_second_load_writes_nothing_reads_no_part_and_runs_no_statement() -> None:
    place = Place()
    load(place, *parts(b"one", b"other"))
    place.files.written.clear()
    place.files.read_back.clear()
    place.engine.statements.clear()

    said = load(place, *parts(b"one", b"other"))

    assert said == ["0.csv: already there", "1.csv: already there", f"{TABLE}: already there"]
    assert (place.files.written, place.engine.statements) == ([], [])
    assert {*place.files.read_back} == {manifest.FILE}


@pytest.mark.parametrize("killed_at", ["0.csv", "1.csv", "2.csv"])
def test_a_load_that_was_killed_goes_on_where_it_was(killed_at: str) -> None:
    place, those = Place(Volume(killed_at=killed_at)), parts(b"one", b"two", b"three")
    with pytest.raises(KilledError):
        load(place, *those)
    done = [*place.files.parts_written]
    place.files.killed_at = ""

    load(place, *those)

    assert place.files.parts_written == ["0.csv", "1.csv", "2.csv"]
    assert done == place.files.parts_written[: int(killed_at[0])]


def test_a_load_that_was_killed_before_the_manifest_knew_of_a_part_sees_that_it_is_the_same() -> None:
    place, those = Place(Volume(killed_at=manifest.FILE)), parts(b"one", b"two")
    with pytest.raises(KilledError):
        load(place, *those)
    place.files.killed_at = ""

    assert load(place, *those)[:2] == ["0.csv: already there", "1.csv: loaded, 3 bytes"]
    assert {*manifest.parse(place.files.files[manifest.FILE][0])} == {"0.csv", "1.csv"}


def test_what_an_earlier_load_left_is_replaced_and_its_table_made_anew() -> None:
    place = Place()
    load(place, *parts(b"one", b"two"))

    said = load(place, *parts(b"one", b"new"))

    assert said == ["0.csv: already there", "1.csv: replaced, 3 bytes", f"{TABLE}: made, 3 rows"]


def test_a_part_that_the_data_has_no_more_is_removed_unless_somebody_changed_it() -> None:
    place = Place()
    load(place, *parts(b"one", b"two", b"three"))
    place.files.change("2.csv", b"mine!")

    said = load(place, *parts(b"one"))

    assert "1.csv: removed, the data has it no more" in said
    assert {*place.files.files} == {"0.csv", "2.csv", manifest.FILE}


@pytest.mark.parametrize("changed", [b"2wo", b"another length"])
def test_what_somebody_changed_is_told_all_at_once_and_nothing_is_loaded(changed: bytes) -> None:
    place = Place()
    load(place, *parts(b"one", b"two", b"six"))
    for name in ("1.csv", "2.csv"):
        place.files.change(name, changed)
    before = dict(place.files.files)

    with pytest.raises(OutsideError) as refused:
        load(place, *parts(b"1", b"two", b"six"))

    assert f"  {VOLUME}/1.csv\n  {VOLUME}/2.csv\n" in str(refused.value)
    assert "--force" in str(refused.value)
    assert place.files.files == before
    assert load(place, *parts(b"one", b"two", b"six"), force=True)[:3] == [
        "0.csv: already there",
        "1.csv: replaced, 3 bytes",
        "2.csv: replaced, 3 bytes",
    ]


def test_a_file_of_somebody_else_that_is_called_like_a_part_is_in_the_way() -> None:
    place = Place()
    place.files.change("0.csv", b"my own work")

    with pytest.raises(OutsideError, match=r"0\.csv"):
        load(place, *parts(b"one"))

    assert place.files.files["0.csv"][0] == b"my own work"


def test_a_part_that_was_written_again_with_the_same_content_is_there() -> None:
    place = Place()
    load(place, *parts(b"one"))
    place.files.change("0.csv", b"one")

    assert load(place, *parts(b"one"))[0] == "0.csv: already there"
    place.files.read_back.clear()
    load(place, *parts(b"one"))
    assert "0.csv" not in place.files.read_back


@pytest.mark.parametrize(
    "broken", [b"", b"[]", b'{"version": 2}', b'{"version": 1, "parts": {"0.csv": 1}}', b"\xff\xfe"]
)
def test_a_manifest_that_cannot_be_read_costs_a_look_into_each_file_and_no_more(broken: bytes) -> None:
    place = Place()
    load(place, *parts(b"one"))
    place.files.change(manifest.FILE, broken)

    assert load(place, *parts(b"one"))[0] == "0.csv: already there"
    assert {*manifest.parse(place.files.files[manifest.FILE][0])} == {"0.csv"}


def test_what_arrives_as_something_else_is_not_noted_and_no_table_is_made() -> None:
    place = Place(Volume(damaged="1.csv"))

    with pytest.raises(OutsideError, match=r"1\.csv is not what was sent there.*run it again"):
        load(place, *parts(b"one", b"two"))

    assert {*manifest.parse(place.files.files[manifest.FILE][0])} == {"0.csv"}
    assert place.engine.statements == []


def test_a_class_that_is_not_deployed_is_told_with_all_that_lacks() -> None:
    place = Place(missing=(VOLUME, "training.data"))

    with pytest.raises(OutsideError) as refused:
        load(place, *parts(b"one"))

    assert f"no {VOLUME}, no training.data" in str(refused.value)
    assert "mesh workshop deploy" in str(refused.value)
    assert place.files.written == []


def test_force_makes_tables_anew() -> None:
    place = Place()
    load(place, *parts(b"one"))

    assert load(place, *parts(b"one"), force=True) == ["0.csv: already there", f"{TABLE}: made, 3 rows"]


def test_a_table_is_made_anew_when_one_that_it_joins_has_another_source() -> None:
    def joined(zones: bytes) -> Table:
        first = Table("a.b.zones", "", VOLUME, parts(zones), lambda _: "SELECT 1")
        return Table("a.b.trips", "", VOLUME, parts(b"trips"), lambda _: "SELECT 2", (first,))

    assert joined(b"one").source == joined(b"one").source != joined(b"two").source


def test_what_is_there_is_said_without_a_change() -> None:
    place, those = Place(), parts(b"one", b"two")
    load(place, *those)
    place.files.change("1.csv", b"2wo")
    before = dict(place.files.files)

    said = list(told(place, content(*those), lambda name: name == TABLE))

    assert said == [
        f"{VOLUME}/0.csv: 3 bytes",
        f"{VOLUME}/1.csv: 3 bytes, changed or gone since",
        f"{TABLE}: there",
    ]
    assert place.files.files == before
    assert list(told(Place(missing=(VOLUME,)), content(*those), lambda _: False)) == [
        f"{VOLUME}: not there",
        f"{TABLE}: not there",
    ]
    assert f"{VOLUME}: nothing loaded" in list(told(Place(), content(*those), lambda _: False))


def test_a_terminal_shows_a_bar_and_keeps_the_lines() -> None:
    from rich.console import Console

    screen = io.StringIO()
    telling = Bars(Console(file=screen, force_terminal=True, width=100))
    with telling.moving("/Volumes/a/b/c/[bold]0.csv", io.BytesIO(b"x" * 2000), 2000) as watched:
        assert len(watched.read()) == 2000
    telling.line("/Volumes/a/b/c/[bold]0.csv: loaded, 2.0 kB")

    assert "[bold]0.csv" in screen.getvalue()
    assert "2.0/2.0 kB" in screen.getvalue()
    assert screen.getvalue().splitlines()[-1].endswith("/Volumes/a/b/c/[bold]0.csv: loaded, 2.0 kB")


def test_a_value_is_written_so_that_it_stays_inside_its_string() -> None:
    assert text("it's a \\ b") == r"'it\'s a \\ b'"
