"""Fields of a bundle in the spelling of deployment.yml."""

from __future__ import annotations

from tests.mesh.commands.import_bundle.conftest import JOB, Importer, Refused


def job(fields: str, above: str = "") -> str:
    return above + JOB.replace("load:\n", f"load:\n      {fields}\n")


def test_permissions_of_bundle_and_job_are_one_list(imported: Importer) -> None:
    above = """\
permissions:
- {level: CAN_RUN, group_name: team}
- {level: CAN_VIEW, group_name: users}
- {level: CAN_MANAGE, user_name: "${workspace.current_user.userName}"}
- {level: CAN_MANAGE, group_name: admins}
"""
    made = imported(job("permissions: [{level: CAN_MANAGE, group_name: users}]", above))

    assert made.flow()["permissions"] == [
        {"group_name": "team", "permission_level": "CAN_MANAGE_RUN"},
        {"group_name": "users", "permission_level": "CAN_MANAGE"},
    ]
    assert made.remarks == []


def test_run_as_the_deployer_is_the_default(imported: Importer) -> None:
    above = 'run_as: {user_name: "${workspace.current_user.userName}"}\n'

    assert "run_as" not in imported(job("timeout_seconds: 60", above)).flow()
    assert imported(job("run_as: {user_name: kari@acme.example}", above)).flow()["run_as"] == {
        "user_name": "kari@acme.example"
    }


def test_what_only_a_bundle_can_compute_is_left_out_with_our_word(imported: Importer) -> None:
    made = imported(job("tags: {home: '${workspace.root_path}', a: b}"))

    assert made.flow()["tags"] == {"a": "b"}
    assert made.remarks == [
        "5: not taken: `home` contains `${workspace.root_path}`, which only a bundle replaces "
        "(write the path relative to the folder of deployment.yml)"
    ]


def test_prose_may_contain_references(imported: Importer) -> None:
    made = imported(job("description: to ${workspace.root_path}"))

    assert made.remarks == []


def test_tags_of_presets_are_tags_of_every_job(imported: Importer) -> None:
    made = imported(job("tags: {a: own}", "presets: {tags: {a: preset, b: preset}}\n"))

    assert made.flow()["tags"] == {"a": "own", "b": "preset"}


def test_a_field_that_jobs_do_not_have_is_told(imported: Importer) -> None:
    made = imported(job("shade: x\n      max_concurent_runs: 2"))

    assert made.remarks == [
        "5: not taken: `shade` is not a field of a job (the mesh's provider does not know it)",
        "6: not taken: `max_concurent_runs` is not a field of a job (did you mean `max_concurrent_runs`?)",
    ]


def test_libraries_and_dependencies_are_files_of_the_flow(imported: Importer) -> None:
    text = """\
resources:
  jobs:
    load:
      environments:
      - environment_key: e
        spec:
          client: "2"
          dependencies: [pandas==2.2, ./dist/a.whl, "-r requirements.txt", "${workspace.file_path}/dist/a.whl", "--editable ."]
      tasks:
      - {task_key: w, environment_key: e, python_wheel_task: {package_name: a, entry_point: b}}
      - task_key: l
        existing_cluster_id: c
        libraries: [{whl: dist/*.whl}, {pypi: {package: x}}, {jar: "dbfs:/x.jar"}]
        notebook_task: {notebook_path: load}
"""
    made = imported(text, {"dist/a.whl": "", "requirements.txt": "pandas\n"})
    flow = made.flow()

    assert flow["environments"][0]["spec"]["dependencies"] == [
        "pandas==2.2", "dist/a.whl", "-r requirements.txt", "dist/a.whl",
    ]  # fmt: skip
    assert flow["tasks"][1]["libraries"] == [
        {"whl": "dist/*.whl"},
        {"pypi": {"package": "x"}},
        {"jar": "dbfs:/x.jar"},
    ]
    assert [one for one in made.remarks if "installs the bundle's folder" in one]


def test_a_task_that_runs_a_job_of_no_bundle_is_an_error(refused: Refused) -> None:
    text = JOB.replace(
        "notebook_task: {notebook_path: load.py}", 'run_job_task: {job_id: "${resources.jobs.x.id}"}'
    )

    assert refused(text) == [
        "5: bundle-invalid: `${resources.jobs.x.id}` is not in the bundle (declare it, or correct the name)"
    ]


def test_a_command_cannot_be_left_out_but_its_reference_may_be_given(
    imported: Importer, refused: Refused
) -> None:
    task = "dbt_task: {project_directory: dbt, commands: ['dbt run --x ${workspace.current_user.short_name}'], warehouse_id: w}"
    text, files = (
        JOB.replace("notebook_task: {notebook_path: load.py}", task),
        {"dbt/dbt_project.yml": "name: x\n"},
    )
    name = "workspace.current_user.short_name"

    assert refused(text, files) == [
        f"5: bundle-invalid: `commands` contains `${{{name}}}`, which only a bundle replaces "
        f"(give its value: --var {name}=VALUE)"
    ]
    made = imported(text, files, variables={name: "ola"})
    assert made.task()["dbt_task"]["commands"] == ["dbt run --x ola"]
