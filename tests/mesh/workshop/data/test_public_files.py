"""Public files, recognized by their columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.datasets import crimes_sample
from mesh.errors import OutsideError
from mesh.workshop.data.course_data import build_course_data
from mesh.workshop.data.public_files import read_folder

TAXIS = Path(__file__).parents[5] / "shared/data/taxis.csv"


def test_real_files_replace_the_samples(tmp_path: Path) -> None:
    (tmp_path / "crimes.csv").write_bytes(b"\xef\xbb\xbf" + crimes_sample.year_file(2019, reports=3))
    rides = tmp_path / "taxis.csv"
    rides.write_text(
        TAXIS.read_text() if TAXIS.exists() else "pickup,total,pickup_borough\n2019-03-01,1,Queens\n"
    )
    (tmp_path / ".hidden").write_text("")

    data = build_course_data(public_files=read_folder(tmp_path))

    loaded = [part for files in data.volumes.values() for part in files]
    assert [part.name for part in loaded] == [
        "reference/taxi_zones.csv",
        "reference/borough_population.csv",
        "trips/taxis.csv",
        "crimes.csv",
    ]
    assert loaded[-1].columns == crimes_sample.COLUMNS


def test_all_errors_in_a_folder_are_reported_at_once(tmp_path: Path) -> None:
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

    errors = dict(line.split(": ", 1) for line in str(refused.value).splitlines()[1:])
    assert errors.pop("broken.parquet").startswith("it is not a Parquet file (")
    assert errors.pop("latin.csv").startswith("its first line is not CSV in UTF-8 (")
    assert errors == {
        "empty.csv": "its first line has no column names",
        "fewer.csv": "columns of Chicago's crimes are missing: `iucr`, `fbi_code`",
        "half.csv": "columns of taxi trips are missing: `tpep_pickup_datetime or lpep_pickup_datetime "
        "or pickup`, `PULocationID or pickup_borough`",
        "neither.csv": "it contains neither taxi trips nor Chicago's crimes (its columns: `a`, `b`)",
        "od'd.csv": "only letters, digits, `.`, `_`, `-` and spaces are allowed in its name (rename it)",
        "packed.csv.gz": "it is neither .csv nor .parquet (unpack it, or move it elsewhere)",
        "twice.csv": "duplicate column `id`",
    }


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutsideError, match="it has no files"):
        read_folder(tmp_path)
