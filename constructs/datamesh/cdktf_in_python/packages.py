"""Stand-ins for the packages `cdktf` and `cdktf_cdktf_provider_databricks`.

The classes of the bindings follow from their names: `databricks.data_databricks_job.DataDatabricksJob` is
the data source `databricks_job`, `databricks.grants.Grants` a resource, `databricks.grants.GrantsGrant`
a block of it.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from datamesh.cdktf_in_python import backend, element, stack

_DATA_SOURCE = "data_databricks_"


class Cdktf(ModuleType):
    """The package `cdktf`."""

    App = stack.App
    TerraformStack = stack.TerraformStack
    TerraformResource = element.TerraformResource
    ITerraformDependable = element.Element
    TerraformBackend = backend.TerraformBackend
    TerraformResourceLifecycle = element.Block
    Postcondition = element.Block

    @staticmethod
    def NamedCloudWorkspace(name: str, project: str | None = None) -> element.Block:
        """A workspace of HCP Terraform."""
        return element.Block(name=name, project=project)

    @staticmethod
    def NamedRemoteWorkspace(name: str) -> element.Block:
        """A workspace of a remote backend."""
        return element.Block(name=name)

    def __getattr__(self, name: str) -> Any:
        kind, end = name[: -len("Backend")], name[-len("Backend") :]
        if end != "Backend" or not kind:
            raise AttributeError(name)
        made = type(name, (backend.TerraformBackend,), {"kind": kind.lower()})
        setattr(self, name, made)
        return made


class Bindings(ModuleType):
    """The package of the bindings, whose modules are made when they are first used."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        made = BindingsModule(name)
        setattr(self, name, made)
        return made


class BindingsModule(ModuleType):
    """A module of the bindings: the class of a resource or data source, and classes of its blocks."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        made = self._made(name)
        setattr(self, name, made)
        return made

    def _made(self, name: str) -> type:
        module = self.__name__
        if name == "DatabricksProvider":
            return stack.DatabricksProvider
        if name != "".join(word.capitalize() for word in module.split("_")):
            return type(name, (element.Block,), {})
        if module.startswith(_DATA_SOURCE):
            kind = {"terraform_resource_type": f"databricks_{module.removeprefix(_DATA_SOURCE)}"}
            return type(name, (element.TerraformDataSource,), kind)
        kind = {"terraform_resource_type": f"databricks_{module}"}
        return type(name, (element.TerraformResource,), kind)


cdktf = Cdktf("cdktf")
databricks = Bindings("databricks")
