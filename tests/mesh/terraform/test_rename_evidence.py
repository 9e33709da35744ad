"""A rename is only proposed on unambiguous evidence: git's rename detection, or equal tasks and files."""

from __future__ import annotations

import pytest

from mesh.git.renames import NO_RENAMES, FileRenames
from mesh.terraform.plan import PlannedChange
from mesh.terraform.rename_evidence import Folder, RenameEvidence, deployed_commit, find_renames, tasks_of

LOAD = frozenset({("load", ("load",))})
CLEAN = frozenset({("clean", ("clean",)), ("load", ("load",))})
CODE = frozenset({("load", "ZGVm")})


def git(*pairs: tuple[str, str, int]) -> FileRenames:
    """Git sees the files of these folders renamed."""
    renamed = {(f"{old}/a.py", f"{new}/a.py"): alike for old, new, alike in pairs}
    return FileRenames({old: old for old, _ in renamed}, {new: f"new {new}" for _, new in renamed}, renamed)


def found(removed: list[Folder], added: list[Folder], files: FileRenames = NO_RENAMES) -> dict[str, str]:
    """The new folder of each former one."""
    return {old: one.path for old, one in find_renames(removed, added, files).items()}


def test_a_renamed_a_removed_and_an_added_flow_are_told_apart_by_git() -> None:
    removed = [Folder("prep/revenue"), Folder("prep/tips")]
    added = [Folder("prep/income"), Folder("prep/zones")]
    assert found(removed, added, git(("prep/revenue", "prep/income", 96))) == {"prep/revenue": "prep/income"}


def test_names_are_no_evidence() -> None:
    assert found([Folder("prep/revenue", LOAD)], [Folder("prep/revenues", CLEAN)]) == {}
    assert found([Folder("prep/revenue")], [Folder("prep/revenues")]) == {}


def test_equal_tasks_and_files_are_evidence() -> None:
    """Files are equal if their contents are; many flows have a task `load` that runs a file `load`."""
    removed = [Folder("prep/revenue", LOAD, CODE)]
    added = [Folder("prep/income", LOAD, CODE), Folder("ml/x", CLEAN, CODE)]
    assert found(removed, added) == {"prep/revenue": "prep/income"}
    assert found(removed, [Folder("prep/zones", LOAD, frozenset({("load", "b3RoZXI=")}))]) == {}
    assert found(removed, [Folder("prep/zones", LOAD)]) == {}
    assert found([Folder("prep/revenue", LOAD)], [Folder("prep/zones", LOAD)]) == {}


@pytest.mark.parametrize(("file", "same"), [("load.py", True), ("README.md", False)])
def test_contents_that_no_plan_has_are_compared_by_git(file: str, same: bool) -> None:
    """A file of the tasks counts, also if most files of the flow were not kept."""
    gone = {f"prep/revenue/{name}": name for name in ("load.py", "README.md", "a.sql", "b.sql")}
    files = FileRenames(gone, {f"prep/income/{file}": file}, {})
    revenue, income = Folder("prep/revenue", LOAD), Folder("prep/income", LOAD)
    assert found([revenue], [income], files) == ({"prep/revenue": "prep/income"} if same else {})


def test_the_contents_of_files_are_those_that_the_plan_uploads() -> None:
    """The path of a file may begin with /Workspace."""

    def planned(path: str, uploaded: str) -> Folder:
        task = {"task_key": "load", "notebook_task": [{"notebook_path": f"/Workspace{path}/load"}]}
        job = PlannedChange("databricks_job.a", ("delete",), {"task": [task]}, {})
        values = {"path": f"{uploaded}/load", "content_base64": "ZGVm"}
        return Folder.planned(
            "a", [job], [job, PlannedChange("databricks_notebook.a", ("delete",), values, {})]
        )

    assert planned("/Users/me/a", "/Users/me/a") == Folder("a", LOAD, CODE)
    assert planned("/Users/me/a", "/Users/me/b") == Folder("a", LOAD)


def test_files_that_are_less_than_half_alike_are_no_evidence() -> None:
    assert found([Folder("a/a")], [Folder("a/b")], git(("a/a", "a/b", 49))) == {}
    assert found([Folder("a/a")], [Folder("a/b")], git(("a/a", "a/b", 50))) == {"a/a": "a/b"}


def test_equal_declarations_of_flows_with_other_code_are_no_evidence() -> None:
    """Many flows are declared by the same few lines."""
    gone = {"prep/a/deployment.yml": "1", "prep/a/load.py": "2"}
    same = {"prep/b/deployment.yml": "1", "prep/b/load.py": "3"}
    files = FileRenames(gone, same, {("prep/a/deployment.yml", "prep/b/deployment.yml"): 100})
    assert found([Folder("prep/a", LOAD)], [Folder("prep/b", LOAD)], files) == {}
    assert (
        found([Folder("prep/a", LOAD)], [Folder("prep/b", LOAD)], FileRenames({"prep/a/load.py": "3"}, same))
        != {}
    )


