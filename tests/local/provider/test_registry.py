"""The registry of resource types."""

from local.provider.registry import RESOURCE_TYPES
from tests.support.rest_api import schemas


def test_each_resource_type_is_registered_by_its_own_name() -> None:
    assert {name: resource_type.type for name, resource_type in RESOURCE_TYPES.items()} == {
        name: name for name in RESOURCE_TYPES
    }


def test_every_name_in_a_registration_is_in_the_schema_of_its_type() -> None:
    """A misspelled attribute would have no effect."""
    for name, resource_type in RESOURCE_TYPES.items():
        block = schemas().resources[name]
        names = {
            *resource_type.defaults,
            *resource_type.forces_new,
            *resource_type.keep_when_unset,
            *resource_type.recomputed,
        }
        assert names <= {*block.attributes, *block.blocks}, name
