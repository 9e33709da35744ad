"""The behaviour of resource types."""

from local.provider.behaviour import Behaviour
from local.provider.schema import Attribute, Block
from local.provider.suppression import ignore_case


def test_positions_and_keys_of_elements_are_not_part_of_an_attributes_name() -> None:
    behaviour = Behaviour(
        defaults={"task.size": 1},
        forces_new=frozenset({"task.key"}),
        computed_blocks=frozenset({"task"}),
        suppressed={"task.key": ignore_case},
    )
    assert behaviour.default(("task", 7, "size")) == 1
    assert behaviour.replaces(("task", "any key", "key"))
    assert behaviour.is_computed(("task",))
    assert behaviour.rule(("task", 0, "key")) is ignore_case
    assert behaviour.rule(("key",)) is None


def test_elements_of_a_set_are_identified_by_content_without_nulls() -> None:
    block = Block({"name": Attribute("string"), "size": Attribute("number")}, {})
    key = Behaviour().block_key_of(("part",), block)
    assert key({"name": "a"}) == key({"name": "a", "size": 0})
    assert key({"name": "a"}) != key({"name": "b"})


def test_behaviours_of_several_paths_are_merged() -> None:
    merged = Behaviour(defaults={"a": 1}).merged(Behaviour(defaults={"b": 2}, forces_new=frozenset({"b"})))
    assert (merged.defaults, merged.forces_new) == ({"a": 1, "b": 2}, frozenset({"b"}))
