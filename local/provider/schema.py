"""The provider's schemas, read from the installed bindings of the chosen toolkit."""

from __future__ import annotations

import base64
import importlib.util
import json
import os
import re
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from mesh.errors import OutsideError
from mesh.toolkit import Toolkit, toolkit

PREFIX = "databricks_"

# Schema versions of the real provider, which the bindings lack. State that is written here must be readable
# by the real provider.
VERSIONS = {
    "databricks_cluster": 4,
    "databricks_job": 2,
    "databricks_secret_scope": 2,
    "databricks_cluster_policy": 1,
    "databricks_notebook": 1,
    "databricks_repo": 1,
    "databricks_workspace_binding": 1,
    "databricks_workspace_file": 1,
}

# Also missing in the bindings: values that Terraform must not print, and limits.
_SENSITIVE = re.compile(
    "password|token|(azure_)?client_secret|google_credentials|metadata_service_url"
    "|string_value|secret_access_key|private_key"
)
_MAX_ITEMS = {"init_scripts": 10}

AttributeType = str | list[Any]
Nesting = Literal["single", "list", "set"]
Json = dict[str, Any]


@dataclass(frozen=True)
class Attribute:
    """One attribute: its type in Terraform's JSON form (`["map", "string"]`), and who may set it."""

    type: AttributeType
    required: bool = False
    optional: bool = False
    computed: bool = False
    sensitive: bool = False


@dataclass(frozen=True)
class NestedBlock:
    """A block inside a block, and how often it may occur (`max_items` 0: no limit)."""

    block: Block
    nesting: Nesting
    min_items: int = 0
    max_items: int = 0


@dataclass(frozen=True)
class Block:
    """Attributes and nested blocks by name."""

    attributes: Mapping[str, Attribute]
    blocks: Mapping[str, NestedBlock]


@dataclass(frozen=True)
class Schemas:
    """The schemas that the provider serves, by Terraform type."""

    provider: Block
    resources: Mapping[str, Block]
    data_sources: Mapping[str, Block]


def read_schemas(
    resources: Iterable[str],
    data_sources: Iterable[str],
    cache: Path | None = None,
    of: Toolkit | None = None,
) -> Schemas:
    """Read the schemas of these types from the installed bindings.

    Args:
        resources: Terraform types, such as `databricks_schema`.
        data_sources: the same for data sources.
        cache: a folder to cache the result in, per version of the bindings.
        of: the toolkit of the bindings; None takes the chosen one.

    Raises:
        OutsideError: the bindings are not installed, or have an unexpected form.
    """
    requested = {"resources": sorted(resources), "data_sources": sorted(data_sources)}
    of = of or toolkit()
    cache_file = cache / f"provider-schema-{of.name}-{of.installed_version()}.json" if cache else None
    cached = _read_cache(cache_file, requested)
    if cached is None:
        cached = {**requested, "schemas": _from_bindings(of, **requested)}
        if cache_file:
            _write_cache(cache_file, cached)
    schemas = cached["schemas"]
    return Schemas(
        provider=_block(schemas["provider"]),
        resources={name: _block(schemas["resources"][name]) for name in requested["resources"]},
        data_sources={name: _block(schemas["data_sources"][name]) for name in requested["data_sources"]},
    )


def _read_cache(file: Path | None, requested: Json) -> Json | None:
    try:
        cached: Json = json.loads(file.read_text("utf-8")) if file else {}
    except (OSError, ValueError):
        return None
    return cached if cached.items() >= requested.items() and "schemas" in cached else None


def _write_cache(file: Path, cached: Json) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(f".{os.getpid()}.part")
    part.write_text(json.dumps(cached), "utf-8")
    part.replace(file)


def _block(block: Json) -> Block:
    return Block(
        attributes={name: Attribute(**element) for name, element in block["attributes"].items()},
        blocks={
            name: NestedBlock(**{**element, "block": _block(element["block"])})
            for name, element in block["blocks"].items()
        },
    )


def _archive(of: Toolkit) -> Path:
    of.installed_version()
    # find_spec does not import the package: importing it starts Node.
    spec = importlib.util.find_spec(of.bindings)
    folders = spec.submodule_search_locations if spec else None
    archives = [element for folder in folders or [] for element in Path(folder).glob("_jsii/*.tgz")]
    if not archives:
        raise OutsideError(f"{of.distribution} contains no jsii archive: reinstall it with pip")
    return archives[0]


def _from_bindings(of: Toolkit, resources: list[str], data_sources: list[str]) -> Json:
    folders = {name: name.removeprefix(PREFIX).replace("_", "-") for name in resources}
    data_folders = {
        name: "data-databricks-" + name.removeprefix(PREFIX).replace("_", "-") for name in data_sources
    }
    sources = read_typescript({"provider", *folders.values(), *data_folders.values()}, of)
    provider = _root_block(sources["provider"])
    del provider["attributes"]["alias"]  # an attribute of Terraform, not of the provider
    return {
        "provider": provider,
        "resources": {name: _root_block(sources[folder]) for name, folder in folders.items()},
        "data_sources": {name: _root_block(sources[folder]) for name, folder in data_folders.items()},
    }


