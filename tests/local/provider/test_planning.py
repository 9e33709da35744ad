"""Plans of resources: unknown values, replacements, and what a list loses."""

from typing import Any

from local.provider.behaviour import Behaviour
from local.provider.planning import ResourcePlan, plan_resource
from local.provider.schema import Attribute, Block, NestedBlock
from local.provider.suppression import platform_default
from local.provider.values import UNKNOWN

INNER = Block({"given": Attribute("string", optional=True), "made": Attribute("string", computed=True)}, {})
BLOCK = Block(
    {
        "name": Attribute("string", required=True),
        "place": Attribute("string", optional=True),
        "id": Attribute("string", optional=True, computed=True),
        "size": Attribute("number", optional=True),
        "emails": Attribute(["list", "string"], optional=True),
    },
    {"part": NestedBlock(INNER, "list")},
)
BEHAVIOUR = Behaviour(
    defaults={"size": 1},
    forces_new=frozenset({"place"}),
    suppressed={"emails": platform_default("emails")},
)


def planned(prior: dict[str, Any] | None, proposed: dict[str, Any]) -> ResourcePlan:
    """Plan an object with an immutable place and the default size 1."""
    return plan_resource(prior, proposed, BLOCK, BEHAVIOUR)


def value(**attributes: Any) -> dict[str, Any]:
    """Return an object with all attributes."""
    return {"name": "n", "place": None, "id": None, "size": None, "emails": None, "part": [], **attributes}


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


def test_differences_between_null_and_zero_alone_are_no_change() -> None:
    """Nor is an empty list where the state has none."""
    prior = value(id="1", size=1)
    assert planned(prior, value(id="1", place="", emails=[])) == ResourcePlan(prior)


def test_a_part_that_is_added_or_removed_keeps_the_others() -> None:
    one, two = {"given": "1", "made": "a"}, {"given": "2", "made": "b"}
    prior = value(id="1", size=1, part=[one, two])
    assert planned(prior, value(id="1", part=[one])).state["part"] == [one]
    longer = planned(prior, value(id="1", part=[one, two, {"given": "3", "made": None}])).state["part"]
    assert longer == [one, two, {"given": "3", "made": None}]


def test_the_last_address_of_a_list_leaves_an_empty_text() -> None:
    """The length is a default of the workspace, and its elements are not."""
    prior = value(id="1", size=1, emails=["a@x.no"])
    assert planned(prior, value(id="1")).state["emails"] == [""]
