"""Reads the metadata of Parquet files."""

from pathlib import Path

from mesh.errors import OutsideError


def columns(file: Path) -> tuple[str, ...]:
    """Returns the column names of a file.

    Raises:
        OutsideError: it is not a Parquet file.
    """
    from pyarrow import ArrowException
    from pyarrow.parquet import read_schema

    try:
        return tuple(read_schema(file).names)
    except (ArrowException, OSError) as error:
        raise OutsideError(f"it is not a Parquet file ({str(error).splitlines()[0][:200]})") from error
