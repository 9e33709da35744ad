"""A class is torn down: afterwards the workspace has the same objects as before the class."""

from __future__ import annotations

import json
from collections.abc import Iterator

from databricks.sdk import WorkspaceClient
from databricks.sdk.service.workspace import ObjectType

from tests.system.deploy.conftest import OLA, Mesh


def listing(on: WorkspaceClient) -> list[str]:
    """All objects that a tear-down may touch."""
    found = [f"user {one.user_name}" for one in on.users.list()]
    found += [f"group {one.display_name}" for one in on.groups.list()]
    found += [f"service principal {one.application_id}" for one in on.service_principals.list()]
    found += [f"policy {one.name}" for one in on.cluster_policies.list()]
    found += [f"warehouse {one.name}" for one in on.warehouses.list()]
    found += [f"cluster {one.cluster_name}" for one in on.clusters.list()]
    found += [f"job {one.settings and one.settings.name}" for one in on.jobs.list()]
    found += [f"pipeline {one.name}" for one in on.pipelines.list_pipelines()]
    found += [f"git {one.path}" for one in on.repos.list()]
    found += [*_objects(on, "/"), *_data(on)]
    return sorted(found)


def check_teardown(mesh: Mesh, name: str, student: str, before: list[str]) -> None:
    """Tears down a rehearsed class to which another user has added objects.

    Args:
        mesh: the mesh with the class, deployed with `--local`.
        name: the workshop's.
        student: one of the class.
        before: the listing before the class was deployed.
    """
    mesh.become(student)
    mesh.client.schemas.create("by_hand", "training")
    mesh.client.jobs.create(name="by hand")
    mesh.become(OLA)
    other = mesh.client.schemas.create("instructors", "training")
    full = listing(mesh.client)

    looked = mesh.run_alone("workshop", "teardown", "--local", "--dry-run", "--json")
    refused = mesh.run("workshop", "teardown", "--local", "--name", f"{name}x")
    asked = mesh.run("workshop", "teardown", "--local")

    assert (looked.returncode, refused.returncode, asked.returncode) == (0, 2, 2), looked.stderr
    would = {one["what"]: one["why"] for one in json.loads(looked.stdout)["gone"]}
    assert would["schema training.by_hand"] == f"created by {student}"
    assert listing(mesh.client) == full

    first = mesh.run("workshop", "teardown", "--local", "--name", name)

    assert first.returncode == 0, first.stdout + first.stderr
    assert f"kept: schema training.instructors: its owner {OLA} is not a student" in first.stdout
    left = sorted(set(listing(mesh.client)) - set(before))
    assert left == ["catalog training", "schema training.instructors"], left

    mesh.client.schemas.delete(str(other.full_name))
    second = mesh.run("workshop", "teardown", "--local", "--name", name)
    third = mesh.run("workshop", "teardown", "--local", "--name", name)

    assert (second.returncode, third.returncode) == (0, 0), second.stdout + second.stderr
    assert listing(mesh.client) == before
    assert "Nothing of this workshop is left." in third.stdout


def _objects(on: WorkspaceClient, folder: str) -> Iterator[str]:
    for one in on.workspace.list(folder):
        yield f"object {one.path}"
        if one.object_type is ObjectType.DIRECTORY:
            yield from _objects(on, str(one.path))


def _data(on: WorkspaceClient) -> Iterator[str]:
    for catalog in on.catalogs.list():
        yield f"catalog {catalog.name}"
        for schema in on.schemas.list(str(catalog.name)):
            if schema.name == "information_schema":
                continue  # comes and goes with its catalog
            yield f"schema {schema.full_name}"
            names = str(catalog.name), str(schema.name)
            yield from (f"volume {one.full_name}" for one in on.volumes.list(*names))
            yield from (f"table {one.full_name}" for one in on.tables.list(*names))