def test_two_renames_that_cross_are_told_apart() -> None:
    """Each name is nearer to the other flow's old name."""
    removed, added = [Folder("prep/a1"), Folder("prep/b1")], [Folder("prep/a2"), Folder("prep/b2")]
    files = git(("prep/a1", "prep/b2", 90), ("prep/b1", "prep/a2", 90))
    assert found(removed, added, files) == {"prep/a1": "prep/b2", "prep/b1": "prep/a2"}


@pytest.mark.parametrize(
    ("removed", "added", "files"),
    [
        (
            [Folder("a/old", LOAD, CODE)],
            [Folder("a/one", LOAD, CODE), Folder("a/two", LOAD, CODE)],
            NO_RENAMES,
        ),
        (
            [Folder("a/one", LOAD, CODE), Folder("a/two", LOAD, CODE)],
            [Folder("a/new", LOAD, CODE)],
            NO_RENAMES,
        ),
        ([Folder("a/old")], [Folder("a/b"), Folder("a/c")], git(("a/old", "a/b", 60), ("a/old", "a/c", 60))),
        (
            [Folder("a/old", LOAD, CODE)],
            [Folder("a/b"), Folder("a/c", LOAD, CODE)],
            git(("a/old", "a/b", 60)),
        ),
    ],
    ids=["one for two", "two for one", "git sees both", "git and tasks differ"],
)
def test_ambiguous_evidence_counts_as_none(
    removed: list[Folder], added: list[Folder], files: FileRenames
) -> None:
    assert found(removed, added, files) == {}


def test_git_and_equal_tasks_count_more_than_one_of_them() -> None:
    """All flows load with a task of one name; the others stay unknown."""
    removed, added = (
        [Folder(path, LOAD, CODE) for path in paths] for paths in (("a/b", "a/c"), ("a/d", "a/e"))
    )
    assert found(removed, added, git(("a/b", "a/d", 100))) == {"a/b": "a/d"}


@pytest.mark.parametrize(
    ("evidence", "text"),
    [
        (
            RenameEvidence("x/flows/prep/a", "x/flows/prep/b", 96),
            "git sees prep/a/… renamed to prep/b/… (96 % alike)",
        ),
        (
            RenameEvidence("x/flows/prep/a", "x/flows/prep/b", 96, ("clean", "load"), True),
            "git sees prep/a/… renamed to prep/b/… (96 % alike, with the same tasks)",
        ),
        (RenameEvidence("x/flows/prep/a", "x/flows/ml/b", 0, ("clean",), True), "ml/b has the same task `clean` as prep/a"),
        (
            RenameEvidence("domains/a/projects/p", "domains/b/projects/p", 0, tuple("abcdefg"), True),
            "b/projects/p has the same tasks `a`, `b`, `c`, `d`, `e` and 2 more as a/projects/p",
        ),
        (RenameEvidence("x/flows/prep/a", "x/flows/prep/b", 0, (), True), "prep/b has the same pipeline files as prep/a"),
    ],
)  # fmt: skip
def test_the_evidence_is_named(evidence: RenameEvidence, text: str) -> None:
    assert str(evidence) == text


def test_tasks_are_compared_by_key_and_by_the_names_of_their_files() -> None:
    """Wherever the files are; pipelines have no tasks."""
    job = {
        "task": [
            {"task_key": "load", "notebook_task": [{"notebook_path": "orgs/x/flows/prep/a/load"}]},
            {"task_key": "each", "for_each_task": [{"task": [{"spark_python_task": [{"python_file": "b/c.py"}]}]}]},
            {"task_key": "not a `key`"},
            {"task_key": "run", "run_job_task": [{"job_id": 1}]},
        ]
    }  # fmt: skip
    assert [*tasks_of(job)] == [("load", ("load",)), ("each", ("c.py",)), ("run", ())]
    assert [*tasks_of({"library": [{"notebook": [{"path": "/Shared/a/traffic"}]}]})] == [("", ("traffic",))]
    assert [*tasks_of({})] == []


def test_the_deployed_commit_is_that_of_destroyed_jobs_if_there_are_any() -> None:
    def job(commit: object, *actions: str) -> PlannedChange:
        return PlannedChange("databricks_job.a", actions, {"tags": {"git_commit": commit}}, {})

    other = PlannedChange("databricks_schema.a", ("delete",), {}, {})
    assert deployed_commit([other, job("new", "update"), job("old", "delete")]) == "old"
    assert deployed_commit([other, job("new", "update")]) == "new"
    assert (
        deployed_commit([other, job(None, "delete"), PlannedChange("databricks_job.b", ("create",), {}, {})])
        is None
    )
