"""`mesh new`: creates the first folders and files of an org, domain, project or flow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

import yaml

from mesh.commands.choices import ScaffoldLevel
from mesh.commands.new_files import write_new_files
from mesh.errors import MeshError, UsageError
from mesh.finding import Finding
from mesh.load import load
from mesh.model.flow_tests import TESTS
from mesh.model.level import wrong_with_name
from mesh.reading.project_reader import DEPLOYMENT_FILE

NOTEBOOK = "first_table"


# By level: the form of its path, and the folder that contains its folder.
_SHAPES = {
    ScaffoldLevel.ORG: "<org>",
    ScaffoldLevel.DOMAIN: "<org>/<domain>",
    ScaffoldLevel.PROJECT: "<org>/<domain>/<project>",
    ScaffoldLevel.FLOW: "<org>/<domain>/<project>/<flowtype>/<flow>",
}
_ABOVE = {
    ScaffoldLevel.ORG: "orgs",
    ScaffoldLevel.DOMAIN: "domains",
    ScaffoldLevel.PROJECT: "projects",
    ScaffoldLevel.FLOW: "flows",
}

_ORG = """\
# Settings of the whole org {name}. Next: `mesh new domain {path}/<domain>`.
{facts}\
# grants: [{{principal: auditors, role: reader}}]  # who may read all data of the org
"""
_DOMAIN = """\
# Settings of the domain {name}. Next: `mesh new project {path}/<project>`.
{facts}\
# grants: [{{principal: analysts, role: reader}}]  # who may read all data of the domain
"""
_PROJECT = """\
# Settings of the project {name}. Next: `mesh new flow {path}/prep/<flow>`.
{facts}\
# grants: [{{principal: finance, role: reader}}]  # who may read the project's data
# volumes: {{landing: {{schema: <flow>}}}}  # files next to tables
"""
_FLOW = """\
# One job. Next: `mesh validate`, then `mesh deploy {project}`.
{facts}\
{schemas}\
tasks:
- task_key: {notebook}  # the notebook with this name next to this file
  serverless: true
# - {{task_key: second_table, serverless: true, depends_on: [{{task_key: {notebook}}}]}}  # with its notebook
# schedule: {{quartz_cron_expression: 0 0 6 * * ?, timezone_id: Europe/Oslo}}  # every day at six
"""
_NOTEBOOK = """\
# Databricks notebook source
# MAGIC %md
# MAGIC # First table
# MAGIC
# MAGIC Writes one small table into the deployed schema. Next: replace the rows by the data of your flow.

# COMMAND ----------

# The deployment sets the names; backticks allow characters such as `-` and `ø`.
catalog = dbutils.widgets.get("catalog")
schema = dbutils.widgets.get("schema")
target = f"`{catalog}`.`{schema}`.first_table"

# COMMAND ----------

rows = [("north", 3), ("south", 5), ("west", 8)]
first_table = spark.createDataFrame(rows, "region string, orders bigint")

# COMMAND ----------

first_table.write.mode("overwrite").option("overwriteSchema", True).saveAsTable(target)
display(spark.table(target).sort("region"))
"""

_TEST = """\
\"\"\"The tests of this flow: `mesh test {path}`.

Each test has a schema of its own in the local workspace. docs/flow-tests.md lists the fixtures.
\"\"\"


def test_the_table_has_a_row_for_each_region(run_task, assert_table):
    run_task("{notebook}")

    assert_table(
        "{notebook}",
        [
            {{"region": "north", "orders": 3}},
            {{"region": "south", "orders": 5}},
            {{"region": "west", "orders": 8}},
        ],
    )
