"""What a tear-down takes, what it leaves alone, and that it can be run until nothing is left."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from mesh.deployment.state_key import Key, parsed
from mesh.errors import OutsideError, UsageError
from mesh.terraform.plan import Change, Plan
from mesh.terraform.state import State
from mesh.terraform.terraform import StoppedError
from mesh.workshop.teardown.command import check_name, confirmed
from mesh.workshop.teardown.removals import Survey
from mesh.workshop.teardown.teardown import Report, TearDown
from mesh.workshop.teardown.workspace_object import Thing

OLA, KARI, PER, ADMIN = (f"{name}@acme.example" for name in ("ola.nordmann", "kari", "per", "admin"))
TAXI = "acme/transport/taxinyc"
COMMIT = "5bd01c2f" + "0" * 32
TAGS = {"deployment": "dev_x", "git_url": "u", "git_branch": "b", "git_commit": COMMIT}


@dataclass(frozen=True)
class Student:
    email: str
    branch: str = "feat-gh1-oslo"


@dataclass(frozen=True)
class ServicePrincipal:
    application_id: str = "SP-1"


@dataclass(frozen=True)
class Workshop:
    students: tuple[Student, ...]
    name: str = "oslo"
    service_principal: ServicePrincipal | None = ServicePrincipal()
    existing_catalogs: tuple[str, ...] = ("transport",)


@dataclass
class Workspace:
    """A workspace of a few things."""

    things: list[Thing]
    groups: dict[str, frozenset[str]] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)
    refused: Collection[str] = ()
    stops_at: str | None = None
    removed: list[str] = field(default_factory=list)

    def survey(self, people: Collection[str], catalogs: Collection[str]) -> Survey:
        return Survey(ADMIN, tuple(self.things), self.groups, self.unreadable)

    def remove(self, thing: Thing) -> None:
        if thing.id == self.stops_at:
            self.stops_at = None
            raise KeyboardInterrupt
        if thing.id in self.refused:
            raise OutsideError("it is in use")
        self.removed.append(thing.id)
        self.gone([(thing.type, thing.id)])

    def gone(self, ids: Collection[tuple[str, str]]) -> None:
        """Forget things, and what lies in catalogs and schemas."""
        self.things = [one for one in self.things if (one.type, one.id) not in ids]

    def listing(self) -> list[str]:
        return sorted(f"{one.type} {one.id}" for one in self.things)


@dataclass
class Terraform:
    """Terraform with a state that says what it holds."""

    folder: Path
    workspace: Workspace
    held: dict[str, Mapping[str, Any]]
    refused: Collection[str] = ()
    planned: tuple[str, ...] = ()

    stack = "workshop"

    def state(self) -> State:
        return State(dict(self.held))

    def plan(self, targets: Iterable[str] = ()) -> Plan:
        self.planned = tuple(targets) or tuple(self.held)
        return Plan(tuple(Change(one, ("delete",), {}, {}) for one in self.planned))

    def apply(self) -> None:
        done = [one for one in self.planned if one not in self.refused]
        self.workspace.gone([(one.partition(".")[0], str(self.held[one].get("id"))) for one in done])
        self.held = {address: one for address, one in self.held.items() if address not in done}
        if self.refused:
            raise OutsideError("terraform apply of workshop failed, see above")

    def forget(self) -> None:
        self.planned = ()


def schema(name: str, owner: str | None = None, *, creator: str | None = None, **marks: str) -> Thing:
    marked = {f"datamesh.{key}": value for key, value in marks.items()}
    return Thing("databricks_schema", name, name, owner, creator or owner, marked, name.partition(".")[0])


def job(id: str, creator: str | None, place: str | None = None, **facts: Any) -> Thing:
    facts.setdefault("marks", TAGS)
    return Thing("databricks_job", id, f"job {id}", creator=creator, place=place, **facts)


def catalog(name: str, **properties: str) -> Thing:
    return Thing("databricks_catalog", name, name, ADMIN, ADMIN, properties)


def key(email: str, project: str = TAXI, branch: str = "feat-gh1-oslo", commit: str = COMMIT) -> str:
    return f"{project}/dev/{email}/{branch}/{commit}"


HELD: Mapping[str, Mapping[str, Any]] = {
    "databricks_catalog.training": {"id": "training", "name": "training"},
    "databricks_schema.data": {"id": "training.data", "force_destroy": False},
    "databricks_schema.ola": {"id": "training.olanordmann", "force_destroy": True},
    "databricks_grants.training": {"id": "catalog/training", "catalog": "training"},
    "databricks_group.class": {"id": "7", "display_name": "class-oslo"},
    "databricks_user.kari": {"id": "8", "user_name": KARI},
    "databricks_cluster_policy.jobs": {"id": "pol1", "name": "oslo jobs"},
}
MADE = [
    catalog("training"),
    schema("training.data", ADMIN, workshop="oslo"),
    schema("training.olanordmann", ADMIN, workshop="oslo"),
]
KNOWN_BY = ("group class-oslo", f"user {KARI}", "databricks_cluster_policy.jobs")
GROUPS = {
    OLA: frozenset({"class-oslo", "taxi-team"}),
    KARI: frozenset({"class-oslo"}),
    ADMIN: frozenset({"admins"}),
}


def tear_down(
    tmp_path: Path,
    *things: Thing,
    states: Mapping[str, Terraform] | None = None,
    refused: Collection[str] = (),
    held: Mapping[str, Mapping[str, Any]] = HELD,
    workspace: Workspace | None = None,
    **facts: Any,
) -> tuple[TearDown, Workspace]:
    """The tear-down of a workshop of Ola, who was there before, and Kari, whom it invited."""
    there = workspace or Workspace([*MADE, *things], dict(GROUPS))
    workshop = Workshop((Student(OLA), Student(KARI)), **facts)
    own = Terraform(tmp_path / "own", there, dict(held), refused)
    return TearDown(workshop, own, (states or {}).get, there, lambda line: None), there


def done(one: TearDown) -> Report:
    return one.run(dry_run=False, confirmed=lambda: True)


def kept(report: Report) -> dict[str, str]:
    return {one.what: one.why for one in report.kept}


def gone(report: Report) -> dict[str, str]:
    return dict(report.gone)


def test_what_the_workshop_made_goes_through_its_state(tmp_path: Path) -> None:
    one, workspace = tear_down(tmp_path)

    report = done(one)

    assert gone(report) == {
        "catalog training": "its state",
        "schema training.data": "its state",
        "schema training.olanordmann": "its state",
        "databricks_grants.training": "its state",
        "group class-oslo": "its state",
        "user kari@acme.example": "its state",
        "databricks_cluster_policy.jobs": "its state",
    }
    assert kept(report) == {f"user {OLA}": "was in the workspace before the workshop"}
    assert (workspace.listing(), report.failed) == ([], [])


@pytest.mark.parametrize(
    ("thing", "why"),
    [
        (schema("training.dev_ola_revenue", OLA, deployment=key(OLA)), f"deployed by {OLA} ({key(OLA)})"),
        (schema("transport.dev_ola_revenue", OLA, deployment=key(OLA)), f"deployed by {OLA} ({key(OLA)})"),
        (schema("training.dev_ola_mine", OLA, deployment=key(OLA, "acme/x/mine")), f"deployed by {OLA} ({key(OLA, 'acme/x/mine')})"),
        (schema("training.dev_ola_noorg", OLA, deployment=key(OLA, "x/mine")), f"deployed by {OLA} ({key(OLA, 'x/mine')})"),
        (schema("training.Ola", OLA.upper()), f"made by {OLA}"),
        (schema("training.of_the_group", "class-oslo", creator=OLA), f"made by {OLA}"),
        (schema("training.left_over", ADMIN, workshop="oslo"), "says that it is of workshop `oslo`"),
        (job("1", OLA, "training.dev_ola_gone"), f"deployed by {OLA} into training.dev_ola_gone"),
        (job("2", OLA, marks={}, policies=frozenset({"pol1"})), f"made by {OLA} under this workshop's cluster policy"),
        (job("3", OLA, marks={"workshop": "oslo"}), "says that it is of workshop `oslo`"),
        (job("4", KARI, marks={}), f"made by {KARI}, whom the workshop invited"),
        (Thing("databricks_pipeline", "p", "dlt", creator=OLA, marks=TAGS, place="training.x"), f"deployed by {OLA} into training.x"),
        (Thing("databricks_cluster", "c", "mine", creator=OLA, marks={"workshop": "oslo"}), "says that it is of workshop `oslo`"),
        (Thing("databricks_cluster", "c", "mine", creator=KARI), f"made by {KARI}, whom the workshop invited"),
        (Thing("databricks_sql_endpoint", "w", "wh", creator=ADMIN, marks={"workshop": "oslo"}), "says that it is of workshop `oslo`"),
        (Thing("databricks_mlflow_experiment", "5", f"/Users/{KARI}/tries"), f"made by {KARI}, whom the workshop invited"),
    ],
    ids=str,
)  # fmt: skip
def test_what_students_made_goes_by_what_it_says_and_who_made_it(
    tmp_path: Path, thing: Thing, why: str
) -> None:
    one, workspace = tear_down(tmp_path, thing)

    report = done(one)

    assert gone(report)[str(thing)] == why
    assert (workspace.listing(), report.failed) == ([], [])


PROD = schema("transport.revenue", "sp-1", deployment=f"{TAXI}/prod")
BERGEN = schema("training.bergen", ADMIN, workshop="bergen")
OWN_IN_BERGEN = schema("training.olanordmann_b", ADMIN, workshop="bergen", student=OLA.title())


@pytest.mark.parametrize(
    ("things", "what", "why"),
    [
        ([schema("training.pers", PER)], "schema training.pers", f"it is {PER}'s, who is no student of this workshop"),
        ([schema("training.nobodys")], "schema training.nobodys", "nobody can tell whose it is"),
        ([schema("training.taken", ADMIN, creator=OLA)], "schema training.taken", f"it is {ADMIN}'s, who is no student of this workshop"),
        ([schema("training.default", ADMIN)], "schema training.default", f"it is {ADMIN}'s, who is no student of this workshop"),
        ([BERGEN], "schema training.bergen", "it is of workshop `bergen`"),
        (
            [schema("training.dev_per", PER, deployment=key(PER))],
            "schema training.dev_per",
            f"{PER} deployed it, who is not on the roster (put on the roster, it would go)",
        ),
        (
            [schema("elsewhere.dev_x", PER, deployment=key(OLA))],
            "schema elsewhere.dev_x",
            f"it says that {OLA} deployed it, but is {PER}'s",
        ),
        (
            [schema("transport.dev_ola", OLA, deployment=key(OLA, branch="main"))],
            "schema transport.dev_ola",
            f"{OLA} deployed it, but not from the branch of the course",
        ),
        ([PROD], "schema transport.revenue", f"it is of {TAXI}/prod, which is not the class's alone"),
        ([PROD, job("9", OLA, "transport.revenue")], "job job 9", f"it is of {TAXI}/prod, which is not the class's alone"),
        ([PROD, job("9", "sp-1", "transport.revenue")], "job job 9", f"it is of {TAXI}/prod, which is not the class's alone"),
        ([schema("training.revenue", PER, deployment=f"{TAXI}/prod")], "schema training.revenue", f"it is of {TAXI}/prod, which is not the class's alone"),
        ([job("9", OLA, marks={})], "job job 9", f"{OLA} made it, and nothing says that it is of this workshop"),
        ([job("9", PER, marks={"workshop": "oslo"})], "job job 9", f"it says that it is of this workshop, but is {PER}'s"),
        ([job("9", OLA, marks={"workshop": "bergen"})], "job job 9", "it is of workshop `bergen`"),
        ([job("9", PER, "training.data")], "job job 9", f"it is {PER}'s, who is no student of this workshop"),
        ([schema("other.karis", KARI)], "schema other.karis", f"made by {KARI}, whom the workshop invited, in a catalog of others"),
        (
            [OWN_IN_BERGEN, schema("transport.dev_ola", OLA, deployment=key(OLA))],
            "schema transport.dev_ola",
            f"{OLA} is in workshop bergen here too, which may have it",
        ),
        (
            [OWN_IN_BERGEN, schema("training.olas", OLA)],
            "schema training.olas",
            f"{OLA} is in workshop bergen here too, which may have it",
        ),
        (
            [OWN_IN_BERGEN, job("9", OLA, "training.gone")],
            "job job 9",
            f"{OLA} made it, and nothing says that it is of this workshop",
        ),
    ],
)  # fmt: skip
def test_what_is_others_or_cannot_be_told_is_kept_and_told(
    tmp_path: Path, things: list[Thing], what: str, why: str
) -> None:
    one, workspace = tear_down(tmp_path, *things)

    report = done(one)

    assert kept(report)[what] == why
    assert {f"{thing.type} {thing.id}" for thing in things} <= set(workspace.listing())
    assert report.failed == []


@pytest.mark.parametrize(
    "thing",
    [
        schema("finance.olas", OLA),
        schema("finance.dev_per", PER, deployment=key(PER)),
        schema("finance.dev_ola", OLA, deployment=key(OLA, "acme/finance/settlement", "main")),
        schema("bergen.olanordmann", ADMIN, workshop="bergen"),
        schema("finance.invoices", "sp-1", deployment="acme/finance/settlement/prod"),
        job("9", PER),
        Thing("databricks_cluster", "c", "oslo", creator=OLA),
        Thing("databricks_cluster", "c", "oslo", creator=PER, policies=frozenset({"pol1"})),
        Thing("databricks_sql_endpoint", "w", "oslo", creator=ADMIN),
        Thing("databricks_mlflow_experiment", "5", f"/Users/{OLA}/oslo"),
        Thing("databricks_mlflow_experiment", "5", "/Shared/oslo"),
        Thing("databricks_directory", "d", f"/Users/{OLA}/mesh/oslo"),
        catalog("training2"),
        catalog("training3", **{"datamesh.workshop": "bergen"}),
        Thing("databricks_catalog", "theirs", "theirs", PER, PER, {"datamesh.workshop": "oslo"}),
    ],
    ids=str,
)
def test_what_the_workshop_has_nothing_to_do_with_is_not_even_told(tmp_path: Path, thing: Thing) -> None:
    """Also what is called like the workshop, or is like what students make elsewhere."""
    one, workspace = tear_down(tmp_path, thing)

    report = done(one)

    assert workspace.listing() == [f"{thing.type} {thing.id}"]
    assert kept(report) == {f"user {OLA}": "was in the workspace before the workshop"}


def test_a_catalog_that_holds_somebody_elses_stays_with_its_grants_until_that_is_gone(tmp_path: Path) -> None:
    other = schema("training.pers", PER)
    one, workspace = tear_down(tmp_path, other, schema("training.olas", OLA))

    first = done(one)

    assert workspace.listing() == ["databricks_catalog training", "databricks_schema training.pers"]
    assert kept(first)["catalog training"] == "it still holds what is not the workshop's"
    assert kept(first)["what is granted on catalog training"] == "it still holds what is not the workshop's"
    assert list(one.own.state().held) == ["databricks_catalog.training", "databricks_grants.training"]

    workspace.gone([(other.type, other.id)])
    second = done(one)

    assert list(gone(second)) == ["catalog training", "databricks_grants.training"]
    assert (workspace.listing(), second.failed) == ([], [])


def test_a_catalog_that_cannot_be_looked_into_stays(tmp_path: Path) -> None:
    workspace = Workspace(list(MADE), dict(GROUPS), {"training": "PERMISSION_DENIED", "finance": "no"})
    one, _ = tear_down(tmp_path, workspace=workspace)

    report = done(one)

    assert "catalog training" in kept(report)
    assert "catalog finance" not in kept(report)
    assert "databricks_catalog training" in workspace.listing()


def test_a_schema_that_terraform_would_not_destroy_with_what_it_holds_is_removed_first(
    tmp_path: Path,
) -> None:
    one, workspace = tear_down(tmp_path)
    workspace.refused = {"training.data"}

    report = done(one)

    assert report.failed[0] == ("schema training.data", "it is in use")
    assert workspace.listing() == ["databricks_catalog training", "databricks_schema training.data"]


def test_a_deployment_goes_through_its_state_where_that_is_in_this_backend(tmp_path: Path) -> None:
    """Also what of it lies elsewhere; what its state does not hold is removed besides."""
    there = schema("transport.dev_ola", OLA, deployment=key(OLA))
    beside = schema("transport.dev_ola_2", OLA, deployment=key(OLA))
    run = job("9", OLA, "transport.dev_ola")
    one, workspace = tear_down(tmp_path, there, beside, run)
    held = {"databricks_schema.a": {"id": there.id}, "databricks_job.a": {"id": "9"}}
    state = Terraform(tmp_path / "ola", workspace, held)
    one = TearDown(one.workshop, one.own, {key(OLA): state}.get, workspace, one.say)

    report = done(one)

    assert gone(report)[key(OLA)] == "its own state, with 1 job, 1 schema"
    assert gone(report)[str(beside)] == f"deployed by {OLA} ({key(OLA)})"
    assert str(there) not in gone(report)
    assert (workspace.listing(), state.held) == ([], {})


def test_a_deployment_that_terraform_cannot_destroy_keeps_its_things_and_the_catalog(tmp_path: Path) -> None:
    there = schema("training.dev_ola", OLA, deployment=key(OLA))
    other = schema("training.dev_kari", KARI, deployment=key(KARI))
    one, workspace = tear_down(tmp_path, there, other)
    held = {"databricks_schema.a": {"id": there.id, "force_destroy": True}}
    state = Terraform(tmp_path / "ola", workspace, held, refused=["databricks_schema.a"])
    one = TearDown(one.workshop, one.own, {key(OLA): state}.get, workspace, one.say)

    report = done(one)

    assert {what for what, _ in report.failed} == {
        key(OLA),
        "catalog training",
        "databricks_grants.training",
        *KNOWN_BY,
    }
    assert workspace.listing() == ["databricks_catalog training", "databricks_schema training.dev_ola"]


def test_a_failure_does_not_stop_the_others_and_running_it_again_does_the_rest(tmp_path: Path) -> None:
    stuck, other = schema("training.a", OLA), schema("training.b", OLA)
    one, workspace = tear_down(tmp_path, stuck, other)
    workspace.refused = [stuck.id]

    first = done(one)

    assert first.failed[0] == ("schema training.a", "it is in use")
    assert workspace.listing() == ["databricks_catalog training", "databricks_schema training.a"]
    workspace.refused = ()
    second = done(one)
    assert (second.failed, workspace.listing()) == ([], [])
    assert done(one).gone == []


def test_what_terraform_does_not_destroy_is_told(tmp_path: Path) -> None:
    one, _ = tear_down(tmp_path, refused=["databricks_user.kari"])

    report = done(one)

    assert report.failed == [
        ("the workshop's state, workshop", "terraform apply of workshop failed, see above"),
        (f"user {KARI}", "Terraform did not destroy it"),
    ]
    assert "group class-oslo" in gone(report)


def test_what_could_not_be_removed_is_known_the_next_time_by_what_it_was_known_by(tmp_path: Path) -> None:
    policy = job("2", OLA, marks={}, policies=frozenset({"pol1"}))
    one, workspace = tear_down(tmp_path, policy, job("4", KARI, marks={}))
    workspace.refused = ["2", "4"]

    first = done(one)

    assert {what for what, _ in first.failed} == {"job job 2", "job job 4", *KNOWN_BY}
    workspace.refused = ()
    assert {*gone(done(one))} == {"job job 2", "job job 4", *KNOWN_BY}
    assert workspace.listing() == []


@pytest.mark.parametrize(
    "at", ["1", "training.a", "5", f"/Users/{OLA}/mesh/acme-transport-taxinyc-dev-feat-gh1-oslo-5bd01c2f"]
)
def test_stopped_anywhere_running_it_again_does_the_rest(tmp_path: Path, at: str) -> None:
    """Jobs go after the experiments that they name, and before the schemas that say whose they are."""
    mine = schema("transport.dev_ola", OLA, deployment=key(OLA))
    run = job("1", OLA, "transport.dev_ola", experiment=f"/Users/{OLA}/mesh/experiments/x")
    tracked = Thing("databricks_mlflow_experiment", "5", f"/Users/{OLA}/mesh/experiments/x")
    folder = f"/Users/{OLA}/mesh/acme-transport-taxinyc-dev-feat-gh1-oslo-5bd01c2f"
    code = Thing("databricks_directory", folder, folder)
    one, workspace = tear_down(tmp_path, mine, run, tracked, code, schema("training.a", OLA))
    workspace.stops_at = at

    with pytest.raises(StoppedError, match="running it again does the rest"):
        done(one)
    report = done(one)

    assert (workspace.listing(), report.failed) == ([], [])


def test_looking_changes_nothing_and_neither_does_a_no(tmp_path: Path) -> None:
    one, workspace = tear_down(tmp_path, schema("training.olas", OLA))
    before = workspace.listing()

    looked = one.run(dry_run=True, confirmed=lambda: pytest.fail("asked"))
    refused = one.run(dry_run=False, confirmed=lambda: False)

    assert workspace.listing() == before
    assert refused == Report(kept=looked.kept)
    assert gone(looked)["schema training.olas"] == f"made by {OLA}"
    assert looked.as_json()["kept"] == [
        {"what": f"user {OLA}", "why": "was in the workspace before the workshop"}
    ]


def test_an_invited_user_who_is_needed_elsewhere_by_now_stays(tmp_path: Path) -> None:
    one, workspace = tear_down(tmp_path, job("9", KARI, marks={}))
    workspace.groups[KARI] = frozenset({"class-oslo", "users", "class-bergen"})

    report = done(one)

    assert kept(report)[f"user {KARI}"] == "is in class-bergen too"
    assert kept(report)["job job 9"] == f"{KARI} made it, and nothing says that it is of this workshop"
    assert list(one.own.state().held) == ["databricks_user.kari"]


def test_who_was_taken_off_the_roster_counts_as_long_as_the_state_or_the_group_knows_him(
    tmp_path: Path,
) -> None:
    one, workspace = tear_down(tmp_path, schema("training.pers", PER))
    workspace.groups[PER] = frozenset({"class-oslo"})
    workspace.groups[ADMIN] = frozenset({"class-oslo"})
    workspace.things.append(schema("training.admins", ADMIN))

    report = done(one)

    assert gone(report)["schema training.pers"] == f"made by {PER}"
    assert kept(report)["schema training.admins"] == f"it is {ADMIN}'s, who is no student of this workshop"


def test_production_goes_where_the_class_made_it_in_a_catalog_of_its_own(tmp_path: Path) -> None:
    """Also through its state, from which Terraform would not destroy what holds data."""
    made = schema("training.revenue", "taxi-team", creator="sp-1", deployment=f"{TAXI}/prod")
    one, workspace = tear_down(tmp_path, made, job("9", OLA, "training.revenue"))
    held = {"databricks_schema.a": {"id": made.id, "force_destroy": False}, "databricks_job.a": {"id": "9"}}
    state = Terraform(tmp_path / "prod", workspace, held)
    one = TearDown(one.workshop, one.own, {f"{TAXI}/prod": state}.get, workspace, one.say)

    report = done(one)

    assert gone(report)[f"{TAXI}/prod"] == "its own state, with 1 job, 1 schema"
    assert (workspace.listing(), workspace.removed[0]) == ([], made.id)


def test_what_a_service_principal_of_the_workshop_made_goes(tmp_path: Path) -> None:
    held = {**HELD, "databricks_service_principal.ci": {"id": "9", "application_id": "SP-1"}}
    one, workspace = tear_down(tmp_path, schema("training.ci", "sp-1"), job("9", "SP-1", marks={}), held=held)

    report = done(one)

    assert gone(report)["job job 9"] == "made by sp-1, whom the workshop invited"
    assert workspace.listing() == []


def test_nobodys_home_is_destroyed_with_the_class(tmp_path: Path) -> None:
    paths = ["/Users/x", "/Workspace/Users/x/", "/Users/x/class"]
    held = {f"databricks_directory.n{i}": {"id": path, "path": path} for i, path in enumerate(paths)}
    one, _ = tear_down(tmp_path, held=held)

    report = done(one)

    assert [what for what in gone(report) if what.startswith("folder")] == ["folder /Users/x/class"]
    assert kept(report)["folder /Users/x"] == "it is somebody's home"


def test_without_a_state_what_says_that_it_is_the_workshops_goes(tmp_path: Path) -> None:
    marked = catalog("training", **{"datamesh.workshop": "oslo"})
    workspace = Workspace([marked, *MADE[1:]], dict(GROUPS))
    one, _ = tear_down(tmp_path, held={}, workspace=workspace)

    report = done(one)

    assert (workspace.listing(), report.failed) == ([], [])


def test_two_workshops_in_one_workspace_do_not_touch_each_other(tmp_path: Path) -> None:
    """Ola is in both, and what she deployed may be of either until one of them is gone."""
    held = {"databricks_schema.b": {"id": OWN_IN_BERGEN.id, "force_destroy": True}}
    karis = schema("transport.dev_kari", KARI, deployment=key(KARI))
    pers = schema("transport.dev_per", PER, deployment=key(PER))
    olas = schema("transport.dev_ola", OLA, deployment=key(OLA))
    one, workspace = tear_down(tmp_path, OWN_IN_BERGEN, karis, pers, olas)
    own = Terraform(tmp_path / "bergen", workspace, held)
    bergens = Workshop((Student(OLA), Student(PER)), "bergen", existing_catalogs=("training", "transport"))
    bergen = TearDown(bergens, own, {}.get, workspace, one.say)

    first = done(one)

    shared = ["databricks_catalog training"]
    left = [OWN_IN_BERGEN, olas, pers]
    assert workspace.listing() == sorted([*shared, *(f"{each.type} {each.id}" for each in left)])
    assert (first.failed, kept(first)[str(OWN_IN_BERGEN)]) == ([], "it is of workshop `bergen`")
    assert done(bergen).failed == []
    assert workspace.listing() == shared
    assert done(one).failed == []
    assert workspace.listing() == []


@pytest.mark.parametrize(
    "text",
    [
        "", "/", "a", "a/b", f"{TAXI}/dev/../{OLA}", f"{TAXI}//{OLA}", f"acme/x%2F..%2Fy/z/dev/{OLA}",
        f"a/b/..%2F..%2Fx/dev/{OLA}", f"{OLA}/a/b/c", f"{TAXI}/dev/x/{OLA}", "${x}/a/b/c", f"{TAXI}/dev\n/{OLA}", "a/b/c/d/e/f",
    ],
)  # fmt: skip
def test_a_text_that_is_no_state_key_says_nothing(text: str) -> None:
    assert parsed(text) == Key(text, None)


def test_a_state_key_says_whose_deployment_it_is_and_where_its_files_are() -> None:
    one = parsed(f"{TAXI}/dev/Ola@acme.example/feat%2Ftips/{COMMIT}")
    assert (one.project, one.environment, one.user) == (TAXI, "dev", "ola@acme.example")
    name = "acme-transport-taxinyc-dev-feat%2Ftips-5bd01c2f"
    home = "/Users/Ola@acme.example/mesh"
    assert one.folders == (f"{home}/{name}", f"{home}/experiments/{name}")
    assert parsed(f"{TAXI}/prod") == Key(f"{TAXI}/prod", TAXI, "prod")
    assert parsed(f"{TAXI}/prod").folders == ()


def test_another_workshops_name_is_refused_and_so_is_none_where_nobody_answers() -> None:
    with pytest.raises(UsageError, match="is called `oslo`, not `bergen`; nothing was changed"):
        check_name("oslo", "bergen", dry_run=True, answers=True)
    with pytest.raises(UsageError, match="--dry-run` first, then write --name"):
        check_name("oslo", None, dry_run=False, answers=False)
    check_name("oslo", None, dry_run=True, answers=False)
    check_name("oslo", "oslo", dry_run=False, answers=False)
    check_name("oslo", None, dry_run=False, answers=True)


@pytest.mark.parametrize(
    ("answer", "agreed"), [("oslo", True), (" oslo\n", True), ("y", False), ("", False), ("Oslo", False)]
)
def test_only_the_workshops_name_is_a_yes(answer: str, agreed: bool) -> None:
    assert confirmed("oslo", None, lambda question: answer) is agreed
    assert confirmed("oslo", "oslo", lambda question: pytest.fail(question))


@pytest.mark.parametrize("name", ["training.x\x1b[2J", "training.<b>", "training.${x}", "training.a b"])
def test_hostile_names_are_as_good_as_others(tmp_path: Path, name: str) -> None:
    one, _ = tear_down(tmp_path, schema(name, OLA, deployment=f"{key(OLA)}/../\n"))

    assert gone(done(one))[f"schema {name}"] == f"made by {OLA}"
