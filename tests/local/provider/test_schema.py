"""The schema read from the bindings is the real provider's."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from local.provider import VERSION, schema
from local.provider.data_sources import DATA_SOURCES
from local.provider.resources import RESOURCES
from local.provider.schema import Block

# What the real provider says of itself, where that file is there.
REAL = Path(__file__).parents[4] / "shared" / "data" / "databricks-1.99.0-schema.json"


def as_the_real_one_says(block: Block) -> dict[str, Any]:
    """The block in the form of `terraform providers schema -json`, without its prose."""
    attributes = {
        name: {
            "type": one.type,
            **{
                flag: True for flag in ("required", "optional", "computed", "sensitive") if getattr(one, flag)
            },
        }
        for name, one in block.attributes.items()
    }
    blocks = {
        name: {
            "nesting_mode": one.nesting,
            **({"min_items": one.min_items} if one.min_items else {}),
            **({"max_items": one.max_items} if one.max_items else {}),
            "block": as_the_real_one_says(one.block),
        }
        for name, one in block.blocks.items()
    }
    return {"attributes": attributes, "block_types": blocks}


def without_prose(block: dict[str, Any]) -> dict[str, Any]:
    """The real block without descriptions and deprecations, which the bindings do not carry."""
    prose = {"description", "description_kind", "deprecated", "deprecation_message"}
    attributes = {
        name: {key: value for key, value in one.items() if key not in prose}
        for name, one in block.get("attributes", {}).items()
    }
    blocks = {
        name: {**one, "block": without_prose(one["block"])}
        for name, one in block.get("block_types", {}).items()
    }
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


def test_every_type_served_is_as_the_real_provider_has_it() -> None:
    """Names, types, who sets them, nesting, limits, secrets and versions are all the same."""
    described = real()
    resources = RESOURCES.keys() & described["resource_schemas"].keys()
    data_sources = DATA_SOURCES.keys() & described.get("data_source_schemas", {}).keys()
    ours = schema.read(resources, data_sources)
    for kind in resources:
        theirs = described["resource_schemas"][kind]
        assert as_the_real_one_says(ours.resources[kind]) == without_prose(theirs["block"]), kind
        assert schema.VERSIONS.get(kind, 0) == theirs["version"], kind
    for kind in data_sources:
        block = without_prose(described["data_source_schemas"][kind]["block"])
        if kind == "databricks_cluster":
            tighten(block["block_types"]["cluster_info"]["block"]["block_types"])
        assert as_the_real_one_says(ours.data_sources[kind]) == block, kind


def test_the_provider_block_is_as_the_real_provider_has_it() -> None:
    """Host and token are there, the token is not to be printed, and nothing is required."""
    ours = as_the_real_one_says(schema.read([], []).provider)
    if REAL.exists():
        assert ours == without_prose(real()["provider"]["block"])
    assert ours["attributes"]["host"] == {"type": "string", "optional": True}
    assert ours["attributes"]["token"] == {"type": "string", "optional": True, "sensitive": True}


def test_a_cached_schema_is_the_same(tmp_path: Path) -> None:
    """What is read from the cache equals what is read from the bindings; a broken cache is not used."""
    fresh = schema.read(["databricks_job"], ["databricks_job"], tmp_path)
    (file,) = tmp_path.iterdir()
    before = file.stat()
    os.utime(file, ns=(0, 0))
    assert schema.read(["databricks_job"], ["databricks_job"], tmp_path) == fresh
    assert file.stat().st_mtime_ns == 0
    file.write_text("{")
    assert schema.read(["databricks_job"], ["databricks_job"], tmp_path) == fresh
    assert file.stat().st_size == before.st_size


def test_a_cache_of_other_types_is_not_used(tmp_path: Path) -> None:
    """A new row in the table is served at once, whatever was cached before."""
    schema.read(["databricks_job"], [], tmp_path)
    assert set(schema.read(["databricks_group"], [], tmp_path).resources) == {"databricks_group"}


def test_a_type_that_the_bindings_do_not_have_is_named() -> None:
    """The error says which type is missing and of what."""
    with pytest.raises(schema.OutsideError, match=r"cdktf-cdktf-provider-databricks .* has no no-such"):
        schema.read(["databricks_no_such"], [])


def test_the_version_asked_for_is_the_one_of_the_bindings() -> None:
    """Where this fails, the bindings were changed and `VERSION` was not."""
    (text,) = schema.typescript({"provider"}).values()
    assert f"providerVersion: '{VERSION}'" in text
