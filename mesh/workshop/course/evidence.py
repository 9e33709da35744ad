"""What the workspace says of a class, read once: the only thing that a task is checked against."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from urllib.parse import unquote

from mesh.model.naming import NameContext, deployment_tag, short_branch, short_ref
from mesh.workshop.student import Student

RunState = Literal["running", "succeeded", "failed", "cancelled"]
Row = tuple[str | None, ...]

PERSONAL_LEVELS = 7  # org, domain, project, environment, user, branch and commit


@dataclass(frozen=True)
class Table:
    """A table of Unity Catalog.

    Args:
        name: its own name.
        columns: their names, in order.
        people: who made it, changed it last and owns it; empty where that is not told.
    """

    name: str
    columns: tuple[str, ...] = ()
    people: frozenset[str] = frozenset()

    def is_by(self, student: Student) -> bool:
        """Whether the student wrote it, as far as the workspace tells."""
        return not self.people or student.email in self.people


@dataclass(frozen=True)
class Identity:
    """Whose deployment a schema belongs to, as its property `datamesh.deployment` says it.

    Args:
        project: `<org>/<domain>/<project>`.
        env: the environment's name.
        user: the e-mail of who deployed it; None where it is everybody's.
        branch: as git spells it.
        commit: in full.
    """

    project: str
    env: str
    user: str | None = None
    branch: str | None = None
    commit: str | None = None


def identity(state_key: str | None) -> Identity | None:
    """What a deployment's state key says; None where it is no key of a project's deployment."""
    levels = [unquote(one) for one in (state_key or "").split("/")]
    if len(levels) not in (PERSONAL_LEVELS - 3, PERSONAL_LEVELS) or not all(levels):
        return None
    user, branch, commit = (*levels[4:], None, None, None)[:3]
    return Identity("/".join(levels[:3]), levels[3], user and user.lower(), branch, commit)


@dataclass(frozen=True)
class Schema:
    """A schema of Unity Catalog.

    Args:
        full_name: catalog and name.
        people: who made it and owns it.
        identity: whose deployment it belongs to, if any.
        tables: what lies in it, where that was looked at.
    """

    full_name: str
    people: frozenset[str] = frozenset()
    identity: Identity | None = None
    tables: tuple[Table, ...] = ()

    @property
    def catalog(self) -> str:
        """The catalog's name."""
        return self.full_name.partition(".")[0]

    @property
    def name(self) -> str:
        """Its own name."""
        return self.full_name.partition(".")[2]

    def table(self, name: str) -> Table | None:
        """The table of a name."""
        return next((one for one in self.tables if one.name.lower() == name), None)


@dataclass(frozen=True)
class Run:
    """A run of a job.

    Args:
        started: when.
        by: who started it: a user's e-mail, or a service principal's application id.
        state: how it is, or how it ended.
        failed: the keys of tasks that failed.
        commit: its parameter `git_commit`.
    """

    started: datetime
    by: str
    state: RunState
    failed: tuple[str, ...] = ()
    commit: str | None = None


@dataclass(frozen=True)
class Job:
    """A deployed job of a flow.

    Args:
        id: its number in the workspace.
        flow: `<org>/<domain>/<project>/<flowtype>/<flow>`, as the paths of its notebooks say.
        made: when.
        by: who made it.
        run_as: who its runs act as.
        tags: its tags.
        schema: the full name of the schema that it fills, as its parameters say.
        runs: the newest first.
    """

    id: int
    flow: str
    made: datetime
    by: str
    run_as: str
    tags: Mapping[str, str]
    schema: str
    runs: tuple[Run, ...] = ()

    @property
    def last_run(self) -> Run | None:
        """The newest run that has ended, or is the only one."""
        ended = (run for run in self.runs if run.state != "running")
        return next(ended, self.runs[0] if self.runs else None)