"""


@dataclass(frozen=True)
class Scaffold:
    """The files that `mesh new` writes.

    Args:
        files: the text of each new file, by its path relative to the mesh's root.
        existing: files of the level itself that exist already.
        next: the next command.
    """

    files: Mapping[str, str]
    existing: tuple[str, ...]
    next: str


@dataclass(frozen=True)
class _Level:
    """One level of the path.

    Args:
        kind: the kind of level.
        names: the names of its folders; those of a flow begin with the flowtype.
        path: its path in the mesh.
        folder: its folder, relative to the mesh's root.
    """

    kind: ScaffoldLevel
    names: tuple[str, ...]
    path: str
    folder: PurePosixPath

    @property
    def file(self) -> str:
        name = DEPLOYMENT_FILE if self.kind is ScaffoldLevel.FLOW else f"{self.kind}.yml"
        return (self.folder / name).as_posix()


def scaffold(
    kind: ScaffoldLevel, path: str, root: Path, *, owner: str | None = None, description: str | None = None
) -> Scaffold:
    """The first files of a new level and of missing levels above it.

    Nothing is written, but everything is checked: names, existing files, and the content of the new files, as
    `mesh validate` checks it.

    Args:
        kind: the kind of level.
        path: its path, as `mesh ls` prints it; without the org if `domains/` is at the mesh's root.
        root: the mesh's root; a folder without a mesh becomes a mesh.
        owner: the group that owns the level.
        description: the purpose of the level.

    Raises:
        MeshError: a name or a text is not valid in the mesh.
        UsageError: the path is not valid for this kind of level.
    """
    levels = list(_levels(kind, path, _with_orgs(kind, root)))
    _check_names(levels)
    _check_room(levels, root)
    *above, own = levels
    files: dict[str, str] = {}
    for level in above:
        if not (root / level.folder).exists():
            files |= _files(level, levels, {}, root)
    requested = _files(own, levels, {"owner": owner, "description": description}, root)
    existing = tuple(file for file in requested if (root / file).exists())
    new = files if own.file in existing else files | {k: v for k, v in requested.items() if k not in existing}
    if new:
        _check_files(files | requested)
    return Scaffold(new, existing, _next(own, levels))


def write_scaffold(scaffold: Scaffold, root: Path) -> None:
    """Writes all files, or no file if one of them cannot be written.

    Raises:
        OutsideError: a file cannot be written.
    """
    write_new_files({file: text.encode() for file, text in scaffold.files.items()}, root)


def _with_orgs(kind: ScaffoldLevel, root: Path) -> bool:
    """True if paths in this mesh begin with an org."""
    if not root.is_dir():
        raise UsageError(f"{root} is not a folder (create it, or use --root)")
    if (root / "orgs").is_dir():
        return True
    if (root / "domains").is_dir():
        if kind is ScaffoldLevel.ORG:
            raise UsageError("this mesh has domains/ at its root and therefore no orgs (begin with a domain)")
        return False
    if above := next((place for place in root.parents if (place / "orgs").is_dir()), None):
        raise UsageError(f"{root} is in the mesh at {above} (change to that folder, or use --root)")
    return True


def _levels(kind: ScaffoldLevel, path: str, with_orgs: bool) -> Iterator[_Level]:
    shape = _SHAPES[kind] if with_orgs else _SHAPES[kind].removeprefix("<org>/")
    names = path.strip("/").split("/")
    expected = shape.count("/") + 1
    if len(names) < expected or (len(names) > expected and kind is not ScaffoldLevel.FLOW):
        raise UsageError(f"`{path}` is not a path of a new {kind} (write {shape})")
    folder = PurePosixPath()
    kinds = [each for each in ScaffoldLevel if with_orgs or each is not ScaffoldLevel.ORG]
    for depth, each in enumerate(kinds[: kinds.index(kind) + 1]):
        own = names[depth:] if each is ScaffoldLevel.FLOW else names[depth : depth + 1]
        folder = folder.joinpath(_ABOVE[each], *own)
        yield _Level(each, tuple(own), "/".join(names[: depth + len(own)]), folder)


def _check_names(levels: Iterable[_Level]) -> None:
    findings = []
    for level in levels:
        for index, name in enumerate(level.names):
            if wrong := wrong_with_name(name):
                above = level.folder.parents[len(level.names) - index - 1]
                wrong = wrong.replace("rename the folder", "choose another one")
                findings.append(Finding((above / name).as_posix(), 1, 1, "bad-name", wrong))
    if findings:
        raise MeshError(findings)


def _check_room(levels: Iterable[_Level], root: Path) -> None:
    """Refuses links and files in place of folders, and names that differ only in case."""
    for level in levels:
        for place in [*reversed(level.folder.parents), level.folder]:
            path = root / place
            if path.is_symlink():
                raise UsageError(
                    f"{place} is a link, which the mesh does not follow (replace it by a folder)"
                )
            if path.exists() and not path.is_dir():
                raise UsageError(f"{place} is a file (move it)")
            if not path.exists() and path.parent.is_dir():
                twins = [p.name for p in path.parent.iterdir() if p.name.lower() == place.name.lower()]
                if twins:
                    message = f"{place} differs from {twins[0]} only in case"
                    raise UsageError(f"{message}, which Unity Catalog ignores (choose another name)")


def _files(
    level: _Level, levels: list[_Level], facts: Mapping[str, str | None], root: Path
) -> dict[str, str]:
    fact_lines = _facts(facts)
    if level.kind is not ScaffoldLevel.FLOW:
        template = {ScaffoldLevel.ORG: _ORG, ScaffoldLevel.DOMAIN: _DOMAIN, ScaffoldLevel.PROJECT: _PROJECT}[
            level.kind
        ]
        return {level.file: template.format(name=level.names[-1], path=level.path, facts=fact_lines)}
    text = _FLOW.format(
        project=levels[-2].path,
        facts=fact_lines,
        schemas=_schemas(level, levels[-2], root),
        notebook=NOTEBOOK,
    )
    return {
        level.file: text,
        (level.folder / f"{NOTEBOOK}.py").as_posix(): _NOTEBOOK,
        (level.folder / TESTS / f"test_{NOTEBOOK}.py").as_posix(): _TEST.format(
            path=level.path, notebook=NOTEBOOK
        ),
    }


def _facts(facts: Mapping[str, str | None]) -> str:
    """The lines for description and owner; examples as comments if they are not given."""
    examples = {"description": "The purpose", "owner": "a-team  # the group that owns what is deployed"}
    return "".join(
        yaml.safe_dump({field: facts[field]}, allow_unicode=True, width=10_000)
        if facts.get(field)
        else f"# {field}: {example}\n"
        for field, example in examples.items()
    )


def _schemas(flow: _Level, project: _Level, root: Path) -> str:
    """The line that names the flow's schema, if another flow of the project has the same name."""
    flowtype, name, *_ = flow.names
    flows = (root / project.folder / "flows").glob(f"*/*/**/{DEPLOYMENT_FILE}")
    taken = {file.relative_to(root / project.folder / "flows").parts[:2] for file in flows}
    if any(other.lower() == name.lower() and kind != flowtype for kind, other in taken):
        return f"schemas: [{flowtype}_{name}]  # another flow writes the schema {name}\n"
    return ""


def _check_files(files: Mapping[str, str]) -> None:
    """Reads the new files as a mesh, in a temporary folder."""
    with TemporaryDirectory() as folder:
        place = Path(folder).resolve()
        (place / "orgs").mkdir()
        for file, text in files.items():
            (place / file).parent.mkdir(parents=True, exist_ok=True)
            (place / file).write_text(text, encoding="utf-8", errors="backslashreplace")
        load(place)


def _next(level: _Level, levels: list[_Level]) -> str:
    match level.kind:
        case ScaffoldLevel.FLOW:
            return f"mesh validate && mesh deploy {levels[-2].path} && mesh local run {level.path}"
        case ScaffoldLevel.PROJECT:
            return f"mesh new flow {level.path}/prep/<flow>"
        case kind:
            below = ScaffoldLevel.DOMAIN if kind is ScaffoldLevel.ORG else ScaffoldLevel.PROJECT
            return f"mesh new {below} {level.path}/<{below}>"
