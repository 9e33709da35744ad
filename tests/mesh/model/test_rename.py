"""Renamed flows and projects keep their data, and their former names stay reserved."""

from __future__ import annotations

import pytest

from tests.mesh.conftest import FLOW, ONE_FLOW, PROJECT, Deployed, Findings

TASKS = "tasks: [{task_key: a, serverless: true}]\n"
FLOWS = f"{PROJECT}/flows"
NAMING = ".brickopscfg/config.yml"


def test_a_renamed_flow_keeps_its_schema_and_moves_in_the_state(deployed: Deployed) -> None:
    files = {
        f"{FLOWS}/prep/income/deployment.yml": "renamed_from: [earnings, prep/takings]\n" + TASKS,
        f"{FLOWS}/prep/income/a.py": "",
        f"{PROJECT}/project.yml": "volumes: {landing: {schema: takings}}",
    }
    [deployment] = deployed(files).deployments
    income = deployment.flows[0]
    assert [(one.id, one.name) for one in income.schemas] == [("prep_income", "takings")]
    assert income.job is not None
    assert {"name": "schema", "default": "takings"} in income.job.settings["parameters"]
    moves = {(one.kind, one.former, one.id) for one in deployment.renames}
    assert moves == {
        *(
            (kind, *step)
            for kind in ("job", "permissions", "schema", "grants")
            for step in (("prep_takings", "prep_earnings"), ("prep_earnings", "prep_income"))
        ),
        *(
            (kind, f"{former}_landing", f"{later}_landing")
            for kind in ("volume", "grants")
            for former, later in (("prep_takings", "prep_earnings"), ("prep_earnings", "prep_income"))
        ),
    }


def test_a_renamed_part_moves_its_job_and_keeps_shared_objects(deployed: Deployed) -> None:
    files = {
        f"{FLOWS}/ml/model/fit/deployment.yml": "renamed_from: ml/model/training\nexperiment: {}\n" + TASKS,
        f"{FLOWS}/ml/model/fit/a.py": "",
    }
    moves = [(one.kind, one.former, one.id) for one in deployed(files).deployments[0].renames]
    assert moves == [(kind, "ml_model_training", "ml_model_fit") for kind in ("job", "permissions")]


def test_a_renamed_project_keeps_its_state_and_the_names_of_its_data(deployed: Deployed) -> None:
    """Its jobs have the new name."""
    naming = 'naming: {catalog: {prod: "{org}_{domain}_{project}", other: "{org}_{domain}_{project}"}}'
    before = deployed({NAMING: naming}).deployments[0]
    moved = "orgs/acme/domains/mobility/projects/taxi"
    files = {
        NAMING: naming,
        f"{moved}/project.yml": "renamed_from: transport/cabs",
        f"{moved}/flows/prep/revenue/deployment.yml": TASKS,
        f"{moved}/flows/prep/revenue/a.py": "",
    }
    after = next(one for one in deployed(files).deployments if one.project == "taxi")
    assert (before.state_key, before.flows[0].catalog) == (
        "acme/transport/taxinyc/prod",
        "acme_transport_taxinyc",
    )
    assert (after.state_key, after.flows[0].catalog) == ("acme/transport/cabs/prod", "acme_transport_cabs")
    assert after.stack == "acme-mobility-taxi-prod"
    assert after.flows[0].job is not None
    assert after.flows[0].job.name == "mobility_taxi_prod"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {
                f"{FLOWS}/prep/income/deployment.yml": "renamed_from: revenue\n" + TASKS,
                f"{FLOWS}/prep/income/a.py": "",
            },
            "bad-rename: `prep/revenue` still exists, so prep/income was not renamed from it (remove one of the two)",
        ),
        (
            {
                f"{FLOWS}/prep/one/deployment.yml": "renamed_from: old\n" + TASKS,
                f"{FLOWS}/prep/one/a.py": "",
                f"{FLOWS}/prep/two/deployment.yml": "renamed_from: old\nschemas: [two]\n" + TASKS,
                f"{FLOWS}/prep/two/a.py": "",
            },
            "bad-rename: `prep/old` was already renamed to prep/one (remove one of the two)",
        ),
        (
            {f"{FLOW}/deployment.yml": "renamed_from: /x\n" + TASKS},
            "bad-rename: `/x` is not a path of a flow (write `flow` or `flowtype/flow`)",
        ),
        (
            {f"{PROJECT}/project.yml": "renamed_from: a/b/c"},
            "bad-rename: `a/b/c` is not a project (write `project` or `domain/project`)",
        ),
        (
            {f"{PROJECT}/project.yml": "renamed_from: taxinyc"},
            "bad-rename: `acme/transport/taxinyc` still exists, so acme/transport/taxinyc was not renamed "
            "from it (remove one of the two)",
        ),
    ],
)
def test_an_impossible_rename_is_a_finding(findings: Findings, files: dict[str, str], expected: str) -> None:
    assert expected in findings({**ONE_FLOW, **files})
