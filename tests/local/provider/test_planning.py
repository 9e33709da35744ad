"""Plans of resources: unknown values and replacements."""

from typing import Any

from local.provider.planning import ResourcePlan, plan_resource
from local.provider.schema import Attribute, Block, NestedBlock
from local.provider.values import UNKNOWN

INNER = Block({"given": Attribute("string", optional=True), "made": Attribute("string", computed=True)}, {})
BLOCK = Block(
    {
        "name": Attribute("string", required=True),
        "place": Attribute("string", optional=True),
        "id": Attribute("string", optional=True, computed=True),
        "size": Attribute("number", optional=True),
    },
    {"part": NestedBlock(INNER, "list")},
)


def planned(prior: dict[str, Any] | None, proposed: dict[str, Any]) -> ResourcePlan:
    """Plan an object with an immutable place, an id that contains the name, and the default size 1."""
    return plan_resource(
        prior,
        proposed,
        BLOCK,
        defaults={"size": 1},
        forces_new=frozenset({"place"}),
        recomputed={"name": ("id",)},
    )


def value(**attributes: Any) -> dict[str, Any]:
    """Return an object with all attributes."""
    return {"name": "n", "place": None, "id": None, "size": None, "part": [], **attributes}


def test_computed_values_are_unknown_at_creation() -> None:
    """Computed nulls become unknown, also inside blocks; defaults are applied."""
    result = planned(None, value(part=[{"given": "x", "made": None}]))
    assert result.state == value(id=UNKNOWN, size=1, part=[{"given": "x", "made": UNKNOWN}])


def test_an_equal_configuration_is_no_change() -> None:
    """The plan equals the prior state."""
    prior = value(id="1", size=1)
    assert planned(prior, value(id="1")) == ResourcePlan(prior)


def test_an_immutable_attribute_requires_replacement() -> None:
    """The plan names the attribute."""
    assert planned(value(id="1", size=1, place="a"), value(id="1", place="b")).requires_replacement == (
        "place",
    )


def test_an_id_that_contains_the_name_is_unknown_if_the_name_changes() -> None:
    """References to the id are then planned again."""
    result = planned(value(id="n", size=1), value(id="n", name="new"))
    assert result == ResourcePlan(value(id=UNKNOWN, size=1, name="new"))


def test_equal_json_keeps_its_spelling() -> None:
    """Another order of keys is no change."""
    prior = value(id="1", size=1, name='{"a":1,"b":2}')
    assert planned(prior, value(id="1", name='{"b": 2, "a": 1}')) == ResourcePlan(prior)


def test_empty_values_equal_unset_ones_after_an_import() -> None:
    """An import omits empty values: setting them explicitly is no change."""
    assert planned(value(id="1", size=1), value(id="1", place="")) == ResourcePlan(value(id="1", size=1))
