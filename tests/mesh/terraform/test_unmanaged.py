"""Objects of a workspace outside a stack's state, and their owners."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from mesh.deployment.identity import Identity
from mesh.git.renames import FileRenames, RenamesSince
from mesh.terraform.plan import DeclaredResource
from mesh.terraform.state import State
from mesh.terraform.unmanaged import StackOwner, find_unmanaged
from mesh.terraform.workspace import RESOURCE_KINDS, ExistingObject

KEY = "acme/transport/taxinyc/dev/ola@acme.example"
OLA = StackOwner("stack", KEY, Identity(user="ola@acme.example"), "taxinyc/project.yml")
EVERYBODY = StackOwner("stack", "acme/transport/taxinyc/prod", Identity(), "taxinyc/project.yml")
FOUNDATION = StackOwner("stack", "acme/foundation/main")

SCHEMA = DeclaredResource("databricks_schema.prep_revenue", {"catalog_name": "acme", "name": "revenue"})
TAGS = {"git_url": "https://github.com/acme/mesh", "git_branch": "feature/tips", "git_commit": "5bd01c2f"}
JOB = DeclaredResource("databricks_job.prep_revenue", {"name": "revenue", "tags": TAGS})
EMPTY = State({})


@dataclass(frozen=True)
class Things:
    """A fake workspace with these objects, by type and name."""

    there: Mapping[tuple[str, str], list[ExistingObject]] = field(default_factory=dict)

    def find(self, type: str, name: str) -> list[ExistingObject]:
        return self.there.get((type, name), [])

    def holds(self, type: str, full_name: str) -> str:
        return ""


def told(
    claim: StackOwner, resource: DeclaredResource, *found: ExistingObject, state: State = EMPTY
) -> list[str]:
    """The messages about objects with the name of one resource."""
    name = RESOURCE_KINDS[resource.type].full_name(resource.arguments)
    workspace = Things({(resource.type, name): list(found)})
    return [str(one) for one in find_unmanaged(claim, [resource], state, workspace)]


def objections(claim: StackOwner, resource: DeclaredResource, *found: ExistingObject) -> list[str | None]:
    """The reasons against adopting objects with the name of one resource."""
    name = RESOURCE_KINDS[resource.type].full_name(resource.arguments)
    workspace = Things({(resource.type, name): list(found)})
    return [one.objection for one in find_unmanaged(claim, [resource], EMPTY, workspace)]


def test_a_branch_with_the_short_name_of_another_must_be_renamed() -> None:
    """If names contain only the branch, the user does not matter."""
    key = "acme/transport/taxinyc/preview/feature%2Ftips"
    other = ExistingObject("acme.revenue", deployment="acme/transport/taxinyc/preview/feature-tips")
    [objection] = objections(StackOwner("stack", key, Identity(branch="feature/tips")), SCHEMA, other)
    assert objection == (
        f"belongs to deployment {other.deployment}; this deployment, {key}, uses the same name "
        "(rename the branch: names contain only its letters and digits)"
    )


def test_a_missing_object_is_not_reported() -> None:
    assert told(OLA, SCHEMA) == []


def test_an_object_in_the_state_is_not_reported_whatever_its_address() -> None:
    held = State({"databricks_schema.prep_income": {"id": "acme.revenue"}})
    assert told(OLA, SCHEMA, ExistingObject("acme.revenue"), state=held) == []


def test_an_object_outside_the_state_is_reported_with_its_id() -> None:
    assert told(OLA, SCHEMA, ExistingObject("acme.revenue", KEY)) == [
        "schema `acme.revenue` exists outside this deployment's state (databricks_schema.prep_revenue, id acme.revenue)"
    ]


def test_an_equal_id_of_another_type_does_not_match() -> None:
    held = State({"databricks_volume.prep_revenue": {"id": "acme.revenue"}})
    assert len(told(OLA, SCHEMA, ExistingObject("acme.revenue", KEY), state=held)) == 1


@pytest.mark.parametrize(
    "theirs", ["acme/transport/taxinyc/dev/ol.a@acme.example", "acme/transport/other/dev/ol.a@acme.example"]
)
def test_a_schema_of_another_identity_is_refused_with_its_deployment(theirs: str) -> None:
    assert told(OLA, SCHEMA, ExistingObject("acme.revenue", theirs, frozenset({"ola@acme.example"}))) == [
        f"schema `acme.revenue` belongs to deployment {theirs}; this deployment, {KEY}, uses the same name "
        "(deploy as another user or from another branch)"
    ]


TAXINYC = "orgs/acme/domains/transport/projects/taxinyc"
FORMER = [("acme/transport/taxi/prod", "taxi"), ("acme/mobility/taxi/prod", "mobility/taxi")]
CLASH = "belongs to deployment {}; this deployment, acme/transport/taxinyc/prod, uses the same name ({})"
OTHER_NAMES = "set different names in `.brickopscfg/config.yml`"


def renamed(domain: str) -> RenamesSince:
    """Git sees a project `taxi` renamed."""
    old, new = f"orgs/acme/domains/{domain}/projects/taxi/project.yml", f"{TAXINYC}/project.yml"
    return lambda commit: FileRenames({old: "1"}, {new: "2"}, {(old, new): 96})


@pytest.mark.parametrize(("theirs", "former"), FORMER)
def test_a_project_that_git_sees_renamed_is_refused_with_the_line_that_keeps_it(
    theirs: str, former: str
) -> None:
    domain = theirs.split("/")[1]
    owner = replace(EVERYBODY, project_file=f"{TAXINYC}/project.yml", renames=renamed(domain))
    [objection] = objections(owner, SCHEMA, ExistingObject("acme.revenue", theirs))
    old = "projects/taxi" if domain == "transport" else "mobility/projects/taxi"
    new = "projects/taxinyc" if domain == "transport" else "transport/projects/taxinyc"
    assert objection == CLASH.format(
        theirs,
        f"git sees {old}/… renamed to {new}/… (96 % alike): add `renamed_from: {former}` to "
        f"{TAXINYC}/project.yml; if it was not, {OTHER_NAMES}",
    )


@pytest.mark.parametrize(("theirs", "former"), FORMER)
def test_without_evidence_of_a_rename_both_ways_are_described(theirs: str, former: str) -> None:
    owner = replace(EVERYBODY, project_file=f"{TAXINYC}/project.yml")
    assert objections(owner, SCHEMA, ExistingObject("acme.revenue", theirs)) == [
        CLASH.format(
            theirs,
            f"if the project was renamed, set `renamed_from: {former}` in its project.yml; "
            f"if it was not, {OTHER_NAMES}",
        )
    ]


def test_a_project_that_is_still_declared_was_not_renamed() -> None:
    theirs = "acme/transport/taxi/prod"
    owner = replace(
        EVERYBODY,
        project_file=f"{TAXINYC}/project.yml",
        declared=frozenset({theirs}),
        renames=renamed("transport"),
    )
    assert objections(owner, SCHEMA, ExistingObject("acme.revenue", theirs)) == [
        CLASH.format(theirs, OTHER_NAMES)
    ]


@pytest.mark.parametrize("theirs", ["acme/transport/taxi/test", "other/transport/taxinyc/prod"])
def test_a_schema_of_another_environment_or_org_has_no_rename_remedy(theirs: str) -> None:
    assert objections(EVERYBODY, SCHEMA, ExistingObject("acme.revenue", theirs)) == [
        f"belongs to deployment {theirs}; this deployment, acme/transport/taxinyc/prod, uses the same name "
        "(set different names in `.brickopscfg/config.yml`)"
    ]


def test_a_catalog_of_another_foundation_is_refused() -> None:
    catalog = DeclaredResource("databricks_catalog.acme", {"name": "acme"})
    assert objections(FOUNDATION, catalog, ExistingObject("acme", "acme/foundation/other")) == [
        "belongs to deployment acme/foundation/other; this deployment, acme/foundation/main, uses the same name "
        "(set different names in `.brickopscfg/config.yml`)"
    ]


def test_a_schema_without_a_state_key_belongs_to_its_creator_or_owner() -> None:
    people = frozenset({"kari@acme.example", "taxi-team"})
    assert objections(OLA, SCHEMA, ExistingObject("acme.revenue", None, people)) == [
        "(id acme.revenue) belongs to kari@acme.example and taxi-team; this deployment, of ola@acme.example, uses the same name"
    ]
    assert objections(OLA, SCHEMA, ExistingObject("acme.revenue", None, people | {"ola@acme.example"})) == [
        None
    ]
    assert objections(OLA, SCHEMA, ExistingObject("acme.revenue")) == [None]


def test_in_a_shared_deployment_the_creator_does_not_matter() -> None:
    assert objections(
        EVERYBODY, SCHEMA, ExistingObject("acme.revenue", None, frozenset({"kari@acme.example"}))
    ) == [None]


def test_compute_may_be_adopted_by_any_user() -> None:
    policy = DeclaredResource("databricks_cluster_policy.small", {"name": "small"})
    assert objections(OLA, policy, ExistingObject("7", None, frozenset({"kari@acme.example"}))) == [None]


@pytest.mark.parametrize(
    ("identity", "tags", "objection"),
    [
        (Identity(), {}, None),
        (Identity(), TAGS, None),
        (Identity(), {**TAGS, "git_branch": "main", "git_commit": "0"}, None),
        (
            Identity(),
            {**TAGS, "git_url": "https://github.com/other/mesh"},
            "(id 7) was deployed from repository https://github.com/other/mesh; "
            "repository https://github.com/acme/mesh uses the same name",
        ),
        (
            Identity(branch="feature/tips"),
            {**TAGS, "git_branch": "featuretips"},
            "(id 7) was deployed from branch featuretips; branch feature/tips uses the same name",
        ),
        (Identity(branch="feature/tips"), {**TAGS, "git_commit": "0"}, None),
        (
            Identity(commit="5bd01c2f"),
            {**TAGS, "git_commit": "5bd01c2e"},
            "(id 7) was deployed from commit 5bd01c2e; commit 5bd01c2f uses the same name",
        ),
    ],
)
def test_a_job_belongs_to_the_deployment_in_its_tags(
    identity: Identity, tags: dict[str, str], objection: str | None
) -> None:
    claim = StackOwner("stack", "acme/transport/taxinyc/dev", identity, "project.yml")
    assert objections(claim, JOB, ExistingObject("7", tags=tags)) == [objection]


def test_an_experiment_belongs_to_the_deployment_in_its_list_of_tags() -> None:
    tags = [{"key": "mlflow.note.content", "value": "fares"}]
    experiment = DeclaredResource(
        "databricks_mlflow_experiment.ml_fares", {"name": "/Shared/fares", "tags": tags}
    )
    assert objections(EVERYBODY, experiment, ExistingObject("5")) == [None]


def test_a_job_of_another_user_is_refused_whatever_its_tags() -> None:
    assert objections(OLA, JOB, ExistingObject("7", None, frozenset({"kari@acme.example"}), TAGS)) == [
        "(id 7) belongs to kari@acme.example; this deployment, of ola@acme.example, uses the same name"
    ]


def test_two_jobs_with_one_name_are_both_reported() -> None:
    assert (
        objections(EVERYBODY, JOB, ExistingObject("7"), ExistingObject("8"))
        == ["exists more than once: ids 7 and 8 (remove or rename all but one)"] * 2
    )


def test_a_second_job_with_the_name_of_a_managed_job_is_reported() -> None:
    held = State({JOB.address: {"id": "7"}})
    assert told(EVERYBODY, JOB, ExistingObject("8"), ExistingObject("7"), state=held) == [
        "job `revenue` exists more than once: ids 7 and 8 (remove or rename all but one)"
    ]


def test_two_resources_with_one_name_are_refused() -> None:
    other = DeclaredResource("databricks_job.ml_revenue", JOB.arguments)
    workspace = Things({("databricks_job", "revenue"): [ExistingObject("7")]})
    assert [str(one) for one in find_unmanaged(EVERYBODY, [JOB, other], EMPTY, workspace)] == [
        "job `revenue` is declared more than once, as databricks_job.prep_revenue and databricks_job.ml_revenue "
        "(rename one of them)"
    ]


def test_types_that_overwrite_existing_objects_are_not_searched() -> None:
    resources = [
        DeclaredResource("databricks_notebook.a", {"path": "/a"}),
        DeclaredResource("databricks_grants.a", {}),
    ]
    assert list(find_unmanaged(OLA, resources, EMPTY, Things())) == []


@pytest.mark.parametrize(
    ("type", "arguments", "name"),
    [
        ("databricks_volume", {"catalog_name": "a", "schema_name": "b", "name": "c"}, "a.b.c"),
        ("databricks_registered_model", {"catalog_name": "a", "schema_name": "b", "name": "c"}, "a.b.c"),
        ("databricks_mlflow_experiment", {"name": "/Shared/mesh/fares"}, "/Shared/mesh/fares"),
        ("databricks_cluster", {"cluster_name": "shared"}, "shared"),
        ("databricks_instance_pool", {"instance_pool_name": "pool"}, "pool"),
        ("databricks_group", {"display_name": "analysts"}, "analysts"),
        ("databricks_user", {"user_name": "ola@acme.example"}, "ola@acme.example"),
    ],
)
def test_each_type_is_looked_up_by_its_identifying_attribute(
    type: str, arguments: dict[str, Any], name: str
) -> None:
    there = Things({(type, name): [ExistingObject("7")]})
    (one,) = find_unmanaged(EVERYBODY, [DeclaredResource(f"{type}.x", arguments)], EMPTY, there)
    assert one.name == name


ROBOT = DeclaredResource("databricks_service_principal.robot", {"display_name": "robot"})


def test_the_message_lists_both_service_principals_with_the_same_name() -> None:
    assert told(FOUNDATION, ROBOT, ExistingObject("7"), ExistingObject("8"))[0] == (
        "service principal `robot` exists more than once: ids 7 and 8 "
        "(set `application_id`, or remove or rename all but one)"
    )


def test_an_application_id_identifies_one_service_principal() -> None:
    arguments = {"display_name": "robot", "application_id": "7f1c0d6e-2f5b-4d0c-9a58-3c1e6b7d9a10"}
    declared = DeclaredResource(ROBOT.address, arguments)

    [found] = told(FOUNDATION, declared, ExistingObject("7"))
    assert found.startswith(f"service principal `{arguments['application_id']}` exists outside")


def test_another_service_principal_may_have_the_name_of_the_one_in_the_state() -> None:
    held = State({ROBOT.address: {"id": "7"}})

    assert told(FOUNDATION, ROBOT, ExistingObject("7"), ExistingObject("8"), state=held) == []


def test_a_catalog_of_another_workshop_is_refused() -> None:
    declared = DeclaredResource("databricks_catalog.training", {"name": "training"})
    spring = StackOwner("workshop", "workshop/spring")

    [refused] = objections(spring, declared, ExistingObject("training", "workshop/autumn"))
    assert refused is not None
    assert refused.startswith("belongs to deployment workshop/autumn; this deployment, workshop/spring,")
    assert objections(spring, declared, ExistingObject("training", "workshop/spring")) == [None]
