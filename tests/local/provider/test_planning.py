"""What a plan leaves open, and what it replaces."""

from typing import Any

from local.provider.planning import Plan, plan
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


def planned(prior: dict[str, Any] | None, proposed: dict[str, Any]) -> Plan:
    """A plan where the place is fixed, the id follows the name, and the size is 1 unless set."""
    return plan(
        prior,
        proposed,
        BLOCK,
        defaults={"size": 1},
        forces_new=frozenset({"place"}),
        follows={"name": ("id",)},
    )


def value(**given: Any) -> dict[str, Any]:
    """A whole object."""
    return {"name": "n", "place": None, "id": None, "size": None, "part": [], **given}


def test_what_the_workspace_decides_is_unknown_when_created() -> None:
    """Nulls that are computed become unknown, inside blocks too; defaults fill the rest."""
    plan = planned(None, value(part=[{"given": "x", "made": None}]))
    assert plan.state == value(id=UNKNOWN, size=1, part=[{"given": "x", "made": UNKNOWN}])


def test_nothing_changed_is_no_change() -> None:
    """The plan equals the prior state."""
    prior = value(id="1", size=1)
    assert planned(prior, value(id="1")) == Plan(prior)


def test_what_is_fixed_is_replaced() -> None:
    """The attribute that needs another object is named."""
    assert planned(value(id="1", size=1, place="a"), value(id="1", place="b")).replaced_for == ("place",)


def test_an_id_that_holds_the_name_is_open_when_the_name_changes() -> None:
    """What refers to the id is then planned again."""
    plan = planned(value(id="n", size=1), value(id="n", name="new"))
    assert plan == Plan(value(id=UNKNOWN, size=1, name="new"))


def test_json_that_means_the_same_keeps_its_spelling() -> None:
    """Another order of keys is no change."""
    prior = value(id="1", size=1, name='{"a":1,"b":2}')
    assert planned(prior, value(id="1", name='{"b": 2, "a": 1}')) == Plan(prior)


def test_nothing_and_no_are_the_same() -> None:
    """What an import left out because it is empty is no change where the configuration says it is empty."""
    assert planned(value(id="1", size=1), value(id="1", place="")) == Plan(value(id="1", size=1))
