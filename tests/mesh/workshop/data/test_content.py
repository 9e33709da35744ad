"""What the course's data is: made-up samples that never change, and files as they are published."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from mesh.datasets import crimes_sample, taxi_sample
from mesh.datasets.state_plane import coordinates
from mesh.errors import OutsideError
from mesh.workshop.data import crimes
from mesh.workshop.data.content import POPULATION, Content, content
from mesh.workshop.data.data_file import made_up
from mesh.workshop.data.public_files import read_folder
from mesh.workshop.data.tables import Source
from tests.support.reference_revenue import FLOW

TAXIS = Path(__file__).parents[5] / "shared/data/taxis.csv"
Row = dict[str, str]


@pytest.fixture(scope="module")
def reports() -> list[Row]:
    """A year of crimes."""
    return list(csv.DictReader(io.StringIO(crimes_sample.year_file(2020).decode())))


@pytest.fixture(scope="module")
def usual() -> Content:
    """What is loaded where nobody says otherwise."""
    return content()


def checksum(content: bytes) -> str:
    return made_up("", (), content).sha256[:16]


def test_a_seed_gives_the_same_bytes_for_ever() -> None:
    assert checksum(crimes_sample.year_file(2019, seed=1, reports=100)) == "8b515ca8f77366ed"
    assert checksum(crimes_sample.year_file(2019, seed=2, reports=100)) == "30a66194227cd0c1"
    assert checksum(crimes_sample.year_file(2020, seed=1, reports=100)) == "653338a93e9d2a4d"


def test_crimes_have_the_columns_of_the_city() -> None:
    header = crimes_sample.year_file(2019, reports=0).decode()

    assert header == (
        "ID,Case Number,Date,Block,IUCR,Primary Type,Description,Location Description,Arrest,Domestic,Beat,"
        "District,Ward,Community Area,FBI Code,X Coordinate,Y Coordinate,Year,Updated On,Latitude,Longitude,"
        "Location\n"
    )


def test_crimes_are_written_as_the_city_writes_them(reports: list[Row]) -> None:
    forms = {
        "ID": r"\d{8,9}",
        "Case Number": r"JD\d{6}",
        "Date": r"(0[1-9]|1[0-2])/\d\d/2020 (0[1-9]|1[0-2]):\d\d:00 [AP]M",
        "Block": r"\d{3}XX [NSEW] [A-Z0-9]+ (ST|AVE|RD)",
        "IUCR": r"\d{3}[0-9A-Z]",
        "Arrest": "true|false",
        "Domestic": "true|false",
        "Beat": r"\d{4}",
        "District": r"0\d\d",
        "Ward": r"\d*",
        "Community Area": r"\d*",
        "FBI Code": r"\d\d[AB]?",
        "X Coordinate": r"(1\d{6})?",
        "Y Coordinate": r"(1[89]\d{5})?",
        "Year": "2020",
        "Location": r"(\(4\d\.\d+, -87\.\d+\))?",
    }
    wrong = [
        (one[name], name)
        for one in reports
        for name, form in forms.items()
        if not re.fullmatch(form, one[name])
    ]

    assert wrong == []


def test_crimes_hang_together(reports: list[Row]) -> None:
    for one in reports:
        happened, updated = (
            datetime.strptime(one[name], "%m/%d/%Y %I:%M:%S %p") for name in ("Date", "Updated On")
        )
        assert happened < updated
        assert one["Beat"][:2] == one["District"][1:]
        assert bool(one["Latitude"]) == bool(one["X Coordinate"]) == bool(one["Location"])
        if one["Latitude"]:
            place = coordinates(float(one["Latitude"]), float(one["Longitude"]))
            assert place == (int(one["X Coordinate"]), int(one["Y Coordinate"]))


def test_crimes_are_as_frequent_as_one_knows_them(reports: list[Row]) -> None:
    kinds = Counter(one["Primary Type"] for one in reports)
    share = {name: number / len(reports) for name, number in kinds.items()}
    arrested = sum(one["Arrest"] == "true" for one in reports) / len(reports)
    hours = Counter(one["Date"][11:13] + one["Date"][-2:] for one in reports)

    assert [name for name, _ in kinds.most_common(2)] == ["THEFT", "BATTERY"]
    assert 0.2 < share["THEFT"] < 0.28
    assert 0.1 < arrested < 0.25
    assert hours["12PM"] > 2 * hours["05AM"]
    assert len({one["District"] for one in reports}) == 22


def test_crimes_have_the_dirt_of_real_ones(reports: list[Row]) -> None:
    for name, most in {"Ward": 0.02, "Latitude": 0.03, "Location Description": 0.01}.items():
        assert 0 < sum(not one[name] for one in reports) / len(reports) < most
    twice = [case for case, number in Counter(one["Case Number"] for one in reports).items() if number > 1]
    assert twice
    assert {one["Primary Type"] for one in reports if one["Case Number"] in twice} == {"HOMICIDE"}
    assert len({one["ID"] for one in reports}) == len(reports)


def test_places_are_where_the_city_says_that_they_are() -> None:
    """Two reports of 2007, with both kinds of coordinates."""
    assert coordinates(41.882182894, -87.679812546) == (1162213, 1900335)
    assert coordinates(41.864822916, -87.656618405) == (1168579, 1894058)


def test_trips_are_those_of_the_local_workspace_by_month(usual: Content, tmp_path: Path) -> None:
    whole = tmp_path / "sample.csv"
    taxi_sample.write(whole)
    months = usual.tables[2].parts

    rows = [row for part in months for row in part.open().read().decode().splitlines()[1:]]

    assert [part.name[-11:-4] for part in months] == ["2019-01", "2019-02", "2019-03"]
    assert sorted(rows) == sorted(whole.read_text().splitlines()[1:])


def test_boroughs_have_the_inhabitants_that_the_flow_says() -> None:
    with (FLOW / "borough_population.csv").open(newline="") as stream:
        assert {row["borough"]: int(row["population"]) for row in csv.DictReader(stream)} == POPULATION


def test_another_seed_gives_other_samples_and_the_same_tables(usual: Content) -> None:
    other = content(seed=7)

    assert [one.name for one in usual.tables] == [one.name for one in other.tables]
    assert [one.source == two.source for one, two in zip(usual.tables, other.tables, strict=True)] == [
        True,
        True,
        False,
        False,
    ]


def test_columns_of_crimes_are_found_in_exports_and_in_files_of_the_api() -> None:
    assert crimes.missing(crimes_sample.COLUMNS) == []
    assert crimes.missing(crimes.COLUMNS) == []
    assert crimes.missing(crimes_sample.COLUMNS[1:]) == ["id"]


def test_names_of_columns_cannot_leave_their_quotes() -> None:
    columns = ("I`D", *crimes_sample.COLUMNS)

    assert "``" not in crimes.query([Source(made_up("a.csv", columns, b""), "t")])
    assert "CAST(`Case Number` AS string) AS case_number" in crimes.query(
        [Source(made_up("a.csv", columns, b""), "t")]
    )


def test_real_files_take_the_place_of_what_is_made_up(tmp_path: Path) -> None:
    (tmp_path / "crimes.csv").write_bytes(b"\xef\xbb\xbf" + crimes_sample.year_file(2019, reports=3))
    rides = tmp_path / "taxis.csv"
    rides.write_text(
        TAXIS.read_text() if TAXIS.exists() else "pickup,total,pickup_borough\n2019-03-01,1,Queens\n"
    )
    (tmp_path / ".hidden").write_text("")

    found = content(published=read_folder(tmp_path))

    loaded = [part for those in found.volumes.values() for part in those]
    assert [part.name for part in loaded] == [
        "reference/taxi_zones.csv",
        "reference/borough_population.csv",
        "trips/taxis.csv",
        "crimes.csv",
    ]
    assert loaded[-1].columns == crimes_sample.COLUMNS


def test_all_that_is_wrong_in_a_folder_is_told_at_once(tmp_path: Path) -> None:
    header = ",".join(crimes_sample.COLUMNS)
    (tmp_path / "fewer.csv").write_text(header.replace("IUCR,", "").replace("FBI Code,", "") + "\n")
    (tmp_path / "half.csv").write_text("VendorID,total_amount\n1,2\n")
    (tmp_path / "neither.csv").write_text("a,b\n1,2\n")
    (tmp_path / "twice.csv").write_text(header + ",id\n")
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "latin.csv").write_bytes("Størrelse\n".encode("latin-1"))
    (tmp_path / "packed.csv.gz").write_bytes(b"")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1")
    (tmp_path / "od'd.csv").write_text(header)
    (tmp_path / "fine.csv").write_text(header)

    with pytest.raises(OutsideError) as refused:
        read_folder(tmp_path)

    said = dict(line.split(": ", 1) for line in str(refused.value).splitlines()[1:])
    assert said.pop("broken.parquet").startswith("it is no Parquet file (")
    assert said.pop("latin.csv").startswith("its first line is no CSV in UTF-8 (")
    assert said == {
        "empty.csv": "its first line does not name columns",
        "fewer.csv": "of the columns of Chicago's crimes, it lacks `iucr`, `fbi_code`",
        "half.csv": "of the columns of taxi trips, it lacks `tpep_pickup_datetime or lpep_pickup_datetime "
        "or pickup`, `PULocationID or pickup_borough`",
        "neither.csv": "it holds neither taxi trips nor Chicago's crimes (its columns: `a`, `b`)",
        "od'd.csv": "a name may hold letters, digits, `.`, `_`, `-` and spaces (rename it)",
        "packed.csv.gz": "it is neither .csv nor .parquet (unpack it, or move it elsewhere)",
        "twice.csv": "column `id` is there twice",
    }


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutsideError, match="there are no files in it"):
        read_folder(tmp_path)
