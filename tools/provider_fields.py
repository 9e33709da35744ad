"""Generates the tables in mesh/documents/fields/<toolkit> from its bindings and the SDK: `make fields`."""

from __future__ import annotations

import json
import re
import tarfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import is_dataclass
from enum import Enum
from importlib.util import find_spec
from inspect import isclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

from databricks.sdk.service.compute import ClustersAPI, InstancePoolsAPI
from databricks.sdk.service.jobs import JobsAPI
from databricks.sdk.service.pipelines import PipelinesAPI
from databricks.sdk.service.sql import WarehousesAPI

from local.provider.schema import AttributeType, Block, read_schemas
from mesh.documents.provider_fields import api_name
from mesh.toolkit import Toolkit, toolkit

Table = dict[str, Any]

# Placeholders for a missing value; YAML reads NULL as empty.
_PLACEHOLDERS = ("NULL", "_UNSPECIFIED")

# The API method that creates each resource; its argument types are the field types.
_MADE_BY: Mapping[str, Callable[..., Any]] = {
    "cluster": ClustersAPI.create,
    "instance_pool": InstancePoolsAPI.create,
    "job": JobsAPI.create,
    "pipeline": PipelinesAPI.create,
    "sql_endpoint": WarehousesAPI.create,
}

# Plain text in the SDK. Databricks REST API reference: Pipelines, SQL Warehouses
_DOCUMENTED: Mapping[str, tuple[str, ...]] = {
    "pipeline.channel": ("CURRENT", "PREVIEW"),
    "pipeline.clusters.label": ("default", "maintenance", "updates"),
    "pipeline.edition": ("ADVANCED", "CORE", "PRO"),
    "pipeline.notifications.alerts": (
        "on-flow-failure",
        "on-update-failure",
        "on-update-fatal-failure",
        "on-update-success",
    ),
    "sql_endpoint.cluster_size": (
        "2X-Small",
        "X-Small",
        "Small",
        "Medium",
        "Large",
        "X-Large",
        "2X-Large",
        "3X-Large",
        "4X-Large",
    ),
}


def with_values(resource: str, table: Table) -> Table:
    """Returns the table of a resource with the known values of its fields added."""
    made_by = _MADE_BY.get(resource)
    return _with_values(table, get_type_hints(made_by), resource, resource) if made_by else table


def _with_values(table: Table, types: Mapping[str, Any], block: str, path: str) -> Table:
    extended: Table = {}
    for key, value in table.items():
        name = api_name(key, block)
        kind, inner = _class(types.get(name)), f"{path}.{name}"
        if isinstance(value, dict):
            types_inside = get_type_hints(kind) if is_dataclass(kind) else {}
            extended[key] = _with_values(value, types_inside, name, inner)
        else:
            known = _DOCUMENTED.get(inner) or _enumerated(kind)
            extended[key] = f"{value}: {', '.join(known)}" if known else value
    return extended


def _enumerated(kind: Any) -> list[str]:
    values = [one.value for one in kind] if isclass(kind) and issubclass(kind, Enum) else []
    return sorted(value for value in values if not value.endswith(_PLACEHOLDERS))


def _class(hint: Any) -> Any:
    """Returns the innermost class of a type hint; for mappings, the class of the values."""
    return next((one for one in reversed([*_flat(hint)]) if one is not type(None)), None)


def _flat(hint: Any) -> Iterator[Any]:
    arguments = get_args(hint)
    for argument in arguments:
        yield from _flat(argument)
    if not arguments:
        yield hint


FOLDER = Path(__file__).resolve().parents[1] / "mesh" / "documents" / "fields"
RESOURCES = (
    "catalog",
    "cluster",
    "cluster_policy",
    "external_location",
    "instance_pool",
    "job",
    "mlflow_experiment",
    "pipeline",
    "registered_model",
    "schema",
    "sql_endpoint",
    "storage_credential",
    "volume",
)

# Differences between the classes of cdktf and Terraform (source: changelog of Terraform). `None` removes an
# argument, a type adds one.
_ELSE_IN_TERRAFORM: Mapping[str, Mapping[str, str | None]] = {
    "azurerm": {"use_microsoft_graph": None},
    "gcs": {"storeage_custom_endpoint": None, "storage_custom_endpoint": "string"},
    "s3": {
        **dict.fromkeys(
            (
                "assume_role_policy",
                "assume_role_policy_arns",
                "assume_role_tags",
                "assume_role_transitive_tag_keys",
                "external_id",
                "role_arn",
                "session_name",
                "use_legacy_workflow",
            )
        ),
        "use_lockfile": "bool",
    },
}
_GONE_FROM_TERRAFORM = {"swift"}


