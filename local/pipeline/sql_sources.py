"""The SQL of a pipeline's sources: files, and notebooks in SQL."""

from pathlib import Path

from local.notebook import source

_WITHOUT_CODE = ("md",)


def sql_of(file: Path, path: Path) -> str | None:
    """Returns the statements of a file or notebook in SQL; None for one in Python.

    Args:
        file: the file on disk.
        path: its path in the workspace, for errors.

    Raises:
        ValueError: a cell of a notebook in SQL is in another language.
    """
    if not source.is_sql(file):
        return None
    cells = [cell for cell in source.read(file) if cell.magic not in _WITHOUT_CODE]
    for cell in cells:
        if cell.magic != source.SQL.language:
            # Databricks documentation, "Develop pipeline code with SQL": no other language in the notebook
            raise ValueError(
                f"{path}: cell {cell.number} is `%{cell.magic}`, which a pipeline's SQL notebook may not have"
            )
    # the statement of a cell needs no semicolon
    return "\n;\n".join(cell.text for cell in cells)
