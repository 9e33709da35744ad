"""Row filters and column masks: how they are found, and which wait for their function.

Source: Databricks Terraform provider, "databricks_policy_info Resource", Import.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from mesh.documents.terraform_text import unescape

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

TYPE = "databricks_policy_info"
_KEY = ("on_securable_type", "on_securable_fullname", "name")


class FunctionLookup(Protocol):
    """Looks up functions and policies in a workspace."""

    def function_exists(self, full_name: str) -> bool:
        """True if a function has this name."""

    def policy_exists(self, kind: str, securable: str, name: str) -> bool:
        """True if a securable has a policy of this name."""


@dataclass(frozen=True)
class Policy:
    """A policy in a workspace.

    Args:
        id: the text by which Terraform imports it.
    """

    id: str


def policy_id(arguments: Mapping[str, Any]) -> str:
    """The text by which Terraform imports a policy; its attribute `id` is another one.

    Args:
        arguments: the arguments of the resource.
    """
    return ",".join(str(arguments.get(name)) for name in _KEY)


def find_policy(on: WorkspaceClient, name: str) -> Policy:
    """The policy of this name: type and full name of the securable, and name, joined by points.

    Raises:
        NotFound: there is no such policy.
    """
    kind, _, rest = name.partition(".")
    securable, _, own = rest.rpartition(".")  # names in the mesh have no points
    on.policies.get_policy(kind, securable, own)
    return Policy(",".join((kind, securable, own)))


def function_of(arguments: Mapping[str, Any]) -> str:
    """The full name of the function that a policy calls; "" if unknown.

    Args:
        arguments: the arguments of the resource.
    """
    for field in ("column_mask", "row_filter"):
        if isinstance(function := arguments.get(field), Mapping):
            return unescape(str(function.get("function_name")))
    return ""


def plannable_policies(
    config: Mapping[str, Any], workspace: Callable[[], FunctionLookup]
) -> Mapping[str, Any]:
    """The policies of a stack, as far as Databricks accepts them now, by Terraform name.

    A new policy whose function does not exist yet is left out. One that exists stays as it is: without it, or
    with half of its change, somebody could see more.

    Args:
        config: the synthesized code.
        workspace: opens the workspace, which is asked only if the stack has policies.
    """
    declared: Mapping[str, Any] = config.get("resource", {}).get(TYPE, {})
    lookup = workspace() if declared else None
    found = {}
    for id, arguments in declared.items():
        kind, securable, name = (unescape(str(arguments.get(key))) for key in _KEY)
        if not lookup or lookup.function_exists(function_of(arguments)):
            found[id] = arguments
        elif lookup.policy_exists(kind, securable, name):
            # Terraform documentation, "The lifecycle Meta-Argument": Terraform never updates it
            found[id] = {**arguments, "lifecycle": {"ignore_changes": "all"}}
    return found
