"""What a deployment.yml may say of a pipeline: every field of the Pipelines API, in its own spelling."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from mesh.documents.document import Document, Location
from mesh.documents.provider_fields import Field as ShapeField
from mesh.documents.provider_fields import Shape, shape
from mesh.finding import Finding
from mesh.model.cluster import ClusterFields
from mesh.model.flow_file import FlowFile
from mesh.model.job import job_shape
from mesh.model.task import TaskFile, check_task_file

# Where a pipeline's data goes is for the naming templates to say; `target` and `storage` are what pipelines
# outside Unity Catalog have instead
_BY_NAMING = ("catalog", "target", "storage")
# Terraform's provider reads these, and nobody sets them
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
# brickops' `PipelineConfig`: what it has for every pipeline and Terraform does not know, with the values
# that it always had
_WITHOUT_EFFECT: Mapping[str, Any] = {"data_sampling": False, "pipeline_type": "WORKSPACE"}
_TASKS = Shape({"pipeline_key": ShapeField("pipeline_key", "pipeline_key", "string", "", required=True)})


class PipelineClusterFile(ClusterFields):
    """A cluster of a pipeline; Databricks chooses machines where nothing is said of them."""

    NAME = "cluster_name"
    NEEDS_NODE: ClassVar[bool] = False

    @classmethod
    def shape(cls) -> Shape:
        """The Pipelines API's `clusters`."""
        return shape("pipeline").inside("clusters")


class PipelineFile(FlowFile):
    """A deployment.yml of a pipeline, or one pipeline of several."""

    policy_name: Annotated[str, Field(min_length=1)] | None = None
    """The cluster policy of its cluster, by name, where it is not serverless."""

    @classmethod
    def shape(cls) -> Shape:
        """The fields of the pipeline that only Databricks gives a meaning, and brickops' own."""
        return pipeline_shape().without(*cls.model_fields)

    def check(self, document: Document, at: Location) -> Iterator[Finding]:
        """What is wrong with its fields, and with those that are not for it to say."""
        yield from super().check(document, at)
        for name in _BY_NAMING:
            if self.passed.get(name) is not None:
                message = f"`{name}` is for the naming templates and `schema` to say (remove it)"
                yield document.finding("name-given", (*at, name), message, at_key=True)
        for name, value in _WITHOUT_EFFECT.items():
            if self.passed.get(name, value) != value:
                message = f"`{name}` is no field of Terraform's databricks_pipeline (remove it)"
                yield document.finding("unknown-field", (*at, name), message, at_key=True)

    @property
    def own(self) -> dict[str, Any]:
        """The fields of the pipeline itself."""
        known = shape("pipeline").fields
        return {name: value for name, value in self.passed.items() if name in known and value is not None}


@cache
def pipeline_shape() -> Shape:
    """Every field of a pipeline that can be said, with the schedule that a job has for it."""
    known = shape("pipeline")
    clusters = replace(known.fields["clusters"], type=PipelineClusterFile.whole_shape())
    brickops = (
        ShapeField("pipeline_tasks", "pipeline_tasks", _TASKS, "[]"),
        ShapeField("data_sampling", "data_sampling", "bool"),
        ShapeField("pipeline_type", "pipeline_type", "string"),
        ShapeField("git_source", "git_source", job_shape().inside("git_source")),
    )
    schedule = job_shape().fields["schedule"]
    return known.without(*_OF_THE_WORKSPACE).adding(clusters, schedule, *brickops)


# What a pipeline is made of, of which it needs one; a job has libraries only beside a task
SOURCES = ("pipeline_tasks", "libraries", "ingestion_definition", "gateway_definition")

_SUFFIXES = (".py", ".sql")
# Databricks Pipelines API, `libraries`: which field of a library names what
_FIELDS: Mapping[str, str] = {"notebook": "path", "file": "path", "glob": "include"}
_WORDS: Mapping[str, str] = {"notebook": "notebook", "file": "source file", "glob": "glob"}

# All that a library may be
_LIBRARIES = (*_FIELDS, "jar", "maven", "whl")

Kind = Literal["notebook", "file", "glob"]


@dataclass(frozen=True)
class PipelineSource:
    """One entry of `libraries`, or of brickops' `pipeline_tasks`.

    Args:
        kind: what kind of library names it; "" for what is none of these, such as a wheel.
        written: the name as the file says it.
        path: from the mesh's root; a notebook's has no suffix. None when it is not in this repository.
        at: where the name stands in its document.
        library: the entry as declared.
    """

    kind: Kind | Literal[""]
    written: str
    path: PurePosixPath | None
    at: Location
    library: Mapping[str, Any]

    def resolved(self, place: str) -> dict[str, Any]:
        """The library with another name in place of the written one.

        Args:
            place: where it is in the workspace.
        """
        if not self.kind:
            return dict(self.library)
        return {self.kind: {_FIELDS[self.kind]: place}}


def pipeline_sources(declared: Mapping[str, Any], file: str) -> tuple[PipelineSource, ...]:
    """All that a pipeline is made of; entries of a wrong type are told elsewhere.

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
    """Each library is one thing: of several, Databricks would get one."""
    for index, library in entries(declared, "libraries"):
        given = [name for name, value in library.items() if value is not None]
        at: Location = ("libraries", index)
        if set(given) - set(_LIBRARIES):
            continue  # told already
        if not given:
            message = "the library names nothing (add notebook, file, glob or whl)"
            yield document.finding("missing-field", at, message)
        elif len(given) > 1:
            message = f"one library has {' and '.join(given)} (make an entry of each)"
            yield document.finding("conflicting-fields", (*at, given[1]), message, at_key=True)


def check_source(source: PipelineSource, document: Document, root: Path) -> Iterator[Finding]:
    """What is wrong with a file that a pipeline names, where it has to be in this repository.

    Args:
        source: what it names.
        document: the deployment.yml.
        root: the mesh's root.
    """
    if source.path is None:
        return
    if source.kind == "glob":
        yield from _check_glob(source, document, root)
        return
    what = _WORDS[source.kind]
    field = "notebook_path" if source.kind == "notebook" else "path"
    file = TaskFile((), field, source.written, source.path, what, source.at)
    yield from check_task_file(file, document, root)


def _check_glob(source: PipelineSource, document: Document, root: Path) -> Iterator[Finding]:
    assert source.path is not None
    if ".." in source.path.parts:
        message = f"glob `{source.written}` may not leave its folder (no `..`, no leading `/`)"
        yield document.finding("notebook-outside", source.at, message)
        return
    if not any(matching(source.path, root)):
        shown = f"{source.path.parent}/{source.path.name[:60]}"
        message = f"no .py or .sql file matches `{shown}` (add one, or correct the glob)"
        yield document.finding("glob-without-files", source.at, message)


def matching(glob: PurePosixPath, root: Path) -> Iterator[Path]:
    """The source files that a glob means.

    Source: Databricks documentation, "Pipeline properties reference", `glob`: a folder with `/**` behind is
    all that lies below it.
    """
    pattern = f"{glob}/*" if glob.name == "**" else glob.as_posix()
    try:
        found = sorted(root.glob(pattern))
    except (ValueError, OSError):  # `a**b` is no pattern, and no file has a name that long
        return
    yield from (path for path in found if path.suffix in _SUFFIXES and path.is_file())


def entries(declared: Mapping[str, Any], field: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The entries of a list, each with where it stands there; those of a wrong type are told elsewhere."""
    listed = declared.get(field)
    for index, one in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(one, Mapping):
            yield index, one