def tables(of: Toolkit) -> dict[str, Table]:
    """Returns every table of a toolkit, by its path below the toolkit's folder without suffix."""
    schemas = read_schemas([f"databricks_{name}" for name in RESOURCES], [], of=of)
    resources = {
        f"resources/{name}": with_values(name, _resource(schemas.resources[f"databricks_{name}"]))
        for name in RESOURCES
    }
    return resources | {f"backends/{kind}": table for kind, table in _backends(of).items()}


def text(table: Table) -> str:
    """Returns the content of a table's file."""
    return json.dumps(table, indent=1, sort_keys=True) + "\n"


def write(of: Toolkit) -> None:
    """Writes every table of a toolkit, and removes files without a table."""
    folder = FOLDER / of.name
    written = {folder / f"{name}.json": text(table) for name, table in tables(of).items()}
    for file in {*folder.rglob("*.json")} - written.keys():
        file.unlink()
    for file, content in written.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, "utf-8")


def _resource(block: Block) -> Table:
    table = _block(block)
    table.pop("id", None)  # Terraform's own
    return table


def _block(block: Block) -> Table:
    table: Table = {}
    for name, attribute in block.attributes.items():
        if attribute.required or attribute.optional:
            table[_key(name, required=attribute.required)] = _type(attribute.type)
    for name, nested in block.blocks.items():
        one = nested.nesting == "single" or nested.max_items == 1
        many = "" if one else f"[{nested.max_items or ''}]"
        table[_key(name, required=nested.min_items > 0, many=many)] = _block(nested.block)
    return table


def _key(name: str, *, required: bool, many: str = "") -> str:
    return f"{name}{many}{'!' if required else ''}"


def _type(kind: AttributeType) -> str:
    if isinstance(kind, str):
        return kind
    many, of = kind
    return f"{of}{'{}' if many == 'map' else '[]'}"


def _backends(of: Toolkit) -> dict[str, Table]:
    """The arguments of the toolkit's backend classes, which its jsii assembly describes."""
    types = _assembly(of)["types"]
    tables = {}
    for described in types.values():
        if described.get("base") == f"{of.name}.TerraformBackend":
            kind = described["name"].removesuffix("Backend").lower()
            config = types[described["initializer"]["parameters"][-1]["type"]["fqn"]]
            tables[kind] = _as_in_terraform(kind, _struct(config, types))
    return {kind: table for kind, table in tables.items() if kind not in _GONE_FROM_TERRAFORM}


def _as_in_terraform(kind: str, table: Table) -> Table:
    changes = _ELSE_IN_TERRAFORM.get(kind, {})
    kept = {key: value for key, value in table.items() if key not in changes}
    return kept | {key: value for key, value in changes.items() if value}


def _assembly(of: Toolkit) -> Any:
    # find_spec does not import the package: importing it starts Node.
    spec = find_spec(of.name)
    archive = next(Path(next(iter(spec.submodule_search_locations))).glob("_jsii/*.tgz"))  # type: ignore[union-attr,arg-type]
    with tarfile.open(archive) as files:
        assembly = files.extractfile("package/.jsii")
        assert assembly is not None
        return json.load(assembly)


def _struct(described: Table, types: Mapping[str, Table]) -> Table:
    return {
        _key(_snake_case(one["name"]), required=not one.get("optional")): _jsii_type(one["type"], types)
        for one in described["properties"]
    }


def _jsii_type(described: Table, types: Mapping[str, Table]) -> str | Table:
    match described:
        case {"primitive": "boolean"}:
            return "bool"
        case {"primitive": "any"}:
            return "string"  # a policy, as JSON
        case {"primitive": str(word)}:
            return word
        case {"collection": {"kind": kind, "elementtype": {"primitive": of}}}:
            return f"{of}{'{}' if kind == 'map' else '[]'}"
        case {"fqn": name} if types[name]["kind"] == "interface" and types[name].get("datatype"):
            return _struct(types[name], types)
        case {"fqn": name}:
            return _workspaces([one for one in types.values() if name in one.get("interfaces", ())])
        case {"union": {"types": members}}:
            return _workspaces([types[member["fqn"]] for member in members])
    raise ValueError(f"no such type: {described}")


def _workspaces(classes: list[Table]) -> Table:
    """Returns all arguments of the classes for workspaces of Terraform Cloud."""
    arguments = [one for described in classes for one in described["initializer"]["parameters"]]
    return {_snake_case(one["name"]): _jsii_type(one["type"], {}) for one in arguments}


def _snake_case(name: str) -> str:
    """Returns the Terraform name of a cdktf name, like cdktf's `snakeCase`."""
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()


if __name__ == "__main__":
    write(toolkit())
