"""The evidence that tasks are checked against: everything read from the workspace, in one pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from mesh.deployment.state_key import StateKey
from mesh.model.naming import NameContext, deployment_tag, short_branch, short_ref
from mesh.workshop.student import Student

RunState = Literal["running", "succeeded", "failed", "cancelled"]
Row = tuple[str | None, ...]


@dataclass(frozen=True)
class Table:
    """A table of Unity Catalog.

    Args:
        name: the table's name, without catalog and schema.
        columns: the column names, in order.
        contributors: e-mails of the users who created, last changed and own it; empty if unknown.
    """

    name: str
    columns: tuple[str, ...] = ()
    contributors: frozenset[str] = frozenset()

    def is_written_by(self, student: Student) -> bool:
        """True if the student wrote the table, as far as the workspace reports it."""
        return not self.contributors or student.email in self.contributors


@dataclass(frozen=True)
class Schema:
    """A schema of Unity Catalog.

    Args:
        full_name: catalog and name.
        contributors: e-mails of the users who created and own it.
        deployment: the deployment that it belongs to, if any.
        tables: its tables; empty if they were not read.
    """

    full_name: str
    contributors: frozenset[str] = frozenset()
    deployment: StateKey | None = None
    tables: tuple[Table, ...] = ()

    @property
    def catalog(self) -> str:
        """The catalog's name."""
        return self.full_name.partition(".")[0]

    @property
    def name(self) -> str:
        """The schema's name, without the catalog."""
        return self.full_name.partition(".")[2]

    def table(self, name: str) -> Table | None:
        """The table of this name, given in lower case."""
        return next((table for table in self.tables if table.name.lower() == name), None)


@dataclass(frozen=True)
class Run:
    """A run of a job, or an update of a pipeline.

    Args:
        started: when the run started.
        started_by: who started it: a user's e-mail, or a service principal's application id; empty for an
            update, because the Pipelines API does not tell.
        state: its current or final state.
        failed: the keys of its failed tasks.
        commit: its parameter `git_commit`.
        tasks: the keys of its tasks, without those that it left out.
    """

    started: datetime
    started_by: str
    state: RunState
    failed: tuple[str, ...] = ()
    commit: str | None = None
    tasks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Job:
    """The deployed job or pipeline of a flow.

    Args:
        id: the job id in the workspace; of a pipeline, its id, which is a text.
        flow: `<org>/<domain>/<project>/<flowtype>/<flow>`, from the paths of its notebooks.
        created: when the job was created; of a pipeline, when its settings were last changed.
        creator: the user or service principal who created it.
        run_as: the user or service principal that its runs use.
        tags: its tags.
        schema: the full name of the schema that it fills, from its parameters.
        runs: its runs or updates, newest first.
    """

    id: int | str
    flow: str
    created: datetime
    creator: str
    run_as: str
    tags: Mapping[str, str]
    schema: str
    runs: tuple[Run, ...] = ()

    @property
    def last_run(self) -> Run | None:
        """The newest run that has ended; if none has, the newest run."""
        ended = (run for run in self.runs if run.state != "running")
        return next(ended, self.runs[0] if self.runs else None)


@dataclass(frozen=True)
class StudentDeployment:
    """A flow in one personal deployment.

    Args:
        deployment: the deployment.
        schema: the schema that the flow fills.
        job: the job that fills it; None if there is none.
    """

    deployment: StateKey
    schema: Schema
    job: Job | None

    @property
    def commit(self) -> str:
        """The deployed commit."""
        return self.deployment.commit or ""

    @property
    def branch(self) -> str:
        """The deployed branch."""
        return self.deployment.branch or ""

    def has_expected_names(self, student: Student, db: str) -> bool:
        """True if schema name and job tags match a deployment by this student.

        Names follow brickops' default templates.

        Args:
            student: the expected deployer.
            db: the last field of the schema's name.
        """
        context = NameContext(
            self.deployment.environment, student.user, short_branch(self.branch), short_ref(self.commit)
        )
        tag = deployment_tag(context)
        return self.schema.name == f"{tag}_{db}" and (
            self.job is None or self.job.tags.get("deployment") == tag
        )