def read_typescript(folders: set[str], of: Toolkit) -> dict[str, str]:
    """Return the bindings' TypeScript by folder of `lib`, from the source maps of the compiled files.

    Raises:
        OutsideError: the bindings are not installed, or lack a folder.
    """
    sources: dict[str, str] = {}
    with tarfile.open(_archive(of)) as archive:
        for member in archive:
            path = member.name.split("/")
            if path[1:2] == ["lib"] and path[2] in folders and member.name.endswith(".js"):
                file = archive.extractfile(member)
                text = file.read().decode() if file else ""
                marker = text.rpartition("sourceMappingURL=data:application/json;base64,")[2].split()
                if marker:
                    source = json.loads(base64.b64decode(marker[0]))["sourcesContent"][0]
                    sources[path[2]] = sources.get(path[2], "") + source
    if missing := ", ".join(sorted(folders - sources.keys())):
        raise OutsideError(
            f"{of.distribution} {of.installed_version()} has no {missing}: install the pinned version"
        )
    return sources


_CLASS = re.compile(r"^export class (\w+) extends cdkt[fn]\.(\w+) \{", re.M)
_ATTRIBUTE = re.compile(
    r"^  // (\w+) - computed: (true|false), optional: (true|false), required: (true|false)$", re.M
)
_CHILD = re.compile(r"= new (\w+)\(this, \"\w+\"(?:, (true|false))?\)")
_COMPUTED_MAP = re.compile(r"= new cdkt[fn]\.(\w+?)Map\(")
_GETTER = re.compile(r"this\.get(\w+?)Attribute\(")
_FIELD = re.compile(r"private _\w+\?: ([\w\[\]]+)")
_ROOTS = {"TerraformResource", "TerraformDataSource", "TerraformProvider"}
_PRIMITIVES = {
    "String": "string",
    "Number": "number",
    "Boolean": "bool",
    "string": "string",
    "number": "number",
    "boolean": "bool",
}


def _root_block(text: str) -> Json:
    parts = _sections(_CLASS, text)
    classes = {head[1]: body for head, body in parts}
    root = next(head[1] for head, _ in parts if head[2] in _ROOTS)
    return _class_block(root, classes)


def _sections(head: re.Pattern[str], text: str) -> list[tuple[re.Match[str], str]]:
    """Return each match of `head` with the text between it and the next match."""
    heads = list(head.finditer(text))
    ends = [element.start() for element in heads[1:]] + [len(text)]
    return [(element, text[element.end() : end]) for element, end in zip(heads, ends, strict=False)]


def _class_block(name: str, classes: dict[str, str]) -> Json:
    attributes: Json = {}
    blocks: Json = {}
    for head, text in _sections(_ATTRIBUTE, classes[name]):
        computed, optional, required = (flag == "true" for flag in head.group(2, 3, 4))
        child = _CHILD.search(text)
        if child and (optional or required):
            # An optional `timeouts` block is marked optional and required.
            nested = _nested(child, classes, required and not optional)
            blocks[head[1]] = {**nested, "max_items": nested["max_items"] or _MAX_ITEMS.get(head[1], 0)}
            continue
        kind = _object_type(child, classes) if child else _type(text)
        attributes[head[1]] = {
            "type": kind,
            "required": required,
            "optional": optional,
            "computed": computed,
            "sensitive": bool(_SENSITIVE.fullmatch(head[1])),
        }
    return {"attributes": attributes, "blocks": blocks}


def _nested(child: re.Match[str], classes: dict[str, str], required: bool) -> Json:
    name, is_set = child.group(1, 2)
    many = name.endswith("List") and f"{name.removesuffix('List')}OutputReference" in classes
    element = f"{name.removesuffix('List')}OutputReference" if many else name
    listed = many or "super(terraformResource, terraformAttribute, false, 0)" in classes[name]
    nesting: Nesting = "single" if not listed else "set" if is_set == "true" else "list"
    return {
        "block": _class_block(element, classes),
        "nesting": nesting,
        "min_items": int(required),
        "max_items": 1 if listed and not many else 0,
    }


def _object_type(child: re.Match[str], classes: dict[str, str]) -> AttributeType:
    element = _class_block(child[1].removesuffix("List") + "OutputReference", classes)
    fields = {name: attribute["type"] for name, attribute in element["attributes"].items()}
    return ["set" if child[2] == "true" else "list", ["object", fields]]


def _type(text: str) -> AttributeType:
    computed_map = _COMPUTED_MAP.search(text)
    if computed_map:
        return ["map", _PRIMITIVES[computed_map[1]]]
    getter = _GETTER.search(text)
    if not getter:
        field = _FIELD.search(text)
        type_name = field[1] if field else "string"
        return ["list", _PRIMITIVES[type_name[:-2]]] if type_name.endswith("[]") else _PRIMITIVES[type_name]
    type_name = getter[1]
    if type_name in _PRIMITIVES:
        return _PRIMITIVES[type_name]
    of = type_name.removesuffix("List").removesuffix("Map")
    many = "map" if type_name.endswith("Map") else "set" if "Fn.tolist" in text else "list"
    return [many, _PRIMITIVES.get(of, "string")]
