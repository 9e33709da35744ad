"""What Parquet files say of themselves."""

from pathlib import Path

from mesh.errors import OutsideError


def columns(file: Path) -> tuple[str, ...]:
    """Return the names of a file's columns.

    Raises:
        OutsideError: it is no Parquet file.
    """
    from pyarrow import ArrowException
    from pyarrow.parquet import read_schema

    try:
        return tuple(read_schema(file).names)
    except (ArrowException, OSError) as error:
        raise OutsideError(f"it is no Parquet file ({str(error).splitlines()[0][:200]})") from error
