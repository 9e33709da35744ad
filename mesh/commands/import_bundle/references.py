"""Replaces the references of a bundle by their values in one target.

Source: Databricks documentation, "Substitutions and variables in Declarative Automation Bundles".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from mesh.commands.import_bundle.node import Node
from mesh.commands.import_bundle.remarks import Remarks
from mesh.finding import nearest

REFERENCE = re.compile(r"\$\{(?P<path>[A-Za-z_][\w-]{0,100}(?:(?:\.[\w-]{1,100})|(?:\[\d{1,4}\])){0,12})\}")
MAX_STEPS = 20
MAX_TEXT = 20_000
MAX_VALUES = 200_000  # of one target; variables in variables may grow without end

# Fields of lookups, and the field of the mesh that takes the name in place of the id
LOOKUPS = {
    "warehouse": "warehouse_name",
    "cluster": "existing_cluster_name",
    "cluster_policy": "policy_name",
    "instance_pool": "instance_pool_name",
    "service_principal": "service_principal_name",
}


@dataclass(frozen=True)
class Lookup:
    """The value of a variable with `lookup`: the id of an object that has a name.

    Args:
        kind: the kind of object, in the bundle's spelling.
        name: its name in the workspace.
    """

    kind: str
    name: str


class References:
    """The references of one target.

    References to other resources, and those that only the workspace can answer, stay as they are.

    Args:
        content: the content of the bundle, with the overrides of the target.
        target: the name of the target.
        given: values of variables, or of other references by their path, from the command line; they win.
        remarks: receives references to unknown variables.
    """

    def __init__(self, content: Node, target: str, given: Mapping[str, str], remarks: Remarks) -> None:
        self._content, self._target, self._given, self._remarks = content, target, given, remarks
        self._values = 0

    def resolved(self, node: Node, steps: int = 0) -> Node:
        """Returns a tree with the values of all references that the bundle itself answers.

        Args:
            node: the tree.
            steps: how many references led here; a circle ends.
        """
        self._values += 1
        if self._values > MAX_VALUES:
            self._remarks.wrong(node.place, f"the bundle has more than {MAX_VALUES:,} values", "split it")
            return node.new("")
        if isinstance(node.value, dict):
            return Node({key: self.resolved(one, steps) for key, one in node.fields.items()}, node.place)
        if isinstance(node.value, list):
            return Node([self.resolved(one, steps) for one in node.items], node.place)
        return self._scalar(node, steps) if "${" in node.text else node

    def _scalar(self, node: Node, steps: int) -> Node:
        if steps > MAX_STEPS:
            what = f"`{node.text[:60]}` refers to itself"
            self._remarks.wrong(node.place, what, "give one of the variables a value")
            return node.new("")
        whole = REFERENCE.fullmatch(node.text.strip())
        if whole:
            value = self._value(whole["path"], node)
            if value is None:
                return node
            # a text is in the place where it is used, for relative paths; a tree keeps its own lines
            inner = self.resolved(value, steps + 1)
            return Node(inner.value, node.place) if not isinstance(inner.value, dict | list) else inner
        return node.new(REFERENCE.sub(lambda found: self._part(found, node, steps), node.text)[:MAX_TEXT])

    def _part(self, found: re.Match[str], node: Node, steps: int) -> str:
        """The text of a reference within a longer text; the reference itself if it has none."""
        value = self._value(found["path"], node)
        if value is None:
            return found[0]
        inner = self.resolved(value, steps + 1).value
        if isinstance(inner, dict | list | Lookup):
            return found[0]
        return str(inner).lower() if isinstance(inner, bool) else str(inner)

    def _value(self, path: str, node: Node) -> Node | None:
        """The value of a reference before its own references are replaced; None if the bundle has none."""
        steps = re.findall(r"[\w-]+", path)
        first, *rest = steps
        if path in self._given:
            return node.new(self._given[path])
        if first == "var":
            return self._variable(rest, node)
        if first == "variables":
            return self._variable([*rest[:1], *(rest[1:] if rest[1:] != ["value"] else [])], node)
        if path in ("bundle.target", "bundle.environment"):
            return node.new(self._target)
        if first in ("bundle", "workspace"):
            found = self._content.get(*steps)
            return found if found and not isinstance(found.value, dict | list) else None
        return None

    def _variable(self, path: list[str], node: Node) -> Node | None:
        variables = self._content.child("variables")
        name, *inside = path or [""]
        if name in self._given:
            return node.new(self._given[name])
        declared = variables.fields.get(name)
        if declared is None:
            near = nearest(name, variables.fields, "variables")
            self._remarks.wrong(node.place, f"variable `{name[:60]}` is not declared", near)
            return node.new("")
        lookup = declared.get("lookup")
        if lookup and not inside:
            kind, name_node = next(iter(lookup.fields.items()), ("", node))
            return node.new(Lookup(kind, self.resolved(name_node).text))
        value = declared.get("default")
        if value is None:
            what = f"variable `{name}` has no value"
            self._remarks.wrong(node.place, what, f"give it a `default`, or add --var {name}=VALUE")
            return node.new("")
        for step in inside:
            if isinstance(value.value, list) and step.isdigit() and int(step) < len(value.items):
                value = value.items[int(step)]
            elif step in value.fields:
                value = value.fields[step]
            else:
                self._remarks.wrong(node.place, f"variable `{name}` has no `{step[:60]}`", "correct the name")
                return node.new("")
        return value
