"""The resources of a generated mesh, as one writes them with cdktf and its bindings alone.

`python -O -m tests.bench.plain_cdktf FLOWS OUTPUT`: one stack for ten flows. It is what `make bench` compares
synthesis with.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from datamesh.bindings import Construct, cdktf, databricks
from stacks.write import prepare_node
from tests.bench.meshes import TASKS

COMMIT = "c5c238b7eaaa768d155fef200c994e3b7ca8b875"
URL = "https://github.com/acme/mesh"
IN_STACK = 10


class Flow(Construct):
    """A schema with two grants, and a job of four tasks."""

    def __init__(self, scope: Construct, domain: str, project: str, name: str) -> None:
        super().__init__(scope, name)
        schema = databricks.schema.Schema(
            self,
            "schema",
            catalog_name=domain,
            name=f"dev_olanordmann_main_{name}",
            force_destroy=True,
            properties={"deployment": f"acme/{domain}/{project}/dev"},
        )
        grants = [("readers", ["SELECT", "USE_SCHEMA"]), ("writers", ["MODIFY", "SELECT", "USE_SCHEMA"])]
        databricks.grants.Grants(
            self,
            "grants",
            schema=schema.id,
            grant=[databricks.grants.GrantsGrant(principal=who, privileges=what) for who, what in grants],
        )
        job = databricks.job
        parameters = {"env": "dev", "git_url": URL, "git_branch": "main", "git_commit": COMMIT}
        job.Job(
            self,
            "job",
            name=f"{domain}_{project}_dev_{name}",
            max_concurrent_runs=1,
            depends_on=[schema],
            git_source=job.JobGitSource(url=URL, provider="gitHub", commit=COMMIT),
            queue=job.JobQueue(enabled=False),
            tags={"deployment": "dev", "git_url": URL, "git_branch": "main", "git_commit": COMMIT},
            parameter=[job.JobParameter(name=key, default=value) for key, value in parameters.items()],
            task=[
                job.JobTask(
                    task_key=f"t{number}",
                    depends_on=[job.JobTaskDependsOn(task_key=f"t{number - 1}")] if number else None,
                    notebook_task=job.JobTaskNotebookTask(
                        notebook_path=f"orgs/acme/domains/{domain}/projects/{project}/flows/prep/{name}/t{number}",
                        source="GIT",
                    ),
                )
                for number in range(TASKS)
            ],
        )


def main(flows: int, output: Path) -> None:
    """Writes the stacks."""
    app = cdktf.App(outdir=str(output))
    for start in range(0, flows, IN_STACK):
        number = start // IN_STACK
        domain, project = f"d{number // 10}", f"p{number}"
        stack = cdktf.TerraformStack(app, f"acme-{domain}-{project}-dev")
        cdktf.LocalBackend(stack, path=f"{project}.tfstate")
        databricks.provider.DatabricksProvider(stack, "databricks")
        for flow in range(start, min(start + IN_STACK, flows)):
            Flow(stack, domain, project, f"f{flow}")
    app.synth()


if __name__ == "__main__":
    prepare_node()
    os.environ.pop("NODE_OPTIONS")  # our own acceleration, which plain cdktf does not have
    main(int(sys.argv[1]), Path(sys.argv[2]))
