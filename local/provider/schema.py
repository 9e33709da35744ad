"""What Terraform may write for each type: the provider's schema, read from the installed bindings."""

from __future__ import annotations

import base64
import importlib.metadata
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

BINDINGS = "cdktf-cdktf-provider-databricks"
PREFIX = "databricks_"

# The bindings keep neither of these. State written here must be readable by the real provider later, so
# the versions are those of its own resources.
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

# Nor these: values that Terraform must not print, and limits.
_SENSITIVE = re.compile(
    "password|token|(azure_)?client_secret|google_credentials|metadata_service_url"
    "|string_value|secret_access_key|private_key"
)
_MAX_ITEMS = {"init_scripts": 10}

Type = str | list[Any]
Nesting = Literal["single", "list", "set"]
Json = dict[str, Any]


@dataclass(frozen=True)
class Attribute:
    """One attribute: its type as Terraform spells it in JSON (`["map", "string"]`), and who sets it."""

    type: Type
    required: bool = False
    optional: bool = False
    computed: bool = False
    sensitive: bool = False


@dataclass(frozen=True)
class NestedBlock:
    """A block inside a block: how often it may stand there (0 = any number of times)."""

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
    """Every schema that the provider serves, by Terraform type."""

    provider: Block
    resources: Mapping[str, Block]
    data_sources: Mapping[str, Block]


def read(resources: Iterable[str], data_sources: Iterable[str], cache: Path | None = None) -> Schemas:
    """Read the schemas of these types from the installed bindings.

    Args:
        resources: Terraform types, such as `databricks_schema`.
        data_sources: the same for data sources.
        cache: a folder in which to keep the result for this version of the bindings.

    Raises:
        OutsideError: the bindings are not installed, or do not look as expected.
    """
    wanted = {"resources": sorted(resources), "data_sources": sorted(data_sources)}
    stored = cache / f"provider-schema-{_version()}.json" if cache else None
    known = _stored(stored, wanted)
    if known is None:
        known = {**wanted, "schemas": _from_bindings(**wanted)}
        if stored:
            _store(stored, known)
    schemas = known["schemas"]
    return Schemas(
        provider=_block(schemas["provider"]),
        resources={name: _block(schemas["resources"][name]) for name in wanted["resources"]},
        data_sources={name: _block(schemas["data_sources"][name]) for name in wanted["data_sources"]},
    )


def _version() -> str:
    try:
        return importlib.metadata.version(BINDINGS)
    except importlib.metadata.PackageNotFoundError as error:
        raise OutsideError(f"{BINDINGS} is not installed: pip install {BINDINGS}") from error


def _stored(file: Path | None, wanted: Json) -> Json | None:
    try:
        known: Json = json.loads(file.read_text("utf-8")) if file else {}
    except (OSError, ValueError):
        return None
    return known if known.items() >= wanted.items() and "schemas" in known else None


def _store(file: Path, known: Json) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(f".{os.getpid()}.part")
    part.write_text(json.dumps(known), "utf-8")
    part.replace(file)


def _block(block: Json) -> Block:
    return Block(
        attributes={name: Attribute(**one) for name, one in block["attributes"].items()},
        blocks={
            name: NestedBlock(**{**one, "block": _block(one["block"])})
            for name, one in block["blocks"].items()
        },
    )


def _archive() -> Path:
    # find_spec does not import the package: importing it starts Node.
    found = importlib.util.find_spec(BINDINGS.replace("-", "_"))
    folders = found.submodule_search_locations if found else None
    archives = [one for folder in folders or [] for one in Path(folder).glob("_jsii/*.tgz")]
    if not archives:
        raise OutsideError(f"{BINDINGS} holds no jsii archive: reinstall it with pip")
    return archives[0]


def _from_bindings(resources: list[str], data_sources: list[str]) -> Json:
    folders = {name: name.removeprefix(PREFIX).replace("_", "-") for name in resources}
    data_folders = {
        name: "data-databricks-" + name.removeprefix(PREFIX).replace("_", "-") for name in data_sources
    }
    sources = typescript({"provider", *folders.values(), *data_folders.values()})
    provider = _root(sources, "provider")
    del provider["attributes"]["alias"]  # Terraform's own
    return {
        "provider": provider,
        "resources": {name: _root(sources, folder) for name, folder in folders.items()},
        "data_sources": {name: _root(sources, folder) for name, folder in data_folders.items()},
    }