@dataclass(frozen=True)
class Evidence:
    """Everything that tasks are checked against.

    Args:
        read_at: when the workspace was read.
        schemas: the schemas of the course's catalogs.
        jobs: the jobs of the flows that tasks are about, with their runs.
        rows: the rows of the tables that tasks read, by the table's full name: the schema's, then that of the
            table in lower case.
        query_results: the rows of the queries that tasks declare, by query.
        unreadable: schemas and jobs that the caller has no permission to read.
    """

    read_at: datetime
    schemas: tuple[Schema, ...] = ()
    jobs: tuple[Job, ...] = ()
    rows: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    query_results: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    unreadable: tuple[str, ...] = ()

    def schema(self, full_name: str) -> Schema | None:
        """The schema of this full name."""
        return next(
            (schema for schema in self.schemas if schema.full_name.lower() == full_name.lower()), None
        )

    def student_table(self, student: Student, name: str) -> Table | None:
        """The table of this name in the student's schema, if the student wrote it."""
        schema = self.schema(student.schema)
        table = schema and schema.table(name)
        return table if table and table.is_written_by(student) else None

    def misplaced_tables(self, student: Student, names: Iterable[str]) -> list[str]:
        """Full names of tables that the student wrote into a schema other than the student's.

        Args:
            student: the student.
            names: the table names to search for, in lower case.
        """
        expected = set(names)
        return [
            f"{schema.full_name}.{table.name}"
            for schema in self.schemas
            if schema.deployment is None and schema.full_name.lower() != student.schema.lower()
            for table in schema.tables
            if table.name.lower() in expected and student.email in table.contributors
        ]

    def deployments(self, student: Student, flow: str, env: str | None = "dev") -> list[StudentDeployment]:
        """The student's deployments of a flow, the newest first.

        Args:
            student: the student.
            flow: `<org>/<domain>/<project>/<flowtype>/<flow>`.
            env: the environment's name; None means any.
        """
        return [
            flow_deployment
            for flow_deployment in self._all_deployments(flow)
            if flow_deployment.deployment.user == student.email
            and env in (None, flow_deployment.deployment.environment)
        ]

    def exclusive_commits(self, student: Student, flow: str) -> set[str]:
        """The commits of a flow that this student has deployed to dev and no other user has deployed."""
        mine = {each.commit for each in self.deployments(student, flow)}
        others = (each for each in self._all_deployments(flow) if each.deployment.user != student.email)
        return mine - {each.commit for each in others}

    def production_jobs(self, flow: str) -> list[Job]:
        """The flow's jobs in prod."""
        return [job for job in self.jobs if job.flow == flow and job.tags.get("deployment") == "prod"]

    def _all_deployments(self, flow: str) -> Iterator[StudentDeployment]:
        project, _, name = flow.rsplit("/", 2)
        without_job = {
            schema.full_name.lower(): schema
            for schema in self.schemas
            if schema.deployment and schema.deployment.user
        }
        of_flow = [job for job in self.jobs if job.flow == flow]
        for job in sorted(of_flow, key=lambda job: (job.created, job.id), reverse=True):
            schema = without_job.pop(job.schema.lower(), None)
            if schema and schema.deployment:
                yield StudentDeployment(schema.deployment, schema, job)
        for schema in without_job.values():  # from an interrupted deployment
            of_project = schema.deployment and schema.deployment.project == project
            if schema.deployment and of_project and schema.name.endswith(f"_{name}"):
                yield StudentDeployment(schema.deployment, schema, None)


def is_person(principal: str) -> bool:
    """True for a user's e-mail, False for a service principal's application id."""
    return "@" in principal
