"""Plans as files, one for each stack: what `mesh plan` writes and `mesh review` reads."""

from __future__ import annotations

from pathlib import Path

from mesh.errors import OutsideError
from mesh.terraform import Terraform


def keep_plan(terraform: Terraform, out: Path) -> bool:
    """Plan one stack into `<stack>.json`, or `<stack>.err`.

    Only their owner reads them, since plans hold what states hold.

    Args:
        terraform: Terraform in the stack's folder.
        out: the folder for the files; those of the same stack are replaced.

    Returns:
        Whether Terraform came to an end.

    Raises:
        OutsideError: the folder cannot be written to.
    """
    print(f"Planning {terraform.stack}", flush=True)
    try:
        error = terraform.plan().error
        shown = terraform.show()
    except OutsideError as failure:
        error, shown = str(failure), None
    finally:
        terraform.forget()
    try:
        out.mkdir(parents=True, exist_ok=True)
        for suffix, text in ((".json", shown), (".err", error)):
            file = out / f"{terraform.stack}{suffix}"
            file.unlink(missing_ok=True)
            if text is not None:
                file.touch(mode=0o600)
                file.write_text(text, encoding="utf-8")
    except OSError as failure:
        raise OutsideError(f"cannot write {failure.filename}: {failure.strerror or failure}") from failure
    return error is None