def typescript(folders: set[str]) -> dict[str, str]:
    """The bindings' TypeScript by folder of `lib`; the compiled files carry it in their source maps."""
    found: dict[str, str] = {}
    with tarfile.open(_archive()) as archive:
        for member in archive:
            path = member.name.split("/")
            if path[1:2] == ["lib"] and path[2] in folders and member.name.endswith(".js"):
                file = archive.extractfile(member)
                text = file.read().decode() if file else ""
                marker = text.rpartition("sourceMappingURL=data:application/json;base64,")[2].split()
                if marker:
                    source = json.loads(base64.b64decode(marker[0]))["sourcesContent"][0]
                    found[path[2]] = found.get(path[2], "") + source
    return found


_CLASS = re.compile(r"^export class (\w+) extends cdktf\.(\w+) \{", re.M)
_ATTRIBUTE = re.compile(
    r"^  // (\w+) - computed: (true|false), optional: (true|false), required: (true|false)$", re.M
)
_CHILD = re.compile(r"= new (\w+)\(this, \"\w+\"(?:, (true|false))?\)")
_COMPUTED_MAP = re.compile(r"= new cdktf\.(\w+?)Map\(")
_GETTER = re.compile(r"this\.get(\w+?)Attribute\(")
_FIELD = re.compile(r"private _\w+\?: ([\w\[\]]+)")
_ROOTS = {"TerraformResource", "TerraformDataSource", "TerraformProvider"}
_WORDS = {
    "String": "string",
    "Number": "number",
    "Boolean": "bool",
    "string": "string",
    "number": "number",
    "boolean": "bool",
}


def _root(sources: dict[str, str], folder: str) -> Json:
    if folder not in sources:
        raise OutsideError(f"{BINDINGS} {_version()} has no {folder}: another version is needed")
    text = sources[folder]
    parts = _parts(_CLASS, text)
    classes = {head[1]: body for head, body in parts}
    root = next(head[1] for head, _ in parts if head[2] in _ROOTS)
    return _class_block(root, classes)


def _parts(head: re.Pattern[str], text: str) -> list[tuple[re.Match[str], str]]:
    """Each match of `head` with the text that follows it, up to the next match."""
    heads = list(head.finditer(text))
    ends = [one.start() for one in heads[1:]] + [len(text)]
    return [(one, text[one.end() : end]) for one, end in zip(heads, ends, strict=False)]


def _class_block(name: str, classes: dict[str, str]) -> Json:
    attributes: Json = {}
    blocks: Json = {}
    for head, text in _parts(_ATTRIBUTE, classes[name]):
        computed, optional, required = (word == "true" for word in head.group(2, 3, 4))
        child = _CHILD.search(text)
        if child and (optional or required):
            # A block of timeouts that may be left out is called both.
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


def _object_type(child: re.Match[str], classes: dict[str, str]) -> Type:
    element = _class_block(child[1].removesuffix("List") + "OutputReference", classes)
    fields = {name: attribute["type"] for name, attribute in element["attributes"].items()}
    return ["set" if child[2] == "true" else "list", ["object", fields]]


def _type(text: str) -> Type:
    computed_map = _COMPUTED_MAP.search(text)
    if computed_map:
        return ["map", _WORDS[computed_map[1]]]
    getter = _GETTER.search(text)
    if not getter:
        field = _FIELD.search(text)
        word = field[1] if field else "string"
        return ["list", _WORDS[word[:-2]]] if word.endswith("[]") else _WORDS[word]
    word = getter[1]
    if word in _WORDS:
        return _WORDS[word]
    of = word.removesuffix("List").removesuffix("Map")
    many = "map" if word.endswith("Map") else "set" if "Fn.tolist" in text else "list"
    return [many, _WORDS.get(of, "string")]
