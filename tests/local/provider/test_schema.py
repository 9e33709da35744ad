"""The schema from the bindings equals that of the real provider."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from local.provider import schema
from local.provider.data_sources import DATA_SOURCES
from local.provider.registry import RESOURCE_TYPES
from local.provider.schema import Block
from mesh.toolkit import CDKTF, Toolkit, toolkit


def described_by(of: Toolkit) -> Path:
    """The schema of the real provider, if the file exists on this machine."""
    return Path(__file__).parents[4] / "shared" / "data" / f"databricks-{of.provider}-schema.json"


# The chosen toolkit if the schema of its provider is there
OF = toolkit() if described_by(toolkit()).exists() else CDKTF
REAL = described_by(OF)


def terraform_schema(block: Block) -> dict[str, Any]:
    """Convert a block to the form of `terraform providers schema -json`, without descriptions."""
    attributes = {
        name: {
            "type": item.type,
            **{
                flag: True
                for flag in ("required", "optional", "computed", "sensitive")
                if getattr(item, flag)
            },
        }
        for name, item in block.attributes.items()
    }
    blocks = {
        name: {
            "nesting_mode": item.nesting,
            **({"min_items": item.min_items} if item.min_items else {}),
            **({"max_items": item.max_items} if item.max_items else {}),
            "block": terraform_schema(item.block),
        }
        for name, item in block.blocks.items()
    }
    return {"attributes": attributes, "block_types": blocks}


def without_descriptions(block: dict[str, Any]) -> dict[str, Any]:
    """Remove descriptions and deprecations, which the bindings lack.

    Attributes with attributes inside, of the plugin framework, are blocks in the bindings: code in JSON and
    states are the same for both.
    """
    prose = {"description", "description_kind", "deprecated", "deprecation_message"}
    attributes = {
        name: {key: value for key, value in item.items() if key not in prose}
        for name, item in block.get("attributes", {}).items()
        if "nested_type" not in item
    }
    blocks = {
        name: {**item, "block": without_descriptions(item["block"])}
        for name, item in block.get("block_types", {}).items()
    }
    for name, item in block.get("attributes", {}).items():
        if nested := item.get("nested_type"):
            inner = without_descriptions({"attributes": nested["attributes"]})
            blocks[name] = {"nesting_mode": nested["nesting_mode"], "block": inner}
    return {"attributes": attributes, "block_types": blocks}


def tighten(cluster_info: dict[str, Any]) -> None:
    """The known difference: the real data source prints a password and knows no limit of init scripts."""
    cluster_info["init_scripts"]["max_items"] = 10
    login = cluster_info["docker_image"]["block"]["block_types"]["basic_auth"]
    login["block"]["attributes"]["password"]["sensitive"] = True


def real() -> dict[str, Any]:
    """The real provider's own description; of a schema and a group where the file is not there."""
    if REAL.exists():
        described: dict[str, Any] = json.loads(REAL.read_text("utf-8"))
        return described
    text = {"type": "string", "optional": True}
    computed = {**text, "computed": True}
    directory = {
        "delete_recursive": {"type": "bool", "optional": True},
        "id": computed,
        "object_id": {"type": "number", "optional": True, "computed": True},
        "path": {"type": "string", "required": True},
        "workspace_path": {"type": "string", "computed": True},
    }
    return {"resource_schemas": {"databricks_directory": {"version": 0, "block": {"attributes": directory}}}}


def test_every_schema_equals_that_of_the_real_provider() -> None:
    """Names, types, computed and required flags, nesting, limits, secrets and versions are equal."""
    described = real()
    resources = RESOURCE_TYPES.keys() if REAL.exists() else described["resource_schemas"].keys()
    data_sources = DATA_SOURCES.keys() if REAL.exists() else set()
    ours = schema.read_schemas(resources, data_sources, of=OF)
    for kind in resources:
        theirs = described["resource_schemas"][kind]
        assert terraform_schema(ours.resources[kind]) == without_descriptions(theirs["block"]), kind
        assert schema.VERSIONS.get(kind, 0) == theirs["version"], kind
    for kind in data_sources:
        block = without_descriptions(described["data_source_schemas"][kind]["block"])
        if kind == "databricks_cluster":
            tighten(block["block_types"]["cluster_info"]["block"]["block_types"])
        assert terraform_schema(ours.data_sources[kind]) == block, kind


def test_the_provider_block_equals_that_of_the_real_provider() -> None:
    """It has host and token, the token is sensitive, and no attribute is required."""
    ours = terraform_schema(schema.read_schemas([], [], of=OF).provider)
    if REAL.exists():
        assert ours == without_descriptions(real()["provider"]["block"])
    assert ours["attributes"]["host"] == {"type": "string", "optional": True}
    assert ours["attributes"]["token"] == {"type": "string", "optional": True, "sensitive": True}


def test_a_cached_schema_equals_the_original(tmp_path: Path) -> None:
    """A broken cache file is ignored."""
    fresh = schema.read_schemas(["databricks_job"], ["databricks_job"], tmp_path)
    (file,) = tmp_path.iterdir()
    before = file.stat()
    os.utime(file, ns=(0, 0))
    assert schema.read_schemas(["databricks_job"], ["databricks_job"], tmp_path) == fresh
    assert file.stat().st_mtime_ns == 0
    file.write_text("{")
    assert schema.read_schemas(["databricks_job"], ["databricks_job"], tmp_path) == fresh
    assert file.stat().st_size == before.st_size


def test_a_cache_of_other_types_is_not_used(tmp_path: Path) -> None:
    """A new resource type is served without deleting the cache."""
    schema.read_schemas(["databricks_job"], [], tmp_path)
    assert set(schema.read_schemas(["databricks_group"], [], tmp_path).resources) == {"databricks_group"}


def test_a_type_that_is_missing_in_the_bindings_is_reported() -> None:
    """The error names the type, and the package and version of the bindings."""
    with pytest.raises(schema.OutsideError, match=rf"{toolkit().distribution} .* has no no-such"):
        schema.read_schemas(["databricks_no_such"], [])


def test_the_version_of_the_provider_is_that_of_the_bindings() -> None:
    """A failure means that the bindings were updated without `Toolkit.provider`."""
    (text,) = schema.read_typescript({"provider"}, CDKTF).values()
    assert f"providerVersion: '{CDKTF.provider}'" in text
