"""The revision changes with everything that Terraform reads in the workspace, and not with questions."""

import pytest

from local.workspace.objects.users import USER_PATH
from local.workspace.revision import REVISION_PATH
from tests.local.workspace.test_store import PATHS, UC, create_objects


def revision(workspace) -> str:
    """The present revision."""
    return str(workspace.get(REVISION_PATH)["revision"])


# Nothing hangs on these objects yet, and no job was ever created
_WHAT_HANGS_ON_OBJECTS = (
    f"{UC}/entity-tag-assignments/schemas/cat.s/tags",
    f"{UC}/policies/SCHEMA/cat.s",
    f"{UC}/bindings/catalog/cat",
    "/api/2.0/pipelines",
)


def test_questions_do_not_change_the_revision(workspace):
    create_objects(workspace)
    before = revision(workspace)
    for path in (*PATHS, *_WHAT_HANGS_ON_OBJECTS):
        workspace.get(path)
    workspace.put(USER_PATH, {"user_name": workspace.get(USER_PATH)["user_name"]})
    assert revision(workspace) == before


def _save(workspace) -> None:
    """What an update of a pipeline does when it ends: the state changes without a request."""
    workspace.http.app.state.store.table("pipelines")["1"] = {"updates": []}


CHANGES = {
    "an object": lambda workspace: workspace.post(f"{UC}/catalogs", {"name": "other"}),
    "the user": lambda workspace: workspace.put(USER_PATH, {"user_name": "kari@acme.example"}),
    "a refused request": lambda workspace: workspace.post("/api/2.1/jobs/delete", {"job_id": 99}, 404),
    "a notebook": lambda workspace: workspace.import_notebook("/Shared/nb", "print(2)"),
    "a file that a task writes": lambda workspace: (workspace.home.files / "Shared/nb").write_text("new"),
    "a file that a task removes": lambda workspace: (workspace.home.files / "Shared/nb").unlink(),
    "the end of an update": _save,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_change_changes_the_revision(workspace, change):
    workspace.import_notebook("/Shared/nb", "print(1)")
    before = revision(workspace)
    change(workspace)
    assert revision(workspace) != before


def test_another_process_has_another_revision(home, start):
    """Its program may answer differently."""
    with start(home) as workspace:
        before = revision(workspace)
    with start(home) as workspace:
        assert revision(workspace) != before
