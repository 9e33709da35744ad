"""The fields of a pipeline in deployment.yml: the fields and the spelling of the Pipelines API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import PurePosixPath
from posixpath import normpath
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from mesh.documents.document import Document, Location
from mesh.documents.field_rules import AtMostOne, BlockRules
from mesh.documents.provider_fields import Field as ShapeField
from mesh.documents.provider_fields import Shape, shape
from mesh.files.files import FILE, FOLDER, Files
from mesh.finding import Finding
from mesh.model.bundle import REFERENCE
from mesh.model.cluster import RULES, ClusterFields
from mesh.model.flow_file import FlowFile
from mesh.model.job import RUN_AS, job_shape
from mesh.model.notebook import suffix_of
from mesh.model.task_file import TaskFile, check_task_file

# The naming templates decide the target of a pipeline's data; `target` and `storage` are for pipelines
# outside Unity Catalog
_BY_NAMING = ("catalog", "target", "storage")
# Fields that the provider only reads
_OF_THE_WORKSPACE = (
    "cause",
    "cluster_id",
    "creator_user_name",
    "health",
    "last_modified",
    "latest_updates",
    "run_as_user_name",
    "state",
    "timeouts",
    "url",
)
# What starts an update; a continuous pipeline has one that does not end
_STARTS = ("schedule", "trigger")
# brickops' `PipelineConfig`: fields of every pipeline that Terraform does not have, with their only
# valid values
_WITHOUT_EFFECT: Mapping[str, Any] = {"data_sampling": False, "pipeline_type": "WORKSPACE"}
_TASKS = Shape({"pipeline_key": ShapeField("pipeline_key", "pipeline_key", "string", "", required=True)})


# Terraform provider 1.99.0, `databricks_pipeline`
_RULES: Mapping[str, BlockRules] = {
    "pipeline": BlockRules(values={"channel": (), "edition": ()}),
    "ingestion_definition": BlockRules(
        rules=(AtMostOne("connection_name", "ingestion_gateway_id"),), required=("objects",)
    ),
    "notifications": BlockRules(ranges={"alerts": (1, None), "email_recipients": (1, None)}),
    "restart_window": BlockRules(ranges={"start_hour": (0, 23)}),  # Databricks SDK, `pipelines.RestartWindow`
    "run_as": RUN_AS,
}


class PipelineClusterFile(ClusterFields):
    """A cluster of a pipeline; by default Databricks chooses the machines."""

    NAME = "cluster_name"
    NEEDS_NODE: ClassVar[bool] = False

    @classmethod
    def shape(cls) -> Shape:
        """The Pipelines API's `clusters`."""
        return shape("pipeline").inside("clusters").ruled(RULES)


class PipelineFile(FlowFile):
    """A deployment.yml with a pipeline, or one entry of `pipelines`."""

    policy_name: Annotated[str, Field(min_length=1)] | None = None
    """The name of the cluster policy, if the pipeline is not serverless."""

    @classmethod
    def shape(cls) -> Shape:
        """Returns the pipeline's fields that the mesh passes on to Databricks, and brickops' own fields."""
        return pipeline_shape().without(*cls.model_fields)

    def check(self, document: Document, at: Location) -> Iterator[Finding]:
        """Checks its fields, and rejects fields that the mesh sets."""
        yield from super().check(document, at)
        for name in _BY_NAMING:
            if self.passed.get(name) is not None:
                message = f"`{name}` is set by the naming templates and `schema` (remove it)"
                yield document.finding("name-given", (*at, name), message, at_key=True)
        for name in _STARTS if self.passed.get("continuous") is True else ():
            if self.passed.get(name) is not None:
                message = f"the pipeline is continuous and has {name} (keep one)"
                yield document.finding("conflicting-fields", (*at, name), message, at_key=True)
        for name, value in _WITHOUT_EFFECT.items():
            if self.passed.get(name, value) != value:
                message = f"`{name}` is not a field of Terraform's databricks_pipeline (remove it)"
                yield document.finding("unknown-field", (*at, name), message, at_key=True)

    @property
    def own(self) -> dict[str, Any]:
        """The fields of the pipeline itself."""
        known = shape("pipeline").fields
        return {name: value for name, value in self.passed.items() if name in known and value is not None}


@cache
def pipeline_shape() -> Shape:
    """Returns every settable field of a pipeline, and the schedule of its job."""
    known = shape("pipeline").ruled(_RULES)
    clusters = replace(known.fields["clusters"], type=PipelineClusterFile.whole_shape())
    brickops = (
        ShapeField("pipeline_tasks", "pipeline_tasks", _TASKS, "[]"),
        ShapeField("data_sampling", "data_sampling", "bool"),
        ShapeField("pipeline_type", "pipeline_type", "string"),
        ShapeField("git_source", "git_source", shape("job").inside("git_source")),
    )
    schedule = job_shape().fields["schedule"]
    return known.without(*_OF_THE_WORKSPACE).adding(clusters, schedule, *brickops)


# Sources of a pipeline; it needs at least one
SOURCES = ("pipeline_tasks", "libraries", "ingestion_definition", "gateway_definition")

_SUFFIXES = (".py", ".sql")
# Databricks Pipelines API, `libraries`: the field that holds the path, by kind of library
_FIELDS: Mapping[str, str] = {"notebook": "path", "file": "path", "glob": "include"}
_WORDS: Mapping[str, str] = {"notebook": "notebook", "file": "source file", "glob": "glob"}

# All kinds of libraries
_LIBRARIES = (*_FIELDS, "jar", "maven", "whl")

SourceKind = Literal["notebook", "file", "glob"]


