"""The source files of pipelines."""

import base64
from typing import Any

import pytest

from tests.local.workspace.workflows.pipeline_helpers import create_pipeline, event_messages, run_update


def import_file(workspace: Any, path: str, source: str = "") -> None:
    """Import a file."""
    content = base64.b64encode(source.encode()).decode()
    workspace.post(
        "/api/2.0/workspace/import", {"path": path, "content": content, "format": "RAW", "overwrite": True}
    )


def test_notebooks_files_and_globs_are_read_in_their_order(workspace):
    for path in ("/p/src/b.py", "/p/src/deep/a.sql", "/p/src/notes.md", "/p/one.py"):
        import_file(workspace, path)
    report = "report(str([each['path'] for each in spec['sources']]))"
    import_file(workspace, "/p/last.py", f"{report}\nreport(str(spec['configuration']))")
    libraries = [
        {"file": {"path": "/Workspace/p/one.py"}},
        {"glob": {"include": "/Workspace/p/src/**"}},
        {"notebook": {"path": "/p/last"}},
    ]
    # The fake runner runs Python only.
    pipeline = create_pipeline(
        workspace, libraries=libraries, configuration={"a": "b"}, root_path="/Workspace/p"
    )
    run_update(workspace, pipeline)

    messages = event_messages(workspace, pipeline)[1:-1]
    assert messages == [str(["/p/one.py", "/p/src/b.py", "/p/src/deep/a.sql", "/p/last.py"]), "{'a': 'b'}"]


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"libraries": []}, "the pipeline's libraries name no notebook and no file"),
        ({"libraries": [{"file": {"path": "/no.py"}}]}, "Cannot read the file /no.py: it is not in the"),
        (
            {"libraries": [{"glob": {"include": "/no/**"}}]},
            "no .py or .sql file in the workspace matches /no",
        ),
        ({"libraries": [{"jar": "x"}]}, "supports notebooks, files and globs as libraries, not jar"),
        ({"catalog": None}, "needs the pipeline's catalog and schema"),
        ({"ingestion_definition": {"x": 1}}, "cannot run a pipeline that ingests from external sources"),
    ],
)
def test_the_update_of_an_unsupported_pipeline_fails(workspace, spec, message):
    pipeline = create_pipeline(workspace, **spec)

    assert run_update(workspace, pipeline)["state"] == "FAILED"
    assert message in event_messages(workspace, pipeline)[-1]
