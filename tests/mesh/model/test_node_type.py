"""Node types by their properties."""

from __future__ import annotations

from mesh.model.node_type import NodeFile


def test_only_declared_properties_are_searched_for() -> None:
    """The label names them."""
    lookup = NodeFile(min_cores=4, local_disk=True).lookup
    assert lookup.arguments == {"min_cores": 4, "local_disk": True}
    assert str(lookup) == "smallest node type with min_cores 4, local_disk True"


def test_the_shape_has_the_types_of_the_fields() -> None:
    """Numbers, booleans and strings."""
    types = {name: field.type for name, field in NodeFile.shape().fields.items()}
    assert (types["min_cores"], types["arm"], types["category"]) == ("number", "bool", "string")
