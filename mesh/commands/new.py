"""`mesh new`: the folders and files that a new org, domain, project or flow begins with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

import yaml

from mesh.errors import MeshError, OutsideError, UsageError
from mesh.finding import Finding
from mesh.load import DEPLOYMENT_FILE, load
from mesh.model.level import wrong_with_name

NOTEBOOK = "first_table"


class Kind(StrEnum):
    """The levels that a scaffold is made for."""

    ORG = "org"
    DOMAIN = "domain"
    PROJECT = "project"
    FLOW = "flow"


# By kind: what its path looks like, and the folder that its own folder lies in.
_SHAPES = {
    Kind.ORG: "<org>",
    Kind.DOMAIN: "<org>/<domain>",
    Kind.PROJECT: "<org>/<domain>/<project>",
    Kind.FLOW: "<org>/<domain>/<project>/<flowtype>/<flow>",
}
_ABOVE = {Kind.ORG: "orgs", Kind.DOMAIN: "domains", Kind.PROJECT: "projects", Kind.FLOW: "flows"}

_ORG = """\
# What holds for everybody in {name}. Next: `mesh new domain {path}/<domain>`.
{facts}\
# grants: [{{principal: auditors, role: reader}}]  # who may read all data of the org
"""
_DOMAIN = """\
# What holds for the domain {name}. Next: `mesh new project {path}/<project>`.
{facts}\
# grants: [{{principal: analysts, role: reader}}]  # who may read all data of the domain
"""
_PROJECT = """\
# What holds for the project {name}. Next: `mesh new flow {path}/prep/<flow>`.
{facts}\
# grants: [{{principal: finance, role: reader}}]  # who may read the project's data
# volumes: {{landing: {{schema: <flow>}}}}  # files beside tables
"""
_FLOW = """\
# One job. Next: `mesh validate`, then `mesh deploy {project}`.
{facts}\
{schemas}\
tasks:
- task_key: {notebook}  # the notebook of that name beside this file
  serverless: true
# - {{task_key: second_table, serverless: true, depends_on: [{{task_key: {notebook}}}]}}  # and its notebook
# schedule: {{quartz_cron_expression: 0 0 6 * * ?, timezone_id: Europe/Oslo}}  # every day at six
"""
_NOTEBOOK = """\
# Databricks notebook source
# MAGIC %md
# MAGIC # First table
# MAGIC
# MAGIC One small table, written where the deployment says. Next: what your flow makes, in place of the rows.

# COMMAND ----------

# The deployment computes the names once; backticks are for characters such as `-` and `ø`.
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


@dataclass(frozen=True)
class Scaffold:
    """What `mesh new` writes.

    Args:
        files: the text of each new file, by its path from the mesh's root.
        left: files of the level itself that are there already.
        next: the command to go on with.
    """

    files: Mapping[str, str]
    left: tuple[str, ...]
    next: str


@dataclass(frozen=True)
class _Level:
    """One level of the path.

    Args:
        kind: which.
        names: its own; a flow's begin with the flowtype.
        path: where it is in the mesh.
        folder: its folder, from the mesh's root.
    """

    kind: Kind
    names: tuple[str, ...]
    path: str
    folder: PurePosixPath

    @property
    def file(self) -> str:
        name = DEPLOYMENT_FILE if self.kind is Kind.FLOW else f"{self.kind}.yml"
        return (self.folder / name).as_posix()


def scaffold(
    kind: Kind, path: str, root: Path, *, owner: str | None = None, description: str | None = None
) -> Scaffold:
    """What a new `kind` at `path` begins with; levels above it that are missing are part of it.

    Nothing is written, but everything is checked: names, what is there already, and the new files
    themselves, which are read as `mesh validate` reads them.

    Args:
        kind: what is made.
        path: where, as `mesh ls` says it; without the org where `domains/` is at the mesh's root.
        root: the mesh's root; a folder without a mesh becomes one.
        owner: the group that owns it.
        description: what it is for.

    Raises:
        MeshError: a name, or a text, that the mesh does not take.
        UsageError: there cannot be a `kind` at `path`.
    """
    levels = list(_levels(kind, path, _with_orgs(kind, root)))
    _check_names(levels)
    _check_room(levels, root)
    *above, own = levels
    files: dict[str, str] = {}
    for level in above:
        if not (root / level.folder).exists():
            files |= _files(level, levels, {}, root)
    asked = _files(own, levels, {"owner": owner, "description": description}, root)
    left = tuple(file for file in asked if (root / file).exists())
    new = files if own.file in left else files | {k: v for k, v in asked.items() if k not in left}
    if new:
        _check_files(files | asked)
    return Scaffold(new, left, _next(own, levels))


def write(made: Scaffold, root: Path) -> None:
    """Write the scaffold's files; none of them, when one cannot be written.

    Raises:
        OutsideError: the disk or its permissions.
    """
    written: list[Path] = []
    try:
        for file, text in made.files.items():
            path = root / file
            written += _make_folders(path.parent)
            with path.open("x", encoding="utf-8", newline="\n") as stream:
                written.append(path)
                stream.write(text)
    except BaseException as error:
        for path in reversed(written):
            path.rmdir() if path.is_dir() else path.unlink()
        if isinstance(error, OSError):
            why = error.strerror or str(error)
            raise OutsideError(f"cannot write {error.filename}: {why}; nothing was written") from error
        raise


