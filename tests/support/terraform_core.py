"""Terraform's part of a deployment, as far as a provider sees it: fast, in this process, for small configurations.

Real Terraform runs the same configurations in `tests/local/provider/test_deploy.py`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local.provider.protocol import message
from local.provider.schema import AttributeType, Block, NestedBlock, Schemas
from local.provider.servicer import Servicer
from local.provider.values import UNKNOWN, decode, encode

Value = Any
Configuration = Mapping[str, Mapping[str, Mapping[str, Value]]]

_REFERENCE = re.compile(r"\$\{(\w+\.\w+)\.(\w+)\}")


class _Caller:
    def is_active(self) -> bool:
        """Return True: Terraform waits for the answer."""
        return True


class ProviderError(Exception):
    """The provider refused a request."""


@dataclass
class TerraformCore:
    """The state of one deployment, and the provider that it goes through.

    Args:
        servicer: the provider.
        schemas: its schemas.
        state: the resources, by address.
    """

    servicer: Servicer
    schemas: Schemas
    state: dict[str, dict[str, Value]] = field(default_factory=dict)

    def apply(self, configuration: Configuration) -> None:
        """Refresh, then create, change and destroy what the configuration asks for."""
        self.refresh()
        for address in [
            address for address in reversed(self.state) if address not in _addresses(configuration)
        ]:
            self._change(address, None)
        for address in _in_order(configuration):
            config = self._configured(configuration, address)
            planned, replaced = self._plan(address, config)
            if replaced:
                self._change(address, None)
                planned, _ = self._plan(address, config)
            if planned != self.state.get(address):
                self._change(address, planned)

    def refresh(self) -> None:
        """Read every resource of the state; one that does not exist any more leaves the state."""
        for address, stored in list(self.state.items()):
            raw = message("RawState", json=json.dumps(stored).encode())
            upgrade = message("UpgradeResourceState.Request", type_name=_type(address), raw_state=raw)
            upgraded = self._call("UpgradeResourceState", upgrade).upgraded_state
            state = decode(upgraded.msgpack)
            request = message("ReadResource.Request", type_name=_type(address), current_state=_value(state))
            refreshed = self._decoded(address, self._call("ReadResource", request).new_state)
            if refreshed is None:
                del self.state[address]
            else:
                self.state[address] = refreshed

    def plan(self, configuration: Configuration) -> dict[str, tuple[list[str], dict[str, list[Value]]]]:
        """Refresh, then return what would change: address → actions, and attribute → old and new value."""
        self.refresh()
        changes: dict[str, tuple[list[str], dict[str, list[Value]]]] = {}
        for address in _in_order(configuration):
            prior = self.state.get(address)
            config = self._configured(configuration, address)
            planned, replaced = self._plan(address, config)
            if replaced:
                planned, _ = self._plan(address, config, replaces=True)
            differing = {
                name: [(prior or {}).get(name), value]
                for name, value in planned.items()
                if (prior or {}).get(name) != value
            }
            if prior is None or differing:
                actions = ["create"] if prior is None else ["delete", "create"] if replaced else ["update"]
                changes[address] = (actions, differing)
        return changes

    def destroy(self) -> None:
        """Destroy every resource."""
        for address in list(reversed(self.state)):
            self._change(address, None)

    def adopt(self, address: str, resource_id: str) -> None:
        """Import an existing object, and read it as Terraform does after an import."""
        request = message("ImportResourceState.Request", type_name=_type(address), id=resource_id)
        imported = self._call("ImportResourceState", request).imported_resources[0]
        self.state[address] = self._decoded(address, imported.state)
        self.refresh()

    def _plan(
        self, address: str, config: dict[str, Value], *, replaces: bool = False
    ) -> tuple[dict[str, Value], list[str]]:
        block, prior = self._block(address), None if replaces else self.state.get(address)
        proposed = proposed_state(prior, config, block)
        request = message(
            "PlanResourceChange.Request",
            type_name=_type(address),
            prior_state=_value(prior),
            proposed_new_state=_value(proposed),
            config=_value(config),
        )
        answer = self._call("PlanResourceChange", request)
        replaced = [path.steps[0].attribute_name for path in answer.requires_replace]
        return self._decoded(address, answer.planned_state), replaced

    def _change(self, address: str, planned: dict[str, Value] | None) -> None:
        request = message(
            "ApplyResourceChange.Request",
            type_name=_type(address),
            prior_state=_value(self.state.get(address)),
            planned_state=_value(planned),
        )
        state = self._decoded(address, self._call("ApplyResourceChange", request).new_state)
        if state is None:
            self.state.pop(address, None)
        else:
            self.state[address] = state

    def _call(self, method: str, request: Any) -> Any:
        answer = self.servicer.methods()[method](request, _Caller())
        errors = [diagnostic for diagnostic in answer.diagnostics if diagnostic.severity == 1]
        if errors:
            raise ProviderError("\n".join(f"{each.summary}: {each.detail}" for each in errors))
        return answer

    def _decoded(self, address: str, value: Any) -> Any:
        state = decode(value.msgpack)
        return state if state is None else _sorted_sets(state, self._block(address))

    def _configured(self, configuration: Configuration, address: str) -> dict[str, Value]:
        kind, name = address.split(".")
        return configured_object(self._resolved(configuration[kind][name]), self._block(address))

    def _resolved(self, value: Value) -> Value:
        if isinstance(value, dict):
            return {name: self._resolved(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._resolved(inner) for inner in value]
        reference = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
        if not reference:
            return value
        known = self.state.get(reference[1])
        return UNKNOWN if known is None else known[reference[2]]

    def _block(self, address: str) -> Block:
        return self.schemas.resources[_type(address)]


def configured_object(arguments: Mapping[str, Value], block: Block) -> dict[str, Value]:
    """Return the arguments of a resource as Terraform hands them to a provider."""
    result: dict[str, Value] = {}
    for name, attribute in block.attributes.items():
        result[name] = _typed(arguments.get(name), attribute.type)
    for name, nested in block.blocks.items():
        value = arguments.get(name)
        elements = value if isinstance(value, list) else [] if value is None else [value]
        converted = [configured_object(element, nested.block) for element in elements]
        result[name] = (converted[0] if converted else None) if nested.nesting == "single" else converted
    return result


def proposed_state(prior: Value, config: Mapping[str, Value], block: Block) -> dict[str, Value]:
    """Return the configuration with the computed values of the prior state where nothing is configured."""
    result: dict[str, Value] = {}
    for name, attribute in block.attributes.items():
        value = config.get(name)
        result[name] = (prior or {}).get(name) if value is None and attribute.computed else value
    for name, nested in block.blocks.items():
        result[name] = _proposed_blocks((prior or {}).get(name), config.get(name), nested)
    return result


def _proposed_blocks(prior: Value, config: Value, nested: NestedBlock) -> Value:
    if nested.nesting != "list" or not isinstance(config, list):
        return config
    before = prior or []
    return [
        proposed_state(before[index] if index < len(before) else None, element, nested.block)
        for index, element in enumerate(config)
    ]


def _typed(value: Value, kind: AttributeType) -> Value:
    if value is None or value is UNKNOWN:
        return value
    if isinstance(kind, list):
        if kind[0] == "map":
            return {name: _typed(inner, kind[1]) for name, inner in value.items()}
        return [_typed(inner, kind[1]) for inner in value]
    if kind == "string":
        return str(value).lower() if isinstance(value, bool) else str(value)
    if kind == "number":
        return int(value) if float(value).is_integer() else float(value)
    return value if isinstance(value, bool) else value == "true"


def _value(value: Value) -> Any:
    return message("DynamicValue", msgpack=encode(value))


def _type(address: str) -> str:
    return address.split(".")[0]


def _addresses(configuration: Configuration) -> list[str]:
    return [f"{kind}.{name}" for kind, resources in configuration.items() for name in resources]


def _in_order(configuration: Configuration) -> list[str]:
    """Return the addresses of resources, each after those that it refers to."""
    ordered: list[str] = []

    def visit(address: str) -> None:
        kind, name = address.split(".")
        for reference in _REFERENCE.finditer(str(configuration[kind][name])):
            visit(reference[1])
        if address not in ordered:
            ordered.append(address)

    for address in _addresses(configuration):
        visit(address)
    return ordered


def _sorted_sets(state: Mapping[str, Value], block: Block) -> dict[str, Value]:
    """Return a state with the elements of sets in one order, whichever the provider's is."""
    result = dict(state)
    for name, attribute in block.attributes.items():
        if (
            isinstance(attribute.type, list)
            and attribute.type[0] == "set"
            and isinstance(state.get(name), list)
        ):
            result[name] = sorted(state[name], key=_content)
    for name, nested in block.blocks.items():
        value = state.get(name)
        if isinstance(value, list):
            elements = [_sorted_sets(element, nested.block) for element in value]
            result[name] = sorted(elements, key=_content) if nested.nesting == "set" else elements
    return result


def _content(value: Value) -> str:
    return json.dumps(value, sort_keys=True, default=repr)
