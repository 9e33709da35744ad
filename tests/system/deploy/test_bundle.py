"""Bundles that were imported are deployed like any other flows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mesh.commands.import_bundle.import_bundle import import_bundle
from mesh.commands.new_files import write_new_files
from tests.support.bundles import NAMES, copied_bundle
from tests.system.deploy.conftest import Mesh, served


@pytest.fixture
def bundles(tmp_path: Path) -> Iterator[Mesh]:
    """A mesh with three imported bundles, and a workspace for it."""
    root = tmp_path / "mesh"
    root.mkdir()
    for name in NAMES:
        bundle = copied_bundle(name, tmp_path)
        write_new_files(import_bundle(bundle, root, f"acme/sales/{name}").files, root)
    # what the bundles expect of the workspace
    (root / "orgs/acme/compute.yml").write_text("sql_warehouses: {shared: {cluster_size: Small}}\n")
    (root / "orgs/acme/org.yml").write_text(
        "groups: {analysts: {}, sales-team: {}}\n"
        "service_principals: {robot: {application_id: 7f1c0d6e-0000-4000-8000-000000000001}}\n"
    )
    yield from served(root)


def test_imported_bundles_are_deployed_and_the_second_plan_is_empty(bundles: Mesh) -> None:
    first = bundles.run("deploy", "--auto-approve")
    assert first.returncode == 0, first.stdout + first.stderr
    second = bundles.run("deploy", "--auto-approve")

    assert "Nothing to change" in second.stdout, second.stdout + second.stderr
    tasks = {
        task.task_key: task
        for listed in bundles.client.jobs.list()
        for job in [bundles.client.jobs.get(listed.job_id or 0)]
        for task in (job.settings and job.settings.tasks) or []
    }
    assert set(tasks) == {
        "load",
        "clean",
        "main",
        "refresh",
        "check",
        "report",
        "Train",
        "Score",
        "each_borough",
        "features",
    }
    [pipeline] = bundles.client.pipelines.list_pipelines()
    assert (
        tasks["refresh"].pipeline_task and tasks["refresh"].pipeline_task.pipeline_id == pipeline.pipeline_id
    )
    notebook = tasks["load"].notebook_task
    assert notebook and notebook.notebook_path.endswith("/flows/prep/orders_job/notebooks/load")
    assert bundles.client.workspace.get_status(notebook.notebook_path).object_id
    [schema] = [one for one in bundles.client.schemas.list("sales") if str(one.name).endswith("_trips")]
    assert [one.name for one in bundles.client.volumes.list("sales", str(schema.name))] == ["landing"]