def _make_folders(folder: Path) -> list[Path]:
    """Make the folder and those above it; the ones that are new, from the top."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()][::-1]
    for place in missing:
        place.mkdir()
    return missing


def _with_orgs(kind: Kind, root: Path) -> bool:
    """Whether paths in this mesh begin with an org."""
    if not root.is_dir():
        raise UsageError(f"{root} is no folder (make it first, or name another one with --root)")
    if (root / "orgs").is_dir():
        return True
    if (root / "domains").is_dir():
        if kind is Kind.ORG:
            raise UsageError(
                "domains/ is at the root of this mesh, so that it has no org (begin with a domain)"
            )
        return False
    if above := next((place for place in root.parents if (place / "orgs").is_dir()), None):
        raise UsageError(f"{root} lies in the mesh at {above} (go there, or name it with --root)")
    return True


def _levels(kind: Kind, path: str, with_orgs: bool) -> Iterator[_Level]:
    shape = _SHAPES[kind] if with_orgs else _SHAPES[kind].removeprefix("<org>/")
    names = path.strip("/").split("/")
    expected = shape.count("/") + 1
    if len(names) < expected or (len(names) > expected and kind is not Kind.FLOW):
        raise UsageError(f"`{path}` is no path of a new {kind} (write {shape})")
    folder = PurePosixPath()
    kinds = [each for each in Kind if with_orgs or each is not Kind.ORG]
    for depth, each in enumerate(kinds[: kinds.index(kind) + 1]):
        own = names[depth:] if each is Kind.FLOW else names[depth : depth + 1]
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
    """What is in the way: links and files where folders go, names that differ by case only."""
    for level in levels:
        for place in [*reversed(level.folder.parents), level.folder]:
            path = root / place
            if path.is_symlink():
                raise UsageError(f"{place} is a link, which the mesh does not follow (make it a folder)")
            if path.exists() and not path.is_dir():
                raise UsageError(f"{place} is a file (move it away)")
            if not path.exists() and path.parent.is_dir():
                twins = [p.name for p in path.parent.iterdir() if p.name.lower() == place.name.lower()]
                if twins:
                    message = f"{place} differs from {twins[0]} in capital letters only"
                    raise UsageError(f"{message}, which Unity Catalog does not see (choose another name)")


def _files(
    level: _Level, levels: list[_Level], facts: Mapping[str, str | None], root: Path
) -> dict[str, str]:
    shown = _facts(facts)
    if level.kind is not Kind.FLOW:
        template = {Kind.ORG: _ORG, Kind.DOMAIN: _DOMAIN, Kind.PROJECT: _PROJECT}[level.kind]
        return {level.file: template.format(name=level.names[-1], path=level.path, facts=shown)}
    text = _FLOW.format(
        project=levels[-2].path, facts=shown, schemas=_schemas(level, levels[-2], root), notebook=NOTEBOOK
    )
    return {level.file: text, (level.folder / f"{NOTEBOOK}.py").as_posix(): _NOTEBOOK}


def _facts(facts: Mapping[str, str | None]) -> str:
    """The lines for description and owner; comments that show how, where they are not given."""
    examples = {"description": "What it is for", "owner": "a-team  # the group that owns what is deployed"}
    return "".join(
        yaml.safe_dump({field: facts[field]}, allow_unicode=True, width=10_000)
        if facts.get(field)
        else f"# {field}: {example}\n"
        for field, example in examples.items()
    )


def _schemas(flow: _Level, project: _Level, root: Path) -> str:
    """The line that names the flow's schema, where another flow of the project has that name already."""
    flowtype, name, *_ = flow.names
    flows = (root / project.folder / "flows").glob(f"*/*/**/{DEPLOYMENT_FILE}")
    taken = {file.relative_to(root / project.folder / "flows").parts[:2] for file in flows}
    if any(other.lower() == name.lower() and kind != flowtype for kind, other in taken):
        return f"schemas: [{flowtype}_{name}]  # another flow fills the schema {name}\n"
    return ""


def _check_files(files: Mapping[str, str]) -> None:
    """Read the new files as the mesh will, in a folder of their own."""
    with TemporaryDirectory() as folder:
        place = Path(folder).resolve()
        (place / "orgs").mkdir()
        for file, text in files.items():
            (place / file).parent.mkdir(parents=True, exist_ok=True)
            (place / file).write_text(text, encoding="utf-8", errors="backslashreplace")
        load(place)


def _next(level: _Level, levels: list[_Level]) -> str:
    match level.kind:
        case Kind.FLOW:
            return f"mesh validate && mesh deploy {levels[-2].path} && mesh local run {level.path}"
        case Kind.PROJECT:
            return f"mesh new flow {level.path}/prep/<flow>"
        case kind:
            below = Kind.DOMAIN if kind is Kind.ORG else Kind.PROJECT
            return f"mesh new {below} {level.path}/<{below}>"