@dataclass(frozen=True)
class PipelineSource:
    """One entry of `libraries`, or of brickops' `pipeline_tasks`.

    Args:
        kind: the kind of library; "" for other kinds, such as a wheel.
        written: the name in the file.
        path: from the mesh's root, for a notebook without suffix; None if the file is not in this repository.
        at: the name's position in the document.
        library: the entry as declared.
    """

    kind: SourceKind | Literal[""]
    written: str
    path: PurePosixPath | None
    at: Location
    library: Mapping[str, Any]

    def resolved(self, place: str) -> dict[str, Any]:
        """Returns the library with the workspace path instead of the declared name.

        Args:
            place: the path in the workspace.
        """
        if not self.kind:
            return dict(self.library)
        return {self.kind: {_FIELDS[self.kind]: place}}


def pipeline_sources(declared: Mapping[str, Any], file: str) -> tuple[PipelineSource, ...]:
    """Returns the sources of a pipeline; skips entries of a wrong type.

    Source: brickops' `enrich_tasks`, which adds `pipeline_tasks` to `libraries` as notebooks.

    Args:
        declared: the fields of the pipeline.
        file: its deployment.yml, from the mesh's root.
    """
    folder = PurePosixPath(file).parent
    return (*_libraries(declared, folder), *_tasks(declared, folder))


def _libraries(declared: Mapping[str, Any], folder: PurePosixPath) -> Iterator[PipelineSource]:
    for index, library in entries(declared, "libraries"):
        at: Location = ("libraries", index)
        for kind, field in _FIELDS.items():
            block = library.get(kind)
            written = block.get(field) if isinstance(block, Mapping) else None
            if isinstance(written, str):
                path = None if written.startswith("/") else folder / written
                yield PipelineSource(kind, written, path, (*at, kind, field), library)  # type: ignore[arg-type]
                break
        else:
            yield PipelineSource("", "", None, at, library)


def _tasks(declared: Mapping[str, Any], folder: PurePosixPath) -> Iterator[PipelineSource]:
    for index, task in entries(declared, "pipeline_tasks"):
        key = task.get("pipeline_key")
        if isinstance(key, str):
            at = ("pipeline_tasks", index, "pipeline_key")
            yield PipelineSource("notebook", key, folder / key, at, {})


def check_libraries(declared: Mapping[str, Any], document: Document) -> Iterator[Finding]:
    """Checks that each library has exactly one kind; Databricks would ignore the other kinds."""
    for index, library in entries(declared, "libraries"):
        given = [name for name, value in library.items() if value is not None]
        at: Location = ("libraries", index)
        if set(given) - set(_LIBRARIES):
            continue  # reported already
        if not given:
            message = "the library is empty (add notebook, file, glob or whl)"
            yield document.finding("missing-field", at, message)
        elif len(given) > 1:
            message = f"one library has {' and '.join(given)} (split it into entries)"
            yield document.finding("conflicting-fields", (*at, given[1]), message, at_key=True)


def check_root_path(declared: Mapping[str, Any], document: Document, files: Files) -> Iterator[Finding]:
    """Checks that the folder from which a pipeline imports is in the repository.

    Args:
        declared: the fields of the pipeline.
        document: its deployment.yml.
        files: the files of the mesh.
    """
    written = declared.get("root_path")
    if not isinstance(written, str) or written.startswith("/") or REFERENCE.search(written):
        return
    path = PurePosixPath(normpath(PurePosixPath(document.file).parent / written))
    if files.kind(path.as_posix()) != FOLDER:
        message = f"folder `{path}` does not exist, from which the pipeline imports modules"
        at = ("root_path",)
        yield document.finding("notebook-missing", at, f"{message} (add it, or correct the path)")


def check_source(source: PipelineSource, document: Document, files: Files) -> Iterator[Finding]:
    """Checks a file that a pipeline names, if it must be in this repository.

    Args:
        source: the source that names it.
        document: the deployment.yml.
        files: the files of the mesh.
    """
    if source.path is None:
        return
    if source.kind == "glob":
        yield from _check_glob(source, document, files)
        return
    what = _WORDS[source.kind]
    field = "notebook_path" if source.kind == "notebook" else "path"
    file = TaskFile((), field, source.written, source.path, what, source.at)
    yield from check_task_file(file, document, files)


def _check_glob(source: PipelineSource, document: Document, files: Files) -> Iterator[Finding]:
    assert source.path is not None
    if ".." in source.path.parts:
        message = f"glob `{source.written}` may not leave its folder (no `..`, no leading `/`)"
        yield document.finding("notebook-outside", source.at, message)
        return
    if not any(matching(source.path, files)):
        shown = f"{source.path.parent}/{source.path.name[:60]}"
        message = f"no .py or .sql file matches `{shown}` (add one, or correct the glob)"
        yield document.finding("glob-without-files", source.at, message)


def matching(glob: PurePosixPath, files: Files) -> Iterator[str]:
    """Returns the source files that match a glob, from the mesh's root.

    Source: Databricks documentation, "Pipeline properties reference", `glob`: `folder/**`
    matches all files below the folder.
    """
    pattern = f"{glob}/*" if glob.name == "**" else glob.as_posix()
    try:
        found = sorted(files.below("", pattern), key=lambda file: file.split("/"))
    except ValueError:  # `a**b` is not a valid pattern
        return
    yield from (file for file in found if suffix_of(file) in _SUFFIXES and files.kind(file) == FILE)


def entries(declared: Mapping[str, Any], field: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Returns the mappings in a list with their indexes; skips entries of a wrong type."""
    listed = declared.get(field)
    for index, entry in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(entry, Mapping):
            yield index, entry
