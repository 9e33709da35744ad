"""Which objects belong to a workshop, and why the others are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.workshop.teardown.teardown import Teardown
from mesh.workshop.teardown.workspace_object import WorkspaceObject
from tests.support.teardown import (
    ADMIN,
    GROUPS,
    HELD,
    KARI,
    MADE,
    OLA,
    PER,
    TAGS,
    TAXI,
    FakeStudent,
    FakeTerraform,
    FakeWorkshop,
    FakeWorkspace,
    catalog,
    done,
    job,
    kept,
    key,
    removed,
    schema,
    tear_down,
)


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        (schema("training.dev_ola_revenue", OLA, deployment=key(OLA)), f"deployed by {OLA} ({key(OLA)})"),
        (schema("transport.dev_ola_revenue", OLA, deployment=key(OLA)), f"deployed by {OLA} ({key(OLA)})"),
        (schema("training.dev_ola_mine", OLA, deployment=key(OLA, "acme/x/mine")), f"deployed by {OLA} ({key(OLA, 'acme/x/mine')})"),
        (schema("training.dev_ola_noorg", OLA, deployment=key(OLA, "x/mine")), f"deployed by {OLA} ({key(OLA, 'x/mine')})"),
        (schema("training.Ola", OLA.upper()), f"created by {OLA}"),
        (schema("training.of_the_group", "class-oslo", creator=OLA), f"created by {OLA}"),
        (schema("training.left_over", ADMIN, workshop="oslo"), "labelled as part of workshop `oslo`"),
        (job("1", OLA, "training.dev_ola_gone"), f"deployed by {OLA} into training.dev_ola_gone"),
        (job("2", OLA, tags={}, policies=frozenset({"pol1"})), f"created by {OLA} with this workshop's cluster policy"),
        (job("3", OLA, tags={"workshop": "oslo"}), "labelled as part of workshop `oslo`"),
        (job("4", KARI, tags={}), f"created by {KARI}, whom the workshop invited"),
        (WorkspaceObject("databricks_pipeline", "p", "dlt", creator=OLA, tags=TAGS, parent="training.x"), f"deployed by {OLA} into training.x"),
        (WorkspaceObject("databricks_cluster", "c", "mine", creator=OLA, tags={"workshop": "oslo"}), "labelled as part of workshop `oslo`"),
        (WorkspaceObject("databricks_cluster", "c", "mine", creator=KARI), f"created by {KARI}, whom the workshop invited"),
        (WorkspaceObject("databricks_sql_endpoint", "w", "wh", creator=ADMIN, tags={"workshop": "oslo"}), "labelled as part of workshop `oslo`"),
        (WorkspaceObject("databricks_mlflow_experiment", "5", f"/Users/{KARI}/tries"), f"created by {KARI}, whom the workshop invited"),
    ],
    ids=str,
)  # fmt: skip
def test_the_workshops_objects_are_removed_with_the_reason(
    tmp_path: Path, target: WorkspaceObject, reason: str
) -> None:
    teardown, workspace = tear_down(tmp_path, target)

    report = done(teardown)

    assert removed(report)[str(target)] == reason
    assert (workspace.listing(), report.failed) == ([], [])


PROD = schema("transport.revenue", "sp-1", deployment=f"{TAXI}/prod")
BERGEN = schema("training.bergen", ADMIN, workshop="bergen")
OWN_IN_BERGEN = schema("training.olanordmann_b", ADMIN, workshop="bergen", student=OLA.title())


@pytest.mark.parametrize(
    ("objects", "label", "reason"),
    [
        ([schema("training.pers", PER)], "schema training.pers", f"its owner {PER} is not a student of this workshop"),
        ([schema("training.nobodys")], "schema training.nobodys", "its owner is unknown"),
        ([schema("training.taken", ADMIN, creator=OLA)], "schema training.taken", f"its owner {ADMIN} is not a student of this workshop"),
        ([schema("training.default", ADMIN)], "schema training.default", f"its owner {ADMIN} is not a student of this workshop"),
        ([BERGEN], "schema training.bergen", "it belongs to workshop `bergen`"),
        (
            [schema("training.dev_per", PER, deployment=key(PER))],
            "schema training.dev_per",
            f"deployed by {PER}, who is not on the roster (add the user to the roster to remove it)",
        ),
        (
            [schema("elsewhere.dev_x", PER, deployment=key(OLA))],
            "schema elsewhere.dev_x",
            f"it is labelled as deployed by {OLA}, but its owner is {PER}",
        ),
        (
            [schema("transport.dev_ola", OLA, deployment=key(OLA, branch="main"))],
            "schema transport.dev_ola",
            f"deployed by {OLA}, but not from the course's branch",
        ),
        ([PROD], "schema transport.revenue", f"it belongs to {TAXI}/prod, which is not only the class's"),
        ([PROD, job("9", OLA, "transport.revenue")], "job job 9", f"it belongs to {TAXI}/prod, which is not only the class's"),
        ([PROD, job("9", "sp-1", "transport.revenue")], "job job 9", f"it belongs to {TAXI}/prod, which is not only the class's"),
        ([schema("training.revenue", PER, deployment=f"{TAXI}/prod")], "schema training.revenue", f"it belongs to {TAXI}/prod, which is not only the class's"),
        ([job("9", OLA, tags={})], "job job 9", f"created by {OLA}, but nothing links it to this workshop"),
        ([job("9", PER, tags={"workshop": "oslo"})], "job job 9", f"it is labelled as part of this workshop, but its owner is {PER}"),
        ([job("9", OLA, tags={"workshop": "bergen"})], "job job 9", "it belongs to workshop `bergen`"),
        ([job("9", PER, "training.data")], "job job 9", f"its creator {PER} is not a student of this workshop"),
        ([schema("other.karis", KARI)], "schema other.karis", f"created by {KARI}, whom the workshop invited, in a catalog of others"),
        (
            [OWN_IN_BERGEN, schema("transport.dev_ola", OLA, deployment=key(OLA))],
            "schema transport.dev_ola",
            f"{OLA} is also in workshop bergen, which may own it",
        ),
        (
            [OWN_IN_BERGEN, schema("training.olas", OLA)],
            "schema training.olas",
            f"{OLA} is also in workshop bergen, which may own it",
        ),
        (
            [OWN_IN_BERGEN, job("9", OLA, "training.gone")],
            "job job 9",
            f"created by {OLA}, but nothing links it to this workshop",
        ),
    ],
)  # fmt: skip
def test_objects_of_others_and_ambiguous_objects_are_kept_with_the_reason(
    tmp_path: Path, objects: list[WorkspaceObject], label: str, reason: str
) -> None:
    teardown, workspace = tear_down(tmp_path, *objects)

    report = done(teardown)

    assert kept(report)[label] == reason
    assert {f"{target.type} {target.id}" for target in objects} <= set(workspace.listing())
    assert report.failed == []


@pytest.mark.parametrize(
    "target",
    [
        schema("finance.olas", OLA),
        schema("finance.dev_per", PER, deployment=key(PER)),
        schema("finance.dev_ola", OLA, deployment=key(OLA, "acme/finance/settlement", "main")),
        schema("bergen.olanordmann", ADMIN, workshop="bergen"),
        schema("finance.invoices", "sp-1", deployment="acme/finance/settlement/prod"),
        job("9", PER),
        WorkspaceObject("databricks_cluster", "c", "oslo", creator=OLA),
        WorkspaceObject("databricks_cluster", "c", "oslo", creator=PER, policies=frozenset({"pol1"})),
        WorkspaceObject("databricks_sql_endpoint", "w", "oslo", creator=ADMIN),
        WorkspaceObject("databricks_mlflow_experiment", "5", f"/Users/{OLA}/oslo"),
        WorkspaceObject("databricks_mlflow_experiment", "5", "/Shared/oslo"),
        WorkspaceObject("databricks_directory", "d", f"/Users/{OLA}/mesh/oslo"),
        catalog("training2"),
        catalog("training3", **{"datamesh.workshop": "bergen"}),
        WorkspaceObject("databricks_catalog", "theirs", "theirs", PER, PER, {"datamesh.workshop": "oslo"}),
    ],
    ids=str,
)
def test_unrelated_objects_are_not_listed(tmp_path: Path, target: WorkspaceObject) -> None:
    """Also objects that are named like the workshop, or like objects of students elsewhere."""
    teardown, workspace = tear_down(tmp_path, target)

    report = done(teardown)

    assert workspace.listing() == [f"{target.type} {target.id}"]
    assert kept(report) == {f"user {OLA}": "was in the workspace before the workshop"}


def test_an_invited_user_in_another_group_is_kept(tmp_path: Path) -> None:
    teardown, workspace = tear_down(tmp_path, job("9", KARI, tags={}))
    workspace.groups[KARI] = frozenset({"class-oslo", "users", "class-bergen"})

    report = done(teardown)

    assert kept(report)[f"user {KARI}"] == "is also in class-bergen"
    assert kept(report)["job job 9"] == f"created by {KARI}, but nothing links it to this workshop"
    assert list(teardown.terraform.state().held) == ["databricks_user.kari"]


def test_a_user_removed_from_the_roster_counts_while_in_the_state_or_the_group(
    tmp_path: Path,
) -> None:
    teardown, workspace = tear_down(tmp_path, schema("training.pers", PER))
    workspace.groups[PER] = frozenset({"class-oslo"})
    workspace.groups[ADMIN] = frozenset({"class-oslo"})
    workspace.objects.append(schema("training.admins", ADMIN))

    report = done(teardown)

    assert removed(report)["schema training.pers"] == f"created by {PER}"
    assert kept(report)["schema training.admins"] == f"its owner {ADMIN} is not a student of this workshop"


def test_objects_of_the_workshops_service_principal_are_removed(tmp_path: Path) -> None:
    held = {**HELD, "databricks_service_principal.ci": {"id": "9", "application_id": "SP-1"}}
    teardown, workspace = tear_down(
        tmp_path, schema("training.ci", "sp-1"), job("9", "SP-1", tags={}), held=held
    )

    report = done(teardown)

    assert removed(report)["job job 9"] == "created by sp-1, whom the workshop invited"
    assert workspace.listing() == []


def test_home_folders_are_kept(tmp_path: Path) -> None:
    paths = ["/Users/x", "/Workspace/Users/x/", "/Users/x/class"]
    held = {f"databricks_directory.n{i}": {"id": path, "path": path} for i, path in enumerate(paths)}
    teardown, _ = tear_down(tmp_path, held=held)

    report = done(teardown)

    assert [label for label in removed(report) if label.startswith("folder")] == ["folder /Users/x/class"]
    assert kept(report)["folder /Users/x"] == "it is a user's home folder"


def test_without_a_state_labelled_objects_are_removed(tmp_path: Path) -> None:
    marked = catalog("training", **{"datamesh.workshop": "oslo"})
    workspace = FakeWorkspace([marked, *MADE[1:]], dict(GROUPS))
    teardown, _ = tear_down(tmp_path, held={}, workspace=workspace)

    report = done(teardown)

    assert (workspace.listing(), report.failed) == ([], [])


def test_two_workshops_in_one_workspace_do_not_touch_each_other(tmp_path: Path) -> None:
    """Ola is in both, so her deployments are ambiguous until one workshop is removed."""
    held = {"databricks_schema.b": {"id": OWN_IN_BERGEN.id, "force_destroy": True}}
    karis = schema("transport.dev_kari", KARI, deployment=key(KARI))
    pers = schema("transport.dev_per", PER, deployment=key(PER))
    olas = schema("transport.dev_ola", OLA, deployment=key(OLA))
    teardown, workspace = tear_down(tmp_path, OWN_IN_BERGEN, karis, pers, olas)
    own = FakeTerraform(tmp_path / "bergen", workspace, held)
    bergens = FakeWorkshop(
        (FakeStudent(OLA), FakeStudent(PER)), "bergen", existing_catalogs=("training", "transport")
    )
    bergen = Teardown(bergens, own, {}.get, workspace, teardown.emit, teardown.progress)

    first = done(teardown)

    shared = ["databricks_catalog training"]
    left = [OWN_IN_BERGEN, olas, pers]
    assert workspace.listing() == sorted([*shared, *(f"{each.type} {each.id}" for each in left)])
    assert (first.failed, kept(first)[str(OWN_IN_BERGEN)]) == ([], "it belongs to workshop `bergen`")
    assert done(bergen).failed == []
    assert workspace.listing() == shared
    assert done(teardown).failed == []
    assert workspace.listing() == []


@pytest.mark.parametrize("name", ["training.x\x1b[2J", "training.<b>", "training.${x}", "training.a b"])
def test_hostile_names_are_treated_like_others(tmp_path: Path, name: str) -> None:
    teardown, _ = tear_down(tmp_path, schema(name, OLA, deployment=f"{key(OLA)}/../\n"))

    assert removed(done(teardown))[f"schema {name}"] == f"created by {OLA}"
