"""What a plan says besides changes, and what a review does not understand in it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mesh.commands.review import report_files
from mesh.model.review_policy import PolicyFile
from mesh.review.formats.format import Format
from mesh.review.plan import stack_plan
from mesh.review.review import Review, review
from mesh.review.sentence import plain

JOB = "databricks_job"
GRANTS = "databricks_grants"
READER = {"schema": "a.b", "grant": [{"principal": "students", "privileges": ["SELECT", "USE_SCHEMA"]}]}
WRITER = {"schema": "a.b", "grant": [{"principal": "students", "privileges": ["MODIFY"]}]}


def resource(type: str, actions: Any, before: Any = None, after: Any = None, **more: Any) -> dict[str, Any]:
    """An entry of `resource_changes`; `importing` belongs to its change."""
    change = {"actions": actions, "before": before, "after": after}
    change |= {key: more.pop(key) for key in ("importing", "before_sensitive") if key in more}
    return {"address": f"{type}.x", "type": type, "change": change, **more}


def reviewed(*resources: dict[str, Any], policy: PolicyFile | None = None, **more: Any) -> Review:
    """The review of a plan."""
    plan = {"format_version": "1.2", "resource_changes": resources, **more}
    return review([stack_plan("stack", json.dumps(plan), None)], None, policy or PolicyFile())


def sentences(report: Review) -> list[str]:
    """All sentences of a review."""
    return [plain(change.sentence) for stack in report.stacks for change in stack.changes]


def refused(report: Review) -> list[str]:
    """The rules that refuse a review."""
    return [one.rule for one in report.rulings if one.refused]


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"complete": False}, "this plan is incomplete: after it is applied, another plan shows further changes"),
        ({"deferred_changes": [{"reason": "provider_config_unknown", "resource_change": {"address": "a.b"}}]}, "`a.b` is deferred: a later plan shows its changes (`provider_config_unknown`)"),
        ({"deferred_changes": [7]}, "`?` is deferred: a later plan shows its changes"),
        ({"action_invocations": [{"address": "action.a.b", "type": "a"}]}, "action `action.a.b` will be invoked (`a`)"),
        ({"deferred_action_invocations": [{"reason": "absent", "action_invocation": {"address": "action.a.b"}}]}, "`action.a.b` is deferred: a later plan shows its changes (`absent`)"),
        ({"format_version": "2.0"}, "this plan has parts that a review does not know (`format version 2.0`)"),
        ({"resource_changes": [resource(JOB, ["polish"])]}, "`databricks_job.x` has an action that a review does not know (`polish`)"),
        ({"resource_changes": [resource(JOB, ["update", "forget"])]}, "`databricks_job.x` has an action that a review does not know (`update`, `forget`)"),
        ({"resource_changes": [resource(JOB, [])]}, "`databricks_job.x` has an action that a review does not know"),
        ({"resource_changes": [resource(JOB, None)]}, "`databricks_job.x` has an action that a review does not know"),
        ({"resource_changes": [{"address": "a.b"}]}, "`a.b` has an action that a review does not know"),
        ({"resource_changes": ["a"]}, "`?` has an action that a review does not know"),
        ({"resource_changes": {"a": 1}}, "`?` has an action that a review does not know"),
        ({"resource_changes": [resource(GRANTS, ["update"], READER, WRITER, before_sensitive={"grant": True})]}, "who gains and loses access through `databricks_grants.x` is sensitive, so it is not shown"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_said_and_refused(more: dict[str, Any], sentence: str) -> None:
    report = reviewed(**more)

    assert sentences(report) == [sentence]
    assert refused(report) == ["unknown-change"]
    for format in Format:
        (file,) = report_files(report, format)
        assert "no change is refused" not in file.text


@pytest.mark.parametrize("more", [{"complete": False}, {"errored": True}])
def test_a_policy_that_only_warns_does_not_make_a_change_known(more: dict[str, Any]) -> None:
    policy = PolicyFile(rules={"unknown-change": "warn", "failed-plan": "warn"})
    table, html = (
        report_files(reviewed(policy=policy, **more), format)[0].text
        for format in (Format.TABLE, Format.HTML)
    )

    assert "no change is refused, but not every change is known" in table
    assert "No change is refused, but not every change is known" in html


def test_an_incomplete_plan_with_an_error_is_a_failed_plan() -> None:
    assert refused(reviewed(complete=False, errored=True)) == ["failed-plan"]


def test_a_failed_check_is_said() -> None:
    problems = [{"status": "fail", "problems": [{"message": "no rows"}, {"message": "no rows"}]}]
    failed = {"address": {"to_display": "check.rows"}, "status": "fail", "instances": problems}
    passed = {"address": {"to_display": "check.other"}, "status": "pass"}

    report = reviewed(checks=[failed, passed])

    (change,) = report.stacks[0].changes
    assert [plain(one) for one in (change.sentence, *change.details)] == [
        "check `check.rows` fails",
        "`no rows`",
    ]
    assert not report.refused


def test_a_deposed_object_is_reported_beside_the_change_at_its_address() -> None:
    job = {"name": "nightly", "max_concurrent_runs": 1}
    report = reviewed(
        resource(JOB, ["update"], job, {**job, "max_concurrent_runs": 2}),
        resource(JOB, ["delete"], job, deposed="0a1b"),
    )

    assert sentences(report) == [
        "job `nightly` will be changed",
        "`deposed job` `x (0a1b)` will be removed",
    ]
    (stack,) = report.stacks
    assert stack.counts == (0, 1, 1)


def test_a_deposed_schema_is_lost_data_and_hides_no_other_change() -> None:
    schema = {"catalog_name": "a", "name": "b"}
    report = reviewed(
        resource("databricks_schema", ["update"], schema, {**schema, "comment": "new"}),
        resource("databricks_schema", ["delete"], schema, deposed="0a1b"),
    )

    assert sentences(report) == [
        "deposed schema `a.b` will be destroyed",
        "`schema` `x` will be changed (`comment`)",
    ]
    assert refused(report) == ["data-loss"]


def test_deposed_grants_do_not_hide_the_grants_that_stay() -> None:
    report = reviewed(
        resource(GRANTS, ["update"], READER, WRITER), resource(GRANTS, ["delete"], READER, deposed="0a1b")
    )

    assert sentences(report) == [
        "`students` gains `MODIFY` and loses `SELECT`, `USE_SCHEMA` on schema `a.b`",
        "`deposed grants` `x (0a1b)` will be removed",
    ]


@pytest.mark.parametrize(
    ("type", "before"),
    [
        (GRANTS, READER),
        ("databricks_grant", {"schema": "a.b", "principal": "students", "privileges": ["SELECT"]}),
        ("databricks_permissions", {"job_id": "1", "access_control": [{"group_name": "a", "permission_level": "CAN_RUN"}]}),
        ("databricks_group_member", {"group_id": "1", "member_id": "2"}),
    ],
)  # fmt: skip
def test_access_that_terraform_no_longer_manages_is_not_lost(type: str, before: dict[str, Any]) -> None:
    kind = type.removeprefix("databricks_").replace("_", " ")

    assert sentences(reviewed(resource(type, ["forget"], before))) == [
        f"`{kind}` `x` will no longer be managed by Terraform"
    ]


def test_grants_of_a_catalog_that_are_no_longer_managed_stay_in_force_below() -> None:
    catalog = {"catalog": "a", "grant": [{"principal": "students", "privileges": ["USE_CATALOG"]}]}
    names = {"catalog_name": "a", "name": "b"}
    report = reviewed(
        resource(GRANTS, ["update"], READER, {**READER, "grant": [*READER["grant"], *WRITER["grant"]]}),
        {**resource(GRANTS, ["forget"], catalog), "address": "databricks_grants.y"},
        resource("databricks_schema", ["no-op"], names, names),
    )

    assert sentences(report) == [
        "`students` gains `MODIFY` on schema `a.b`",
        "`grants` `y` will no longer be managed by Terraform",
    ]


@pytest.mark.parametrize("actions", [["create", "forget"], ["forget", "create"]])
def test_create_before_forget_creates_an_object_and_keeps_the_existing_one(actions: list[str]) -> None:
    again = "will be created again; the existing one stays, but Terraform will no longer manage it"
    schema, other = {"catalog_name": "a", "name": "b"}, {"schema": "a.c", "grant": WRITER["grant"]}

    report = reviewed(
        resource(JOB, actions, {"name": "old"}, {"name": "new"}),
        resource("databricks_schema", actions, schema, schema),
        resource(
            "databricks_cluster", actions, {"cluster_name": "c"}, {"cluster_name": "c", "num_workers": 2}
        ),
        resource(GRANTS, actions, READER, other),
    )

    assert sentences(report) == [
        f"schema `a.b` {again}",
        "`students` gains `MODIFY` on schema `a.c`",
        f"job `old` {again}",
        f"cluster `c` {again}",
        f"`grants` `x` {again}",
    ]
    (stack,) = report.stacks
    assert stack.counts == (4, 0, 0)
    for format in Format:
        assert report_files(report, format)


@pytest.mark.parametrize("actions", [["update"], ["delete", "create"]])
@pytest.mark.parametrize(
    "type", [JOB, "databricks_schema", "databricks_volume", GRANTS, "databricks_cluster"]
)
def test_an_import_together_with_a_change_is_said(type: str, actions: list[str]) -> None:
    before, after = ({**side, "name": name} for side, name in ((READER, "old"), (WRITER, "new")))
    report = reviewed(resource(type, actions, before, after, importing={"id": "1"}))

    kind = type.removeprefix("databricks_")
    assert f"`{kind}` `x` will be imported into the Terraform state" in sentences(report)
    assert len(sentences(report)) > 1


def test_grants_that_are_imported_unchanged_are_said() -> None:
    report = reviewed(resource(GRANTS, ["no-op"], READER, READER, importing={"id": "1"}))

    assert sentences(report) == ["`grants` `x` will be imported into the Terraform state"]


@pytest.mark.parametrize(
    ("part", "rule"), [({"principal": True}, "everybody"), ({"privileges": True}, "all-privileges")]
)
def test_access_of_sensitive_principals_and_privileges_is_refused(part: dict[str, bool], rule: str) -> None:
    after = {"schema": "a.b", "grant": [{"principal": "users2", "privileges": ["SELECT"]}]}

    report = reviewed(resource(GRANTS, ["create"], None, after, before_sensitive={"grant": [part]}))

    assert refused(report) == [rule]
