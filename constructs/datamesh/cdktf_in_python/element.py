"""Resources and data sources.

Source: the classes `TerraformElement`, `TerraformResource` and `TerraformDataSource` of cdktf.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from datamesh.cdktf_in_python.construct import Construct
from datamesh.cdktf_in_python.logical_id import logical_id
from datamesh.cdktf_in_python.overrides import add_override, deep_merge


class Block:
    """A nested block, such as one grant of a list of grants.

    Args:
        arguments: its arguments; those that are None are left out.
    """

    __slots__ = ("arguments",)

    def __init__(self, **arguments: Any) -> None:
        self.arguments = {name: plain(value) for name, value in arguments.items() if value is not None}


def plain(value: Any) -> Any:
    """The value with blocks as mappings."""
    if isinstance(value, Block):
        return value.arguments
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


class StackPart(Construct):
    """Anything in a stack that adds to its Terraform code.

    Args:
        scope: the construct that contains it.
        id: its name in the scope.
    """

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        self.overrides: dict[str, Any] = {}

    def add_override(self, path: str, value: Any) -> None:
        """Replaces a part of the generated code; see `overrides.add_override`."""
        add_override(self.overrides, path, value)

    def code(self) -> Mapping[str, Any]:
        """What it adds to the code of its stack."""
        raise NotImplementedError

    def metadata(self) -> Mapping[str, Any]:
        """What it adds to the metadata of its stack."""
        raise NotImplementedError


# Members of resources and data sources of cdktf that are no attributes of Terraform and not needed here
_LACKING = frozenset(
    {
        *("add_move_target", "cdktf_stack", "connection", "count"),
        *("for_each", "has_resource_move", "import_from", "interpolation_for_attribute"),
        *("is_construct", "is_terraform_data_source", "is_terraform_element", "is_terraform_resource"),
        *("move_from_id", "move_to", "move_to_id", "provider"),
        *(
            "provisioners",
            "reset_override_logical_id",
            "terraform_generator_metadata",
            "terraform_meta_arguments",
        ),
        *("to_hcl_terraform", "to_metadata", "to_string", "to_terraform"),
        *("with_",),
    }
)
_GETTERS = ("get_", "_attribute")  # such as `get_string_attribute`
_MAY_CHANGE = frozenset({"depends_on", "lifecycle"})


class Element(StackPart):
    """A resource or a data source.

    Its attributes are references: `schema.id` is `${databricks_schema.<name>.id}`.

    Args:
        scope: the construct that contains it.
        id: its name in the scope.
        depends_on: the elements, or their addresses, that Terraform creates before.
        lifecycle: its lifecycle.
        arguments: its arguments in Terraform's spelling.
    """

    terraform_resource_type = ""
    block = ""  # in Terraform's code
    prefix = ""  # of its address

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        depends_on: Sequence[Element | str] | None = None,
        lifecycle: Block | None = None,
        **arguments: Any,
    ) -> None:
        super().__init__(scope, id)
        self.depends_on = depends_on
        self.lifecycle = lifecycle
        self.arguments = {name: plain(value) for name, value in arguments.items() if value is not None}
        self._name: str | None = None
        self._referenced = False
        self._made = True

    def override_logical_id(self, name: str) -> None:
        """Sets its Terraform name.

        Raises:
            RuntimeError: something refers to it by another name already.
        """
        if self._referenced and name != self._name:
            raise RuntimeError(f"{self.node.path} is referenced before its logical id is set")
        self._name = name

    @property
    def friendly_unique_id(self) -> str:
        """Its Terraform name."""
        self._referenced = True
        if self._name is None:
            ids = [one.node.id for one in self.node.scopes]
            self._name = logical_id(ids[2:])  # without the app and the stack
        return self._name

    @property
    def fqn(self) -> str:
        """Its address, for use inside an expression."""
        return f"{self.prefix}{self.terraform_resource_type}.{self.friendly_unique_id}"

    def __getattr__(self, name: str) -> Any:
        begin, end = _GETTERS
        if name.startswith("_") or name in _LACKING or (name.startswith(begin) and name.endswith(end)):
            raise AttributeError(name)
        return f"${{{self.fqn}.{name}}}"

    def __setattr__(self, name: str, value: Any) -> None:
        # arguments that are set later would be in no code
        if self.__dict__.get("_made") and name not in _MAY_CHANGE and not name.startswith("_"):
            raise AttributeError(f"{name} of {self.node.path} is set by its constructor or an override only")
        super().__setattr__(name, value)

    def code(self) -> Mapping[str, Any]:
        """See `StackPart.code`."""
        content = dict(self.arguments)
        if self.depends_on is not None:
            content["depends_on"] = [one if isinstance(one, str) else one.fqn for one in self.depends_on]
        if self.lifecycle is not None:
            content["lifecycle"] = self.lifecycle.arguments
        deep_merge(content, self.overrides)
        name = self.friendly_unique_id
        content["//"] = {"metadata": {"path": self.node.path, "uniqueId": name}}
        return {self.block: {self.terraform_resource_type: {name: content}}}

    def metadata(self) -> Mapping[str, Any]:
        """See `StackPart.metadata`."""
        return {"overrides": {self.terraform_resource_type: list(self.overrides)}} if self.overrides else {}


class TerraformResource(Element):
    """A resource."""

    block = "resource"


class TerraformDataSource(Element):
    """A data source."""

    block = "data"
    prefix = "data."
