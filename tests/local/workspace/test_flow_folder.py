"""The flow of a job or pipeline, by the paths of its files."""

import pytest

from local.workspace.flow_folder import flow_name, folder_of_job, folder_of_pipeline

FOLDER = "orgs/acme/domains/transport/projects/taxinyc/flows/prep/revenue"


@pytest.mark.parametrize(
    "task",
    [
        {"notebook_task": {"notebook_path": f"/Users/ola/mesh/x/{FOLDER}/a"}},
        {"notebook_task": {"notebook_path": f"{FOLDER}/a", "source": "GIT"}},
        {"spark_python_task": {"python_file": f"/Workspace/{FOLDER}/a.py"}},
        {"sql_task": {"file": {"path": f"/Users/ola/{FOLDER}/a.sql"}}},
        {"dbt_task": {"project_directory": f"/Users/ola/{FOLDER}"}},
        {"for_each_task": {"task": {"notebook_task": {"notebook_path": f"/x/{FOLDER}/a"}}}},
    ],
    ids=lambda task: next(iter(task)),
)
def test_a_job_belongs_to_the_flow_of_its_files(task):
    assert folder_of_job({"tasks": [{"run_job_task": {"job_id": 1}}, task]}) == FOLDER
    assert flow_name(FOLDER) == "acme/transport/taxinyc/prep/revenue"


def test_a_pipeline_belongs_to_the_flow_of_its_sources():
    libraries = [{"maven": {"coordinates": "a:b:1"}}, {"file": {"path": f"/x/{FOLDER}/a.py"}}]

    assert folder_of_pipeline({"libraries": libraries}) == FOLDER


def test_what_somebody_created_by_hand_belongs_to_no_flow():
    assert folder_of_job({"tasks": [{"notebook_task": {"notebook_path": "/Users/ola/orgs/a"}}]}) == ""
    assert folder_of_job({"tasks": None}) == folder_of_pipeline({}) == ""
