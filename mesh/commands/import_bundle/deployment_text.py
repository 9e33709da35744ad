"""The text of a file of the mesh, from the fields of a bundle in each of its targets."""

from __future__ import annotations

from collections.abc import Mapping

import yaml

from mesh.commands.import_bundle.node import ENTRY_KEYS, Node, plain
from mesh.commands.import_bundle.remarks import Remarks
from mesh.model.job import ENVIRONMENT, ENVIRONMENTS

# Fields that are the same in every environment
_SAME_EVERYWHERE = ("schemas", "schema", "reads", "experiment")
_FIRST = ("description", "schemas", "reads", "experiment")
_LAST = ("libraries", "tasks", ENVIRONMENT, ENVIRONMENTS)


def with_overrides(base: Node, others: Mapping[str, Node], kind: str, remarks: Remarks) -> Node:
    """Returns the fields of a deployment.yml, with what differs by environment in `environments`.

    Args:
        base: the fields in the first target.
        others: the fields in the other targets, by environment.
        kind: `jobs` or `pipelines`.
        remarks: receives differences that deployment.yml cannot express.
    """
    over: dict[str, Node] = {}
    for environment, other in others.items():
        fields = other.without(*_SAME_EVERYWHERE)
        difference = _difference(base.without(*_SAME_EVERYWHERE), fields, "", environment, remarks)
        if difference is not None and difference.fields:
            over[environment] = (
                difference.renamed(ENVIRONMENTS, ENVIRONMENT) if kind == "jobs" else difference
            )
    names = [name for name in base.fields if name not in (*_FIRST, *_LAST)]
    order = [*_FIRST, *names, *_LAST]
    ordered = Node({name: base.fields[name] for name in order if name in base.fields}, base.place)
    if not over:
        return ordered
    if kind == "jobs":
        ordered = ordered.renamed(ENVIRONMENTS, ENVIRONMENT)
    return ordered.having(environments=base.new(over))


def _difference(base: Node, other: Node, name: str, environment: str, remarks: Remarks) -> Node | None:
    """The override that turns one value into another; None if they are equal."""
    if plain(base) == plain(other):
        return None
    if isinstance(base.value, dict) and isinstance(other.value, dict):
        fields: dict[str, Node] = {}
        for key in [*base.fields, *(key for key in other.fields if key not in base.fields)]:
            if key not in other.fields:
                fields[key] = Node(None, other.place)
            elif key not in base.fields:
                fields[key] = other.fields[key]
            else:
                one = _difference(base.fields[key], other.fields[key], key, environment, remarks)
                if one is not None:
                    fields[key] = one
        return Node(fields, other.place)
    entry_key = ENTRY_KEYS.get(name)
    if entry_key and isinstance(base.value, list) and isinstance(other.value, list):
        return _entries(entry_key, base, other, name, environment, remarks)
    return other


def _entries(key: str, base: Node, other: Node, name: str, environment: str, remarks: Remarks) -> Node | None:
    before = {one.child(key).text: one for one in base.items}
    after = {one.child(key).text: one for one in other.items}
    listed: list[Node] = []
    for entry in before.keys() - after.keys():
        what = f"`{entry}` of `{name}` is missing in target `{environment}`"
        remarks.not_taken(
            before[entry].place, what, "an environment cannot remove an entry; use a condition_task"
        )
    for entry, one in after.items():
        if entry not in before:
            listed.append(one)
        elif difference := _difference(before[entry], one, "", environment, remarks):
            listed.append(Node({key: one.child(key), **difference.fields}, one.place))
    return Node(listed, other.place) if listed else None


def yaml_text(fields: Node, header: str) -> str:
    """Returns the text of a YAML file.

    Args:
        fields: its content.
        header: the comment at its beginning, with its line ends.
    """
    body = yaml.dump(plain(fields), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return f"{header}{body}"


class _Dumper(yaml.SafeDumper):
    """Writes every value in its place, without anchors."""

    def ignore_aliases(self, data: object) -> bool:
        """Write equal values again."""
        return True
