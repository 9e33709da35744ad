"""Adding a task is adding a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.errors import MeshError, UsageError
from mesh.workshop.course.task import find_task, of_parts, read_tasks

CHECK = """\
from mesh.workshop.course.outcome import DONE

def check(student, evidence):
    return DONE
"""
ROOT = Path(__file__).resolve().parents[4]


def folder(root: Path, name: str, check: str = CHECK, page: str | None = None) -> None:
    place = root / "course" / name
    place.mkdir(parents=True)
    (place / "check.py").write_text(check)
    if page is not None:
        (place / "README.md").write_text(page)


def test_tasks_come_in_the_order_of_their_folders(tmp_path: Path) -> None:
    folder(tmp_path, "03-Quality/01-expect")
    folder(tmp_path, "02-Deploy/10-last", page="\n# 10. The last one\n\n# No title\n")
    folder(
        tmp_path,
        "02-Deploy/02-first-of-all",
        f'TITLE = "first"\nFLOW = "a/b/c/d/e"\n{CHECK}',
        "# 2. The first\n",
    )

    tasks = read_tasks(tmp_path)

    assert [(one.name, one.title, one.label, one.flow) for one in tasks] == [
        ("02-first-of-all", "The first", "first", "a/b/c/d/e"),
        ("10-last", "The last one", "last", None),
        ("01-expect", "expect", "expect", None),
    ]


@pytest.mark.parametrize(
    "name", ["04-deploy-dev", "deploy-dev", "04", "4", "course/02-Deploy-Tasks/04-deploy-dev/"]
)
def test_a_task_is_found_by_number_or_name(name: str) -> None:
    assert find_task(ROOT, name).name == "04-deploy-dev"


def test_an_unknown_task_is_reported_with_the_nearest_name() -> None:
    with pytest.raises(UsageError, match=r"no task `04-deploy-dve` \(did you mean `04-deploy-dev`\?\)"):
        find_task(ROOT, "04-deploy-dve")


def test_an_ambiguous_number_is_reported(tmp_path: Path) -> None:
    folder(tmp_path, "02-A/01-x")
    folder(tmp_path, "03-B/01-y")

    with pytest.raises(UsageError, match="`1` is more than one task: course/02-A/01-x, course/03-B/01-y"):
        find_task(tmp_path, "1")
    assert find_task(tmp_path, "y").folder == "course/03-B/01-y"


@pytest.mark.parametrize("names", [("3",), ("03",), ("03-B",), ("3", "03-B")])
def test_a_part_is_selected_by_its_folder_or_number(tmp_path: Path, names: tuple[str, ...]) -> None:
    for name in ("02-A/01-x", "03-B/02-y", "03-B/03-z", "04-C/04-u"):
        folder(tmp_path, name)
    tasks = read_tasks(tmp_path)

    assert [one.name for one in of_parts(tasks, names)] == ["02-y", "03-z"]
    assert [one.name for one in of_parts(tasks, ("4", "2"))] == ["01-x", "04-u"]
    assert of_parts(tasks, ()) == tasks


def test_an_unknown_part_is_reported_with_the_nearest_name() -> None:
    with pytest.raises(UsageError, match=r"no part `02-Deploy-Task` \(did you mean `02-Deploy-Tasks`\?\)"):
        of_parts(read_tasks(ROOT), ["02-Deploy-Task"])


def test_all_checks_that_cannot_be_loaded_are_reported_at_once(tmp_path: Path) -> None:
    folder(tmp_path, "02-A/01-x", "def check(:\n")
    folder(tmp_path, "02-A/02-y", "x = 1\n")
    folder(tmp_path, "02-A/03-z", "import no_such_thing\n")

    with pytest.raises(MeshError) as caught:
        read_tasks(tmp_path)

    assert [str(one) for one in caught.value.findings] == [
        "course/02-A/01-x/check.py:1:1: cannot be loaded: SyntaxError: invalid syntax (check.py, line 1)",
        "course/02-A/02-y/check.py:1:1: has no function `check` (write `def check(student, evidence)`)",
        "course/02-A/03-z/check.py:1:1: cannot be loaded: ModuleNotFoundError: No module named 'no_such_thing'",
    ]


def test_checks_are_short() -> None:
    """A longer check does work that belongs into evidence.py."""
    long = {
        one.name for one in read_tasks(ROOT) if len((ROOT / one.folder / "check.py").read_text().splitlines()) > 60
    }

    assert long == set()
