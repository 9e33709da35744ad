"""Students and evidence, for tests of a class's progress."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from mesh.deployment.identity import Identity
from mesh.deployment.state_key import parse_state_key
from mesh.workshop.course.evidence import Evidence, Job, Run, RunState, Schema, Table
from mesh.workshop.student import Student

NOW = datetime(2026, 11, 24, 9, 42, 5, tzinfo=UTC)
ADA = Student("ada.lovelace@acme.example", "Ada Lovelace", "red", "feat-gh1615-assisi")
BO = Student("bo.king@acme.example", "Bo King", None, "feat-gh2110-lyon")
ROBOT = "7f1c0d6e-2f5b-4d0c-9a58-3c1e6b7d9a10"
PROJECT = "acme/transport/taxinyc"
FLOW = f"{PROJECT}/prep/revenue"
CATALOG = "acme_transport_taxinyc"
FIRST, SECOND, OTHER = "5bd01c2f" + "0" * 32, "a1b2c3d4" + "0" * 32, "0badc0de" + "0" * 32


def table(name: str, *columns: str, by: Student = ADA) -> Table:
    """A table that a student wrote."""
    return Table(name, columns, frozenset({by.email}))


def own_schema(*tables: Table, of: Student = ADA, name: str | None = None) -> Schema:
    """A schema of the catalog `training`; the student's schema unless it has another name."""
    return Schema(name or of.schema, frozenset({of.email}), None, tables)


def run(
    state: RunState = "succeeded",
    *failed: str,
    commit: str | None = None,
    by: str = ADA.email,
    minutes: int = 0,
) -> Run:
    """A run that started this many minutes after NOW."""
    return Run(NOW + timedelta(minutes=minutes), by, state, failed, commit)


def dev(
    *runs: Run,
    commit: str = FIRST,
    of: Student = ADA,
    branch: str | None = None,
    env: str = "dev",
    columns: Iterable[str] = (),
    minutes: int = 0,
) -> tuple[Schema, Job]:
    """A deployment of the flow to dev: its schema and its job."""
    branch = of.branch if branch is None else branch
    tag = f"{env}_{of.user}_{branch.replace('-', '')}_{commit[:8]}"
    tables = (table("revenue_by_borough", *columns, by=of),) if columns else ()
    deployment = parse_state_key("/".join([PROJECT, env, *Identity(of.email, branch, commit).key]))
    schema = Schema(f"{CATALOG}.{tag}_revenue", frozenset({of.email}), deployment, tables)
    tags = {"deployment": tag, "git_branch": branch, "git_commit": commit}
    created = NOW + timedelta(minutes=minutes)
    number = int(commit[:6], 16) + len(env) * 10 + len(branch)
    return schema, Job(number, FLOW, created, of.email, of.email, tags, schema.full_name, runs)


def prod(*runs: Run, commit: str = SECOND, run_as: str = ROBOT) -> tuple[Schema, Job]:
    """The flow in prod: its shared schema and its shared job."""
    schema = Schema(f"{CATALOG}.revenue", frozenset({ROBOT}), parse_state_key(f"{PROJECT}/prod"))
    tags = {"deployment": "prod", "git_branch": "main", "git_commit": commit}
    return schema, Job(7, FLOW, NOW, BO.email, run_as, tags, schema.full_name, runs)


def evidence(*objects: Schema | tuple[Schema, Job], **more: object) -> Evidence:
    """Evidence with these schemas and deployments."""
    pairs = [one for one in objects if isinstance(one, tuple)]
    schemas = [one for one in objects if isinstance(one, Schema)] + [schema for schema, _ in pairs]
    return replace(Evidence(NOW, tuple(schemas), tuple(job for _, job in pairs)), **more)
