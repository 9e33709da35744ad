"""The registry of resource types."""

from local.provider.registry import RESOURCE_TYPES
from local.provider.schema import Block
from tests.support.rest_api import schemas


def test_each_resource_type_is_registered_by_its_own_name() -> None:
    assert {name: resource_type.type for name, resource_type in RESOURCE_TYPES.items()} == {
        name: name for name in RESOURCE_TYPES
    }


def test_every_name_in_a_registration_is_in_the_schema_of_its_type() -> None:
    """A misspelled attribute would have no effect."""
    for name, resource_type in RESOURCE_TYPES.items():
        behaviour = resource_type.behaviour
        paths = {
            *behaviour.defaults,
            *behaviour.forces_new,
            *behaviour.computed_blocks,
            *behaviour.suppressed,
            *behaviour.set_keys,
            *behaviour.constraints.values,
            *filter(None, behaviour.constraints.relations),
            *resource_type.not_sent,
            *resource_type.not_read,
        }
        unknown = {path for path in paths if not has(schemas().resources[name], path)}
        assert unknown - NOT_IN_EVERY_TYPE.get(name, set()) == set(), name


def has(block: Block, path: str) -> bool:
    """Return whether a block has the attribute or block of this path."""
    first, _, rest = path.partition(".")
    if not rest:
        return first in block.attributes or first in block.blocks
    return first in block.blocks and has(block.blocks[first].block, rest)


# Shared between types of which some lack an attribute.
NOT_IN_EVERY_TYPE = {
    "databricks_user": {"url"},
    "databricks_group": {"disable_as_user_deletion", "force_delete_home_dir", "force_delete_repos"}
    | {"home", "repos"},
    "databricks_service_principal": {"url"},
    "databricks_storage_credential": set(),
}
