"""Owners of tables in reviews: who becomes one is a change of access."""

from __future__ import annotations

import base64
from typing import Any

from mesh.review.mesh_index import MeshIndex
from mesh.review.plan import ResourceChange, StackPlan
from mesh.review.sentence import plain
from mesh.review.table_owners import table_owner_changes
from tests.mesh.conftest import FLOW, PRODUCTION, RUN_AS, Deployed

TASKS = "tasks: [{task_key: a, serverless: true}]\n"


def notebook(deployed: Deployed, declared: str, env: str = "prod") -> tuple[str, Any, dict[str, Any]]:
    """The stack, its deployment and the notebook of a flow with these tables, as a plan has it."""
    files = {
        **PRODUCTION,
        f"{FLOW}/deployment.yml": f"{TASKS}schemas: {{revenue: {{comment: x}}, raw: {{comment: y}}}}\ntables: {declared}\n",
    }
    [one] = deployed(files, env).deployments
    assert one.uploads
    [file] = [file for file in one.uploads.files if file.path.endswith("/describe_tables")]
    content = base64.b64encode(file.committed or b"").decode()
    return one.stack, one, {"path": file.path, "content_base64": content}


def told(deployed: Deployed, was: str, will: str, env: str = "prod") -> list[str]:
    """What a review says about another declaration."""
    before = notebook(deployed, was, env)[2] if was else {}
    stack, one, after = notebook(deployed, will, env)
    change = ResourceChange("databricks_notebook.a", ("update",), before, after, kind="databricks_notebook")
    index = MeshIndex(deployments={stack: one}, principals={RUN_AS: "sp-acme"})
    return [plain(each.sentence) for each in table_owner_changes([StackPlan(stack, (change,))], index)]


def test_who_becomes_the_owner_of_a_table_is_named_with_the_table(deployed: Deployed) -> None:
    was = "{trips: {schema: raw, owner: old}, zones: {schema: revenue, owner: same}, gone: {schema: raw, owner: x}}"
    will = f"{{trips: {{schema: raw, owner: new}}, zones: {{schema: revenue, owner: same}}, more: {{schema: revenue, owner: {RUN_AS}}}}}"

    assert sorted(told(deployed, was, will)) == [
        "`new` becomes the owner of table `transport.raw.trips`",
        "`sp-acme` becomes the owner of table `transport.revenue.more`",
    ]


def test_a_new_notebook_gives_tables_away_and_a_personal_deployment_does_not(deployed: Deployed) -> None:
    will = "{trips: {schema: raw, owner: new}}"

    assert told(deployed, "", will) == ["`new` becomes the owner of table `transport.raw.trips`"]
    assert told(deployed, "", will, "dev") == []


def test_where_the_mesh_does_not_know_the_task_the_declared_name_is_told(deployed: Deployed) -> None:
    _, _, after = notebook(deployed, "{trips: {schema: raw, owner: account users}}")
    change = ResourceChange("databricks_notebook.a", ("create",), {}, after, kind="databricks_notebook")

    [one] = table_owner_changes([StackPlan("other", (change,))], MeshIndex())

    # the rule `everybody` refuses such a principal
    assert (one.principal, one.names, one.gained) == ("account users", ("raw.trips",), ("OWNER",))
