"""The metadata of Parquet files."""

from pathlib import Path

import pyarrow
import pytest
from pyarrow.parquet import write_table

from mesh.datasets import parquet
from mesh.errors import OutsideError


def test_columns_are_named_in_order(tmp_path: Path) -> None:
    file = tmp_path / "a.parquet"
    write_table(pyarrow.table({"b": [1], "a": ["x"]}), file)

    assert parquet.columns(file) == ("b", "a")


@pytest.mark.parametrize("content", [b"", b"PAR1", b"a,b\n1,2\n"])
def test_another_file_is_refused(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "a.parquet"
    file.write_bytes(content)

    with pytest.raises(OutsideError, match="it is not a Parquet file"):
        parquet.columns(file)
