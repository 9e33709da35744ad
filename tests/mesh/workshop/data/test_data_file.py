"""Files of the course's data."""

from __future__ import annotations

import io
from pathlib import Path

from mesh.workshop.data.data_file import file_in_memory, file_on_disk, stream_sha256

SHA256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-2, of `abc`


def test_a_file_in_memory_has_size_and_checksum() -> None:
    file = file_in_memory("a.csv", ("x",), b"abc")

    assert (file.size, file.sha256, file.is_parquet) == (3, SHA256, False)
    assert [file.open().read(), file.open().read()] == [b"abc"] * 2


def test_a_file_on_disk_has_size_and_checksum(tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(b"abc")
    file = file_on_disk("b.parquet", ("x",), tmp_path / "b")

    assert (file.size, file.sha256, file.is_parquet) == (3, SHA256, True)
    with file.open() as stream:
        assert stream.read() == b"abc"


def test_a_checksum_covers_the_rest_of_a_stream() -> None:
    stream = io.BytesIO(b"__abc")
    stream.seek(2)

    assert stream_sha256(stream) == SHA256
