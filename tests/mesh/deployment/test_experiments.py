"""Experiments: one for all parts of a flow, its path and its permissions."""

from __future__ import annotations

import pytest

from mesh.deployment.flow import FlowDeployment
from tests.mesh.conftest import PROJECT, RUN_AS, Deployed, Findings

TASKS = "tasks: [{task_key: a, serverless: true}]\n"
MODEL = f"{PROJECT}/flows/ml/model"
TRAINING, VALIDATION = f"{MODEL}/training/deployment.yml", f"{MODEL}/validation/deployment.yml"
PARTS = {
    TRAINING: "description: Learns\nexperiment: {}\n" + TASKS,
    VALIDATION: TASKS,
    f"{MODEL}/training/a.py": "",
    f"{MODEL}/validation/a.py": "",
}
OWN = "/Users/ola@acme.example/mesh/experiments/acme-transport-taxinyc-dev-main-cccccccc"


def told(flow: FlowDeployment) -> str | None:
    """The job parameter `experiment` of a flow."""
    assert flow.job is not None
    parameters = {one["name"]: one["default"] for one in flow.job.settings["parameters"]}
    return parameters.get("experiment")


def flows(deployed: Deployed, files: dict[str, str], env: str = "prod") -> dict[str, FlowDeployment]:
    """The flows of the project, by their Terraform names."""
    return {flow.id: flow for one in deployed(files, env).deployments for flow in one.flows}


@pytest.mark.parametrize(
    ("env", "name"),
    [
        ("prod", "/Shared/mesh/experiments/acme-transport-taxinyc-prod/ml_model"),
        ("dev", f"{OWN}/ml_model"),
    ],
)
def test_all_parts_of_a_flow_get_the_experiment_of_one_part(deployed: Deployed, env: str, name: str) -> None:
    """Shared in a shared deployment, else personal; other flows do not get it."""
    made = flows(deployed, PARTS, env)
    experiment = made["ml_model_training"].experiment
    assert experiment is not None
    assert (experiment.id, experiment.name) == ("ml_model", name)
    assert made["ml_model_validation"].experiment is None
    assert [told(flow) for flow in made.values()] == [name, name, None]
    assert experiment.protected == (env == "prod")


def test_a_declared_parameter_overrides_the_experiment(deployed: Deployed) -> None:
    own = "parameters: [{name: experiment, default: /Shared/mine}]\n"
    made = flows(deployed, {**PARTS, VALIDATION: own + TASKS})
    assert told(made["ml_model_validation"]) == "/Shared/mine"


def test_the_description_is_a_note_of_mlflow_beside_the_declared_tags(deployed: Deployed) -> None:
    """Terraform's field for the description has no effect."""

    def tags(said: str) -> list[dict[str, str]]:
        files = {**PARTS, TRAINING: f"description: Learns\nexperiment: {said}\n{TASKS}"}
        experiment = flows(deployed, files)["ml_model_training"].experiment
        assert experiment is not None
        made: list[dict[str, str]] = experiment.arguments["tags"]
        return made

    note = "mlflow.note.content"
    assert tags("{}") == [{"key": note, "value": "Learns"}]
    assert tags("{description: Tries, tags: [{key: team, value: taxi}]}") == [
        {"key": note, "value": "Tries"},
        {"key": "team", "value": "taxi"},
    ]
    assert tags(f"{{tags: [{{key: {note}, value: Noted}}]}}") == [{"key": note, "value": "Noted"}]


def test_an_experiment_may_have_another_path_in_one_environment(deployed: Deployed) -> None:
    files = {
        **PARTS,
        TRAINING: PARTS[TRAINING]
        + "environments: {prod: {experiment: {artifact_location: 's3://acme/runs'}}, dev: {experiment: null}}",
    }
    prod, dev = (flows(deployed, files, env)["ml_model_training"].experiment for env in ("prod", "dev"))
    assert prod is not None
    assert prod.arguments["artifact_location"] == "s3://acme/runs"
    assert dev is None