@dataclass(frozen=True)
class Deployed:
    """A flow that somebody deployed for themselves.

    Args:
        identity: whose it is.
        schema: what it fills.
        job: what fills it; None where there is none.
    """

    identity: Identity
    schema: Schema
    job: Job | None

    @property
    def commit(self) -> str:
        """The commit that was deployed."""
        return self.identity.commit or ""

    @property
    def branch(self) -> str:
        """The branch that it was deployed from."""
        return self.identity.branch or ""

    def well_named(self, student: Student, db: str) -> bool:
        """Whether schema and tags are as the deployment of this student makes them; brickops' templates.

        Args:
            student: whose it should be.
            db: the schema's own name, after all that tells deployments apart.
        """
        context = NameContext(
            self.identity.env, student.user, short_branch(self.branch), short_ref(self.commit)
        )
        tag = deployment_tag(context)
        return self.schema.name == f"{tag}_{db}" and (
            self.job is None or self.job.tags.get("deployment") == tag
        )


@dataclass(frozen=True)
class Evidence:
    """What the workspace says.

    Args:
        at: when it was asked.
        schemas: of the course's catalogs.
        jobs: of the flows that tasks are about, with their runs.
        rows: what is in tables that tasks look into, by the table's full name.
        answers: what queries that tasks ask give, by the query.
        unseen: what the caller may not look at.
    """

    at: datetime
    schemas: tuple[Schema, ...] = ()
    jobs: tuple[Job, ...] = ()
    rows: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    answers: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    unseen: tuple[str, ...] = ()

    def schema(self, full_name: str) -> Schema | None:
        """The schema of a name."""
        return next((one for one in self.schemas if one.full_name.lower() == full_name.lower()), None)

    def own_table(self, student: Student, name: str) -> Table | None:
        """A table of a student's own schema that the student wrote."""
        schema = self.schema(student.schema)
        table = schema and schema.table(name)
        return table if table and table.is_by(student) else None

    def strays(self, student: Student, names: Iterable[str]) -> list[str]:
        """The full names of tables that a student wrote, but not into the own schema."""
        wanted = set(names)
        return [
            f"{schema.full_name}.{table.name}"
            for schema in self.schemas
            if schema.identity is None and schema.full_name.lower() != student.schema.lower()
            for table in schema.tables
            if table.name.lower() in wanted and student.email in table.people
        ]

    def deployed(self, student: Student, flow: str, env: str | None = "dev") -> list[Deployed]:
        """A flow's deployments that are a student's own, the newest first.

        Args:
            student: whose.
            flow: `<org>/<domain>/<project>/<flowtype>/<flow>`.
            env: the environment's name; None means any.
        """
        return [
            one
            for one in self._deployed(flow)
            if one.identity.user == student.email and env in (None, one.identity.env)
        ]

    def commits(self, student: Student, flow: str) -> set[str]:
        """The commits of a flow that a student has in dev, and nobody else has."""
        mine = {one.commit for one in self.deployed(student, flow)}
        return mine - {one.commit for one in self._deployed(flow) if one.identity.user != student.email}

    def production(self, flow: str) -> list[Job]:
        """A flow's jobs in prod."""
        return [one for one in self.jobs if one.flow == flow and one.tags.get("deployment") == "prod"]

    def _deployed(self, flow: str) -> Iterator[Deployed]:
        project, _, name = flow.rsplit("/", 2)
        left = {one.full_name.lower(): one for one in self.schemas if one.identity and one.identity.user}
        for job in sorted(self.jobs, key=lambda one: (one.made, one.id), reverse=True):
            schema = left.pop(job.schema.lower(), None) if job.flow == flow else None
            if schema and schema.identity:
                yield Deployed(schema.identity, schema, job)
        for schema in left.values():  # a deployment that was cut off
            if schema.identity and schema.identity.project == project and schema.name.endswith(f"_{name}"):
                yield Deployed(schema.identity, schema, None)


def is_person(principal: str) -> bool:
    """Whether this is a user's e-mail, rather than a service principal's application id."""
    return "@" in principal
