"""Changes by hand that only a read of the workspace shows."""

from __future__ import annotations

from mesh.review.declarations import Declaration
from mesh.review.masking import Edit
from mesh.review.mesh_index import MeshIndex
from mesh.review.plan import ResourceChange, StackPlan
from mesh.review.sentence import plain
from mesh.review.workspace_drift import LookedUpChange, StackLook, merged_resources, workspace_drift
from mesh.terraform.live_objects import LiveObject, LiveObjects

STACK, JOB, SCHEMA = "acme-transport-taxinyc-prod", "databricks_job.a", "databricks_schema.a"
HELD = {
    JOB: {"id": "7", "name": "revenue"},
    SCHEMA: {"id": "main.sales", "catalog_name": "main", "name": "sales"},
}
DECLARED = {JOB: frozenset({"name"}), SCHEMA: frozenset({"catalog_name", "name"})}
PLACES = {(STACK, JOB): Declaration(None, origin="orgs/acme/deployment.yml:1")}


def looked_up(*live: LiveObject, plan: StackPlan | None = None, updated: str = "") -> list[LookedUpChange]:
    """The changes of a stack whose objects are these."""
    look = StackLook(LiveObjects(live), HELD, DECLARED, "ola")
    return workspace_drift(
        look, plan or StackPlan(STACK, ()), MeshIndex(), PLACES, frozenset(updated.split())
    )


def test_a_setting_is_reported_in_the_words_of_a_review_with_its_declaration() -> None:
    [one] = looked_up(LiveObject(JOB, {"name": "revenue", "timeout_seconds": 7}))

    assert plain(one.drift.sentence) == "job `revenue` was changed"
    assert plain(one.drift.details[0]) == "`timeout_seconds`: `7` (was not set)"
    assert (one.drift.told_by, one.drift.next_deployment) == ("workspace", "leaves")
    assert one.drift.declared_in == "orgs/acme/deployment.yml:1"


def test_a_job_that_the_next_deployment_updates_loses_the_setting() -> None:
    [one] = looked_up(LiveObject(JOB, {"name": "revenue", "timeout_seconds": 7}), updated=JOB)

    assert one.drift.next_deployment == "reverts"


def test_owner_and_comment_of_a_schema_are_reported_each_with_its_own_remedy() -> None:
    owner, comment = looked_up(LiveObject(SCHEMA, {"comment": "x", "owner": "ada"}, creator="ola"))

    assert plain(owner.drift.sentence) == "`ada` became the owner of schema `main.sales`"
    assert "Terraform does not compare `owner`;" in plain(owner.drift.details[0])
    assert plain(comment.drift.sentence) == "schema `main.sales` was changed"
    assert "Terraform does not compare `comment`;" in plain(comment.drift.details[1])


def test_grants_say_that_no_deployment_revokes_them() -> None:
    [one] = looked_up(LiveObject(SCHEMA, grants={"students": ("SELECT",)}))

    assert plain(one.drift.sentence) == "`students` gained `SELECT` on schema `main.sales`"
    assert "no deployment revokes it" in plain(one.drift.details[0])
    assert one.resource.edits == (Edit("grants[students]", None, "SELECT"),)


def test_an_object_that_the_refresh_reports_as_deleted_is_not_reported_twice() -> None:
    deleted = ResourceChange(JOB, ("delete",), HELD[JOB], {}, kind="databricks_job")

    live = LiveObject(JOB, {"description": "x"})

    assert looked_up(live, plan=StackPlan(STACK, (deleted,))) == []


def test_an_object_that_the_code_no_longer_declares_is_left_to_the_next_plan() -> None:
    assert looked_up(LiveObject("databricks_job.gone", {"description": "x"})) == []


def test_changes_of_one_resource_count_once() -> None:
    edits = (Edit("a", None, "1"),), (Edit("b", None, "2"),)
    refreshed, looked = (
        ResourceChange(JOB, ("update",), {}, {}, kind="databricks_job", edits=one) for one in edits
    )

    [merged] = merged_resources((refreshed,), [looked])

    assert merged.edits == (*edits[0], *edits[1])
