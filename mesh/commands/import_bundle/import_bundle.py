"""`mesh import bundle`: writes flows for the jobs and pipelines of a Databricks bundle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from mesh.commands.choices import ScaffoldLevel
from mesh.commands.import_bundle.bundle_folder import bundle_folder
from mesh.commands.import_bundle.deployment_text import with_overrides
from mesh.commands.import_bundle.fields import Conversion
from mesh.commands.import_bundle.files import flow_files
from mesh.commands.import_bundle.flow_plan import PlannedFlow, folder_name, planned_data, planned_flows
from mesh.commands.import_bundle.generated_check import checked
from mesh.commands.import_bundle.job import job_fields
from mesh.commands.import_bundle.node import Node, Place
from mesh.commands.import_bundle.own_names import OwnNames
from mesh.commands.import_bundle.pipeline import pipeline_fields
from mesh.commands.import_bundle.project_data import (
    compute_fields,
    data_fields,
    project_fields,
    report_other_resources,
)
from mesh.commands.import_bundle.project_place import ProjectPlace, missing_part, project_place
from mesh.commands.import_bundle.references import References
from mesh.commands.import_bundle.remarks import Remarks
from mesh.commands.import_bundle.source import Bundle, read_bundle
from mesh.commands.import_bundle.target_environments import environments_of, report_settings_of_bundle
from mesh.commands.new import scaffold
from mesh.errors import MeshError
from mesh.finding import Finding
from mesh.reading.project_reader import DEPLOYMENT_FILE

_PRESETS = ("tags", "jobs_max_concurrent_runs", "trigger_pause_status", "pipelines_development")


@dataclass(frozen=True)
class Import:
    """What `mesh import bundle` writes.

    Args:
        project: the path of the project.
        files: the content of each new file, by its path relative to the mesh's root.
        kept: files of the import that exist already.
        flows: the paths of the imported flows.
        remarks: what was not taken, or in another form.
    """

    project: str
    files: Mapping[str, bytes]
    kept: tuple[str, ...]
    flows: tuple[str, ...]
    remarks: tuple[Finding, ...]

    @property
    def next(self) -> str:
        """The next command."""
        return f"mesh validate && mesh deploy {self.project}"

    def as_json(self) -> dict[str, Any]:
        """The import for scripts, without the content of files."""
        return {
            "project": self.project,
            "flows": list(self.flows),
            "files": list(self.files),
            "kept": list(self.kept),
            "findings": [asdict(remark) for remark in self.remarks],
        }


def import_bundle(
    path: Path,
    root: Path,
    into: str | None = None,
    *,
    target: str | None = None,
    variables: Mapping[str, str] | None = None,
    flowtype: str = "prep",
) -> Import:
    """Returns the files for the jobs and pipelines of a bundle. Nothing is written.

    Args:
        path: the bundle's folder, or its databricks.yml.
        root: the mesh's root.
        into: the path of the project; by default a project with the bundle's name in the only domain.
        target: the target whose values hold where no environment differs; by default the bundle's own.
        variables: values of the bundle's variables.
        flowtype: the type of the flows.

    Raises:
        MeshError: the bundle has errors, or the flows would.
        UsageError: there is no such bundle or target, or no place for the project.
    """
    folder = bundle_folder(path)
    remarks = Remarks(folder.prefix)
    bundle = read_bundle(folder, target, remarks)
    if remarks.errors:
        raise MeshError(remarks.errors)
    place = project_place(root, into, folder_name(bundle.name))
    importer = _Importer(bundle, place, variables or {}, flowtype, remarks)
    made = importer.made()
    if remarks.errors:
        raise MeshError(remarks.errors)
    return made


class _Importer:
    """One import: the bundle in each of its targets, and the files that come from it."""

    def __init__(
        self,
        bundle: Bundle,
        place: ProjectPlace,
        variables: Mapping[str, str],
        flowtype: str,
        remarks: Remarks,
    ) -> None:
        self.bundle, self.place, self.remarks = bundle, place, remarks
        self.variables, self.flowtype = variables, flowtype
        self.environments = environments_of(bundle, place.environments, remarks)
        self.targets = (bundle.targets[0], *(name for name in self.environments if name != bundle.targets[0]))
        contents = {name: bundle.target(name) for name in self.targets}
        everything = self._with_all_resources(contents)
        self.flows = planned_flows(everything, f"{place.path}/{flowtype}")
        self.data = planned_data(everything, self.flows)
        self.conversions = {name: self._conversion(name, contents[name]) for name in self.targets}
        self.libs: dict[PurePosixPath, PurePosixPath] = {}
        self.kept: list[str] = []

    @property
    def base(self) -> Conversion:
        """The bundle in its first target."""
        return self.conversions[self.targets[0]]

    def made(self) -> Import:
        """Returns the import, after all checks."""
        for conversion in self.conversions.values():
            report_settings_of_bundle(conversion.content, _PRESETS, self.remarks)
        report_other_resources(self.base)
        if not self.flows:
            self._report_no_flows()
            return Import(self.place.path, {}, (), (), ())
        declared = {flow: self._declared(flow) for flow in self.flows.values()}
        files: dict[str, bytes] = {}
        trees: dict[str, Node] = {}
        for flow, (fields, _) in declared.items():
            trees[self._file(flow)] = fields
        for file, tree in self._of_project({flow: fields for flow, (fields, _) in declared.items()}):
            trees[file] = tree
        if not self.remarks.errors:
            for flow, (_, code) in declared.items():
                files |= self._code(flow, code)
            files |= self._libs()
            files |= self._checked(files, trees)
        return Import(
            self.place.path,
            dict(sorted(files.items(), key=lambda one: (one[0].count("/"), one[0]))),
            tuple(sorted(self.kept)),
            tuple(flow.path for flow in self.flows.values()),
            tuple(self.remarks.warnings),
        )

    def _report_no_flows(self) -> None:
        content = self.bundle.content
        python = content.get("python") or content.get("experimental", "python")
        what, remedy = "the bundle has no jobs and no pipelines", "add one"
        if python:
            what += " in YAML, but Python code that defines them"
            remedy = "write them as YAML; `databricks bundle validate --output json` prints them"
        self.remarks.wrong((python or content).place, what, remedy)

    def _with_all_resources(self, contents: Mapping[str, Node]) -> Node:
        """The content of the first target, with the jobs and pipelines that only other targets have."""
        first, *others = contents.items()
        content = first[1]
        for target, other in others:
            for kind in ("jobs", "pipelines"):
                for key, node in other.child("resources", kind).fields.items():
                    if content.get("resources", kind, key) is None:
                        what = f"`{kind}.{key}` is declared for target `{target}` only"
                        self.remarks.changed(node.place, what, "the flow is deployed in every environment")
                        more = content.child("resources", kind).having(**{key: node})
                        content = content.having(resources=content.child("resources").having(**{kind: more}))
        return content

    def _conversion(self, target: str, content: Node) -> Conversion:
        references = References(content, target, self.variables, self.remarks)
        return Conversion(
            self.bundle.folder, content, self.flows, self.data, references.resolved, self.remarks
        )

    def _declared(self, flow: PlannedFlow) -> tuple[Node, Mapping[PurePosixPath, PurePosixPath]]:
        """The fields of a flow's deployment.yml, and the files beside it by their sources."""
        reads: dict[str, str] = {}
        by_target = {
            name: self._fields(flow, conversion, reads)
            for name, conversion in self.conversions.items()
            if conversion.content.get("resources", flow.kind, flow.key)
        }
        files = flow_files(by_target.values(), self.bundle.folder, self.remarks)
        self.libs |= files.libs
        first, *_ = by_target
        trees = {name: files.rendered(tree) for name, tree in by_target.items()}
        base = trees[first]
        data = data_fields(flow, self.base, reads)
        base = Node({**base.fields, **data.fields}, base.place)
        several = sum(one.kind == "pipelines" for one in self.flows.values()) > 1
        if flow.kind == "pipelines" and several and base.get("allow_duplicate_names") is None:
            trees = {name: tree.having(allow_duplicate_names=tree.new(True)) for name, tree in trees.items()}
            base = base.having(allow_duplicate_names=base.new(True))
        others = {self.environments[name]: tree for name, tree in trees.items() if name in self.environments}
        others = {name: tree for name, tree in others.items() if name != self.environments.get(first)}
        fields = with_overrides(base, others, flow.kind, self.remarks)
        return fields, {path: files.in_flow(path) for path in files.files}

    def _fields(self, flow: PlannedFlow, conversion: Conversion, reads: dict[str, str]) -> Node:
        if flow.kind == "pipelines":
            return pipeline_fields(flow, conversion)
        experiments = self.bundle.content.child("resources", "experiments").fields
        texts = {
            one.child("name").text: key for key, one in experiments.items() if "${" in one.child("name").text
        }
        own = OwnNames(flow, self.data, texts, self.remarks, reads)
        return job_fields(flow, conversion, own)

    def _of_project(self, flows: Mapping[PlannedFlow, Node]) -> Iterator[tuple[str, Node]]:
        """Yields project.yml and compute.yml, if the bundle declares something for them."""
        schemas = {}
        for flow, fields in flows.items():
            own = fields.child("schemas").fields
            schemas[flow] = next(iter(own), fields.child("schema").text or flow.name)
        for file, fields in (
            ("project.yml", project_fields(self.base, schemas)),
            ("compute.yml", compute_fields(self.base)),
        ):
            if fields.fields:
                yield f"{self.place.folder}/{file}", fields

    def _file(self, flow: PlannedFlow) -> str:
        return f"{self.place.folder}/flows/{self.flowtype}/{flow.name}/{DEPLOYMENT_FILE}"

    def _code(self, flow: PlannedFlow, code: Mapping[PurePosixPath, PurePosixPath]) -> dict[str, bytes]:
        """The files of a flow, unless the flow exists."""
        file = self._file(flow)
        if (self.place.root / file).exists():
            return {}
        folder = PurePosixPath(file).parent
        return {
            (folder / to).as_posix(): (self.bundle.folder.root / path).read_bytes()
            for path, to in code.items()
        }

    def _libs(self) -> dict[str, bytes]:
        """The modules that flows import and the project shares."""
        files: dict[str, bytes] = {}
        for to, path in self.libs.items():
            file = f"{self.place.folder}/libs/{to}"
            content = (self.bundle.folder.root / path).read_bytes()
            where = Place(path.as_posix())
            if not (self.place.root / file).exists():
                files[file] = content
                now = (
                    'in `libs/` of the project; notebooks need `sys.path.append(dbutils.widgets.get("libs"))`'
                )
                self.remarks.changed(where, f"`{path}`, which a file of another folder imports", now)
            elif (self.place.root / file).read_bytes() != content:
                self.remarks.not_taken(where, f"{file} exists with another content", "merge them by hand")
        return files

    def _checked(self, files: Mapping[str, bytes], trees: Mapping[str, Node]) -> dict[str, bytes]:
        """The YAML files that do not exist yet, as `mesh validate` accepts them."""
        root = self.place.root
        made = scaffold(ScaffoldLevel.PROJECT, self.place.path, root)
        levels = {file: text.encode() for file, text in made.files.items()}
        new: dict[str, Node] = {}
        for file, tree in trees.items():
            if not (root / file).exists():
                new[file] = tree
                continue
            self.kept.append(file)
            if not file.endswith(DEPLOYMENT_FILE):
                for name, one in missing_part(tree, root / file, root):
                    self.remarks.not_taken(
                        one.place, f"{file} exists already and lacks `{name}`", "add it there"
                    )
        if not new and not files:
            return levels
        headers = {file: made.files.get(file) or f"# {self._origin(file)}\n" for file in new}
        return levels | checked(self.place, {**levels, **files}, new, headers, self.remarks)

    def _origin(self, file: str) -> str:
        """Where the content of a new file is from."""
        flow = next((flow for flow in self.flows.values() if self._file(flow) == file), None)
        if flow is None:
            return f"From the bundle {self.bundle.name}."
        source = self.base.content.get("resources", flow.kind, flow.key)
        at = source.place.file if source else self.bundle.folder.file
        what = flow.kind.removesuffix("s").capitalize()
        return f"{what} `{flow.key}` of the bundle {self.bundle.name}, from its {at}. Next: `mesh validate`."