def test_users_who_may_run_the_job_may_log_runs_and_its_principal_manages(deployed: Deployed) -> None:
    """With the permission levels of experiments; the deployer of a personal deployment needs none."""
    org = f"environments: {{dev: {{}}, prod: {{run_as: {{service_principal_name: {RUN_AS}}}}}}}"
    permissions = (
        "permissions:\n"
        "- {group_name: analysts, permission_level: CAN_VIEW}\n"
        "- {group_name: taxi-team, permission_level: CAN_MANAGE_RUN}\n"
        "- {user_name: ola@acme.example, permission_level: CAN_MANAGE}\n"
    )
    files = {**PARTS, "orgs/acme/org.yml": org, TRAINING: PARTS[TRAINING] + permissions}

    def levels(env: str) -> dict[str, str]:
        experiment = flows(deployed, files, env)["ml_model_training"].experiment
        assert experiment is not None
        return {one.principal: one.level for one in experiment.permissions}

    assert levels("dev") == {"analysts": "CAN_READ", "taxi-team": "CAN_EDIT"}
    assert levels("prod") == {**levels("dev"), "ola@acme.example": "CAN_MANAGE", RUN_AS: "CAN_MANAGE"}


def test_a_renamed_flow_and_a_renamed_project_keep_the_runs(deployed: Deployed) -> None:
    files = {
        f"{PROJECT}/project.yml": "renamed_from: transport/cabs",
        f"{PROJECT}/flows/ml/fares/deployment.yml": "renamed_from: [tariff, prep/price]\nexperiment: {}\n"
        + TASKS,
        f"{PROJECT}/flows/ml/fares/a.py": "",
    }
    [deployment] = deployed(files).deployments
    experiment = deployment.flows[0].experiment
    assert experiment is not None
    assert experiment.name == "/Shared/mesh/experiments/acme-transport-cabs-prod/prep_price"
    moves = [(one.former, one.id) for one in deployment.renames if one.kind == "mlflow_experiment"]
    assert moves == [("prep_price", "ml_tariff"), ("ml_tariff", "ml_fares")]
    permitted = {(one.former, one.id) for one in deployment.renames if one.kind == "permissions"}
    assert ("experiment_ml_tariff", "experiment_ml_fares") in permitted


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {VALIDATION: "experiment: {}\n" + TASKS},
            "experiment-twice: ml/model/training declares an experiment, which all parts of a flow share "
            "(keep one)",
        ),
        (
            {TRAINING: "experiment: {artefact_location: x}\n" + TASKS},
            "unknown-field: unknown field `artefact_location` in experiment (did you mean `artifact_location`?)",
        ),
        (
            {TRAINING: "experiment: {tags: {team: taxi}}\n" + TASKS},
            "wrong-type: `tags` is a mapping: should be a list",
        ),
        (
            {TRAINING: f"jobs: [{{name: fit, experiment: {{}}, {TASKS.strip()}}}]"},
            "not-by-entry: `experiment` is a field of the flow, not of a job (declare it outside of `jobs`)",
        ),
        (
            {f"{PROJECT}/defaults.yml": "parameters: [{name: experiment, default: x}]"},
            "parameter-taken: parameter `experiment` is set by the deployment to the experiment of each flow (rename yours)",
        ),
        (
            {
                f"{PROJECT}/flows/ml_model/one/deployment.yml": "experiment: {}\n" + TASKS,
                f"{PROJECT}/flows/ml_model/one/a.py": "",
                f"{PROJECT}/flows/ml/model_one/x/deployment.yml": "experiment: {}\n" + TASKS,
                f"{PROJECT}/flows/ml/model_one/x/a.py": "",
            },
            "same-terraform-name: has the same Terraform name as "
            "acme/transport/taxinyc/ml/model_one/x, `ml_model_one` (rename one)",
        ),
    ],
)
def test_an_invalid_experiment_is_reported(findings: Findings, files: dict[str, str], expected: str) -> None:
    assert expected in findings({**PARTS, **files})
