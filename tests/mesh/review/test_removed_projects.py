"""A removed project was renamed only if git or its tasks say so, and only to one new project."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mesh.deployment.deployment import Deployment
from mesh.git.renames import FileRenames, RenamesSince, no_renames
from mesh.review.plan import ResourceChange, StackPlan
from mesh.review.removed_projects import ProjectRename, catalog_remedies, project_renames
from mesh.review.stack_location import StackLocation
from tests.mesh.conftest import Deployed

OLD, CABS, BIKES = (f"orgs/acme/domains/{one}" for one in ("old/projects/taxi", "new/projects/cabs", "new/projects/bikes"))  # fmt: skip
REMOVED = StackLocation("prod", "project", "acme/old/taxi", ("prod",), removed=True)


TASKS = "tasks: [{task_key: a, serverless: true}]"


def flow(folder: str, name: str = "revenue") -> dict[str, str]:
    """The files of a flow."""
    path = f"{folder}/flows/prep/{name}"
    return {f"{path}/deployment.yml": TASKS, f"{path}/a.py": ""}


def job(folder: str, action: str, name: str = "revenue", key: str = "a") -> ResourceChange:
    """The job of a flow."""
    path = f"{folder}/flows/prep/{name}/{key}"
    values: dict[str, Any] = {"task": [{"task_key": key, "notebook_task": [{"notebook_path": path}]}]}
    before, after = ({}, values) if action == "create" else (values, {})
    return ResourceChange(f"databricks_job.prep_{name}", (action,), before, after, kind="databricks_job")


def code(folder: str, action: str) -> ResourceChange:
    """The notebook of a flow."""
    values = {"path": f"{folder}/flows/prep/revenue/a", "content_base64": "ZGVm"}
    before, after = ({}, values) if action == "create" else (values, {})
    return ResourceChange("databricks_notebook.a", (action,), before, after, kind="databricks_notebook")


def schema(action: str, name: str = "revenue") -> ResourceChange:
    """The schema of a flow."""
    before = {} if action == "create" else {"catalog_name": "old", "name": name}
    return ResourceChange(f"databricks_schema.prep_{name}", (action,), before, {}, kind="databricks_schema")


GONE = StackPlan("acme-old-taxi-prod", (job(OLD, "delete"), code(OLD, "delete"), schema("delete")))


def new(project: str, *resources: ResourceChange) -> StackPlan:
    """The plan of a new project."""
    folder = f"orgs/acme/domains/new/projects/{project}"
    return StackPlan(
        f"acme-new-{project}-prod",
        resources or (job(folder, "create"), code(folder, "create"), schema("create")),
    )


def found(
    deployed: Deployed,
    files: Mapping[str, str],
    *plans: StackPlan,
    renames: RenamesSince = no_renames,
) -> tuple[dict[str, ProjectRename], dict[str, str]]:
    """The renamed projects of these plans, and the remedies for catalogs."""
    deployments: dict[str, Deployment] = {one.stack: one for one in deployed(files).deployments}
    locations = {
        plan.stack: REMOVED
        if plan.stack.startswith("acme-old")
        else StackLocation("prod", "project", deployments[plan.stack].path, ("prod",))
        for plan in plans
    }
    projects = project_renames(plans, locations, deployments, renames)
    return projects, catalog_remedies(plans, locations, projects)


def test_a_project_with_the_same_tasks_is_the_renamed_one(deployed: Deployed) -> None:
    projects, catalogs = found(deployed, flow(CABS), GONE, new("cabs"))
    remedy = (
        "new/projects/cabs has the same task `a` as old/projects/taxi: add `renamed_from: old/taxi` to "
        f"{CABS}/project.yml; if it was not renamed, restore {OLD}"
    )
    assert projects[GONE.stack].remedy("prep_revenue") == remedy
    assert catalogs == {"old": remedy}


def test_two_projects_with_the_same_tasks_are_no_evidence(deployed: Deployed) -> None:
    # schemas of one catalog have different names
    files = {
        **flow(CABS),
        **flow(BIKES),
        f"{BIKES}/flows/prep/revenue/deployment.yml": f"{TASKS}\nschemas: [bikes]",
    }
    assert found(deployed, files, GONE, new("cabs"), new("bikes")) == ({}, {})


def test_a_project_that_exists_already_is_not_the_renamed_one(deployed: Deployed) -> None:
    existing = new("cabs", job(CABS, "create"), schema("update"))
    assert found(deployed, flow(CABS), GONE, existing) == ({}, {})


def test_a_flow_that_was_renamed_with_its_project_has_a_line_of_its_own(deployed: Deployed) -> None:
    """Only in the remedies for its own data, and for the catalog."""
    files = {**flow(CABS), **flow(CABS, "forecast")}
    gone = StackPlan(
        GONE.stack, (*GONE.resources, job(OLD, "delete", "weather", "load"), schema("delete", "weather"))
    )
    cabs = new("cabs", job(CABS, "create"), schema("create"), job(CABS, "create", "forecast", "fetch"), schema("create", "forecast"))  # fmt: skip
    moves = {
        f"{OLD}/flows/prep/{old}": f"{CABS}/flows/prep/{path}"
        for old, path in (("revenue/x", "revenue/x"), ("weather/deployment.yml", "forecast/deployment.yml"))
    }
    seen = FileRenames(
        dict.fromkeys(moves, "1"), dict.fromkeys(moves.values(), "2"), dict.fromkeys(moves.items(), 90)
    )

    projects, catalogs = found(deployed, files, gone, cabs, renames=lambda commit: seen)

    line = f"git sees old/projects/taxi/… renamed to new/projects/cabs/… (90 % alike): add `renamed_from: old/taxi` to {CABS}/project.yml"  # fmt: skip
    of_flow = (
        "git sees old/projects/taxi/flows/prep/weather/… renamed to new/projects/cabs/flows/prep/forecast/… (90 % alike): "
        f"add `renamed_from: weather` to {CABS}/flows/prep/forecast/deployment.yml"
    )
    otherwise = f"if it was not renamed, restore {OLD}"
    assert projects[gone.stack].remedy("prep_revenue") == f"{line}; {otherwise}"
    assert projects[gone.stack].remedy("prep_weather") == f"{line}; {of_flow}; {otherwise}"
    assert catalogs == {"old": f"{line}; {of_flow}; {otherwise}"}


def test_a_catalog_with_data_of_an_unknown_project_has_no_remedy_of_its_own(deployed: Deployed) -> None:
    other = StackPlan("acme-old-trains-prod", (job(OLD, "delete", key="b"), schema("delete", "trains")))
    deployments = {one.stack: one for one in deployed(flow(CABS)).deployments}
    plans = (GONE, other, new("cabs"))
    locations = {
        GONE.stack: REMOVED,
        other.stack: StackLocation("prod", "project", "acme/old/trains", ("prod",), removed=True),
        plans[2].stack: StackLocation("prod", "project", "acme/new/cabs", ("prod",)),
    }
    projects = project_renames(plans, locations, deployments, no_renames)
    assert [*projects] == [GONE.stack]
    assert catalog_remedies(plans, locations, projects) == {}
