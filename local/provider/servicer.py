"""Terraform's questions and the workspace's answers: the methods of the plugin protocol."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from local.provider.api import Api, ApiError, same_address
from local.provider.data_sources import DATA_SOURCES
from local.provider.equality import refreshed, settled
from local.provider.planning import plan
from local.provider.protocol import ERROR, NESTING, WARNING, message
from local.provider.resource import HalfMade, Resource, Target
from local.provider.resources import RESOURCES
from local.provider.schema import PREFIX, VERSIONS, Block, Schemas
from local.provider.values import Object, decode, encode, whole

log = logging.getLogger(__name__)

# Private data of an imported object until it is read for the first time: then all of it is taken over.
_IMPORTED = b"imported"

# Any of these in the provider block means another workspace than the one served here.
_ELSEWHERE = ("profile", "account_id", "azure_workspace_resource_id", "google_service_account")


class Caller(Protocol):
    """What a call knows of Terraform: whether it still waits for the answer."""

    def is_active(self) -> bool:
        """Whether somebody will hear the answer."""


class Servicer:
    """The provider, for one workspace.

    Args:
        api: the workspace.
        schemas: the schemas of all types served.
        resources: the rows of the resource types.
    """

    def __init__(self, api: Api, schemas: Schemas, resources: Mapping[str, Resource] = RESOURCES) -> None:
        self._api = api
        self._schemas = schemas
        self._resources = resources
        self._schema_answer = _schema_response(schemas)

    def methods(self) -> dict[str, Callable[[Any, Caller], Any]]:
        """The methods by their names in the protocol."""
        methods = {
            "GetProviderSchema": self._get_provider_schema,
            "ValidateProviderConfig": self._validate_provider,
            "ValidateResourceConfig": _fine("ValidateResourceConfig"),
            "ValidateDataResourceConfig": _fine("ValidateDataResourceConfig"),
            "ConfigureProvider": self._configure,
            "UpgradeResourceState": self._upgrade,
            "ReadResource": self._read,
            "PlanResourceChange": self._plan,
            "ApplyResourceChange": self._apply,
            "ImportResourceState": self._import,
            "ReadDataSource": self._read_data,
            # Calls under way finish by themselves: each is one short exchange with the workspace.
            "StopProvider": _fine("StopProvider"),
        }
        return {name: _never_raising(name, method) for name, method in methods.items()}

    def _get_provider_schema(self, request: Any, caller: Caller) -> Any:
        return self._schema_answer

    def _validate_provider(self, request: Any, caller: Caller) -> Any:
        return message(
            "ValidateProviderConfig.Response", diagnostics=self._objections(decode(request.config.msgpack))
        )

    def _configure(self, request: Any, caller: Caller) -> Any:
        return message(
            "ConfigureProvider.Response", diagnostics=self._objections(decode(request.config.msgpack))
        )

    def _objections(self, config: Object | None) -> list[Any]:
        """What in the provider block means another workspace."""
        host = (config or {}).get("host")
        if isinstance(host, str) and not same_address(host, self._api.host):
            text = f"the offline provider serves the local workspace at {self._api.host}, not {host}"
            return [_diagnostic("another workspace", text, attribute="host")]
        return [
            _diagnostic(
                "another workspace", "the offline provider serves the local workspace only", attribute=name
            )
            for name in _ELSEWHERE
            if (config or {}).get(name) is not None
        ]

    def _upgrade(self, request: Any, caller: Caller) -> Any:
        block = self._schemas.resources[request.type_name]
        state = whole(json.loads(request.raw_state.json), block)
        return message("UpgradeResourceState.Response", upgraded_state=_value(state))

    def _read(self, request: Any, caller: Caller) -> Any:
        row, on = self._resources[request.type_name], self._target(request.type_name)
        state = decode(request.current_state.msgpack)
        answer = message("ReadResource.Response", new_state=request.current_state, private=request.private)
        try:
            found = row.read(on, str(state["id"]), state)
        except ApiError as error:
            if error.gone:
                log.info("%s %s is gone", request.type_name, state["id"])
                answer.new_state.CopyFrom(_value(None))
            else:
                answer.diagnostics.append(_failure("read", request.type_name, _name(state), error))
            return answer
        if request.private == _IMPORTED:
            new, answer.private = {**row.defaults, **_said(found, on.block)}, b""
        else:
            silent = {name: state.get(name) for name in row.unsent | row.kept}
            new = refreshed(state, {**silent, **found}, on.block, complete=row.complete)
        answer.new_state.CopyFrom(_value(whole(new, on.block)))
        return answer

    def _plan(self, request: Any, caller: Caller) -> Any:
        row, block = self._resources[request.type_name], self._schemas.resources[request.type_name]
        answer = message(
            "PlanResourceChange.Response", legacy_type_system=True, planned_private=request.prior_private
        )
        prior, proposed = decode(request.prior_state.msgpack), decode(request.proposed_new_state.msgpack)
        if proposed is None:
            answer.planned_state.CopyFrom(request.proposed_new_state)
            return answer
        planned = plan(
            prior,
            proposed,
            block,
            defaults=row.defaults,
            forces_new=row.forces_new,
            kept=row.kept,
            follows=row.follows,
        )
        answer.planned_state.CopyFrom(_value(whole(planned.state, block)))
        answer.requires_replace.extend(_path(name) for name in planned.replaced_for)
        return answer

    def _apply(self, request: Any, caller: Caller) -> Any:
        answer = message(
            "ApplyResourceChange.Response", legacy_type_system=True, private=request.planned_private
        )
        prior, planned = decode(request.prior_state.msgpack), decode(request.planned_state.msgpack)
        answer.new_state.CopyFrom(request.prior_state)
        try:
            if prior is None:
                self._create(answer, request.type_name, planned, caller)
            elif planned is None:
                self._delete(answer, request.type_name, prior)
            else:
                self._update(answer, request.type_name, planned, prior)
        except Exception as error:  # whatever it is, what exists by now must reach the state
            answer.diagnostics.append(_defect(error))
        return answer

    def _create(self, answer: Any, kind: str, planned: Object, caller: Caller) -> None:
        row, on = self._resources[kind], self._target(kind)
        try:
            twins = row.twins(on, planned)
            identity = row.create(on, planned)
        except HalfMade as half:
            identity, twins = half.identity, []
            answer.diagnostics.append(_failure("finish", kind, _name(planned, row), half.cause))
        except ApiError as error:
            answer.diagnostics.append(_failure("create", kind, _name(planned, row), error))
            return
        answer.diagnostics.extend(_twin(kind, _name(planned), twin) for twin in twins)
        self._settle(answer, kind, identity, planned)
        if caller.is_active() or not row.makes_new(planned):
            log.info("%s %s created", kind, identity)
            return
        # Terraform was killed while it waited: it will never hear of this one, so it must not stay.
        log.warning("%s %s is taken back: Terraform went away while it was made", kind, identity)
        self._delete(answer, kind, {**planned, "id": identity})

    def _update(self, answer: Any, kind: str, planned: Object, prior: Object) -> None:
        row, on = self._resources[kind], self._target(kind)
        try:
            identity = row.update(on, str(prior["id"]), planned, prior)
        except ApiError as error:
            answer.diagnostics.append(_failure("change", kind, _name(prior), error))
            return
        log.info("%s %s changed", kind, identity)
        self._settle(answer, kind, identity, planned)

    def _delete(self, answer: Any, kind: str, prior: Object) -> None:
        row, on = self._resources[kind], self._target(kind)
        try:
            row.delete(on, str(prior["id"]), prior)
        except ApiError as error:
            if error.gone:
                log.info("%s %s is gone already", kind, prior["id"])
                answer.new_state.CopyFrom(_value(None))
                return
            answer.diagnostics.append(_failure("delete", kind, _name(prior), error))
            return
        log.info("%s %s deleted", kind, prior["id"])
        answer.new_state.CopyFrom(_value(None))

    def _settle(self, answer: Any, kind: str, identity: str, planned: Object) -> None:
        """Fill in what only the workspace knows; what exists is not forgotten if it cannot be read."""
        row, on = self._resources[kind], self._target(kind)

        def remember(found: Object) -> None:
            state = {**settled(planned, found, on.block), "id": identity}
            answer.new_state.CopyFrom(_value(whole(state, on.block)))

        remember({})
        try:
            remember(row.read(on, identity, planned))
        except ApiError as error:
            answer.diagnostics.append(_failure("read", kind, _name(planned, row), error))

    def _import(self, request: Any, caller: Caller) -> Any:
        state = whole({"id": request.id}, self._schemas.resources[request.type_name])
        one = message(
            "ImportResourceState.ImportedResource",
            type_name=request.type_name,
            state=_value(state),
            private=_IMPORTED,
        )
        return message("ImportResourceState.Response", imported_resources=[one])

    def _read_data(self, request: Any, caller: Caller) -> Any:
        block = self._schemas.data_sources[request.type_name]
        config = decode(request.config.msgpack)
        answer = message("ReadDataSource.Response")
        try:
            found = DATA_SOURCES[request.type_name](Target(self._api, block), config)
        except ApiError as error:
            answer.diagnostics.append(_failure("read", request.type_name, _name(config), error))
            return answer
        given = {name: value for name, value in config.items() if value is not None and value != []}
        answer.state.CopyFrom(_value(whole({**found, **given}, block)))
        return answer

    def _target(self, kind: str) -> Target:
        return Target(self._api, self._schemas.resources[kind])


def _said(found: Object, block: Block) -> Object:
    """Without empty values for what nobody set: in a configuration that is the same as nothing."""
    plain = {name for name, attribute in block.attributes.items() if not attribute.computed}
    return {
        name: value for name, value in found.items() if name not in plain or value not in (False, "", {}, [])
    }


def _fine(method: str) -> Callable[[Any, Caller], Any]:
    return lambda request, caller: message(f"{method}.Response")


def _never_raising(name: str, method: Callable[[Any, Caller], Any]) -> Callable[[Any, Caller], Any]:
    """The method with a diagnostic where it fails, which Terraform shows better than a broken call."""

    def call(request: Any, caller: Caller) -> Any:
        try:
            return method(request, caller)
        except Exception as error:
            return message(f"{name}.Response", diagnostics=[_defect(error)])

    return call


def _defect(error: Exception) -> Any:
    log.exception("the offline provider failed")
    text = f"{type(error).__name__}: {error}\n\nThis should not happen; `mesh local logs` shows where it did."
    return _diagnostic("the offline provider failed", text)


def _value(value: Any) -> Any:
    return message("DynamicValue", msgpack=encode(value))


def _path(name: str) -> Any:
    return message("AttributePath", steps=[message("AttributePath.Step", attribute_name=name)])


def _diagnostic(summary: str, detail: str, *, severity: int = ERROR, attribute: str = "") -> Any:
    one = message("Diagnostic", severity=severity, summary=summary, detail=detail)
    if attribute:
        one.attribute.CopyFrom(_path(attribute))
    return one


def _noun(kind: str) -> str:
    return kind.removeprefix(PREFIX).replace("_", " ")


def _name(state: Object, row: Resource | None = None) -> str:
    """What the reader calls the thing."""
    for field in ("name", "path", "cluster_name", "user_name", "display_name", "id"):
        if isinstance(state.get(field), str):
            parents = (state.get("catalog_name"), state.get("schema_name"))
            return ".".join([one for one in parents if isinstance(one, str)] + [state[field]])
    # A setting of another thing: that thing's name.
    named = (state.get(field) for field in sorted(row.forces_new if row else ()))
    return next((one for one in named if isinstance(one, str)), "")


def _failure(verb: str, kind: str, name: str, error: ApiError) -> Any:
    detail = (
        f"{error.request}: {error.status} {error.code}".rstrip()
        if error.status and error.request
        else error.code
    )
    if verb == "create" and error.exists:
        detail += "\n\nIt is in the workspace but not in this state: import it, or delete it there."
    return _diagnostic(f"cannot {verb} {_noun(kind)} {name}".rstrip() + f": {error.message}", detail)


def _twin(kind: str, name: str, twin: str) -> Any:
    text = f"Another {_noun(kind)} with the same name was in the workspace before: {twin}."
    return _diagnostic(f"{_noun(kind)} {name} has a namesake", text, severity=WARNING)


def _schema_response(schemas: Schemas) -> Any:
    answer = message("GetProviderSchema.Response")
    answer.server_capabilities.get_provider_schema_optional = True
    _fill(answer.provider.block, schemas.provider)
    for name, block in schemas.resources.items():
        answer.resource_schemas[name].version = VERSIONS.get(name, 0)
        _fill(answer.resource_schemas[name].block, block)
    for name, block in schemas.data_sources.items():
        _fill(answer.data_source_schemas[name].block, block)
    return answer


def _fill(target: Any, block: Block) -> None:
    # Terraform panics on a block that is not there; an empty message is there only when it is set.
    target.SetInParent()
    for name, attribute in block.attributes.items():
        target.attributes.add(
            name=name,
            type=json.dumps(attribute.type).encode(),
            required=attribute.required,
            optional=attribute.optional,
            computed=attribute.computed,
            sensitive=attribute.sensitive,
        )
    for name, nested in block.blocks.items():
        inner = target.block_types.add(
            type_name=name,
            nesting=NESTING[nested.nesting],
            min_items=nested.min_items,
            max_items=nested.max_items,
        )
        _fill(inner.block, nested.block)
