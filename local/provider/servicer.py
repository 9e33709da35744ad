"""The methods of the plugin protocol: Terraform's requests, answered from the workspace."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from local.provider.api import Api, ApiError, same_address
from local.provider.data_sources import DATA_SOURCES
from local.provider.planning import plan_resource
from local.provider.protocol import ERROR, NESTING, WARNING, message
from local.provider.registry import RESOURCE_TYPES
from local.provider.resource_type import CallContext, IncompleteCreation, Known, ResourceType
from local.provider.schema import PREFIX, VERSIONS, Block, Schemas
from local.provider.state import applied_state, known, refreshed_state
from local.provider.values import ObjectValue, conform_to_schema, decode, encode

log = logging.getLogger(__name__)

# Attributes of the provider block that select another workspace.
_FOREIGN_SETTINGS = ("profile", "account_id", "azure_workspace_resource_id", "google_service_account")


class Caller(Protocol):
    """The context of a gRPC call, as far as the servicer uses it."""

    def is_active(self) -> bool:
        """Return whether Terraform still waits for the answer."""


class Servicer:
    """The provider, for one workspace.

    Args:
        api: the workspace.
        schemas: the schemas of all types served.
        resource_types: the resource types by name.
    """

    def __init__(
        self, api: Api, schemas: Schemas, resource_types: Mapping[str, ResourceType] = RESOURCE_TYPES
    ) -> None:
        self._api = api
        self._schemas = schemas
        self._resource_types = resource_types
        self._schema_answer = _schema_response(schemas)

    def methods(self) -> dict[str, Callable[[Any, Caller], Any]]:
        """Return the methods by their names in the protocol."""
        methods = {
            "GetProviderSchema": self._get_provider_schema,
            "ValidateProviderConfig": self._validate_provider,
            "ValidateResourceConfig": self._validate_resource,
            "ValidateDataResourceConfig": _empty_response("ValidateDataResourceConfig"),
            "ConfigureProvider": self._configure,
            "UpgradeResourceState": self._upgrade,
            "ReadResource": self._read,
            "PlanResourceChange": self._plan,
            "ApplyResourceChange": self._apply,
            "ImportResourceState": self._import,
            "ReadDataSource": self._read_data,
            # Current calls finish by themselves: each is a short exchange with the workspace.
            "StopProvider": _empty_response("StopProvider"),
        }
        return {name: _with_diagnostics(name, method) for name, method in methods.items()}

    def _get_provider_schema(self, request: Any, caller: Caller) -> Any:
        return self._schema_answer

    def _validate_provider(self, request: Any, caller: Caller) -> Any:
        return message(
            "ValidateProviderConfig.Response",
            diagnostics=self._provider_diagnostics(decode(request.config.msgpack)),
        )

    def _validate_resource(self, request: Any, caller: Caller) -> Any:
        constraints = self._resource_types[request.type_name].behaviour.constraints
        config = decode(request.config.msgpack)
        problems = constraints.problems(config, self._schemas.resources[request.type_name])
        summary = f"invalid {_label(request.type_name)}"
        diagnostics = [
            _diagnostic(summary, each.text, attribute=each.path.partition(".")[0]) for each in problems
        ]
        return message("ValidateResourceConfig.Response", diagnostics=diagnostics)

    def _configure(self, request: Any, caller: Caller) -> Any:
        return message(
            "ConfigureProvider.Response",
            diagnostics=self._provider_diagnostics(decode(request.config.msgpack)),
        )

    def _provider_diagnostics(self, config: ObjectValue | None) -> list[Any]:
        """Return an error for each setting of the provider block that selects another workspace."""
        host = (config or {}).get("host")
        if isinstance(host, str) and not same_address(host, self._api.host):
            text = f"the offline provider serves the local workspace at {self._api.host}, not {host}"
            return [_diagnostic("another workspace", text, attribute="host")]
        return [
            _diagnostic(
                "another workspace", "the offline provider serves the local workspace only", attribute=name
            )
            for name in _FOREIGN_SETTINGS
            if (config or {}).get(name) is not None
        ]

    def _upgrade(self, request: Any, caller: Caller) -> Any:
        block = self._schemas.resources[request.type_name]
        state = conform_to_schema(json.loads(request.raw_state.json), block)
        return message("UpgradeResourceState.Response", upgraded_state=_value(state))

    def _read(self, request: Any, caller: Caller) -> Any:
        resource_type, context = self._resource_types[request.type_name], self._context(request.type_name)
        state = decode(request.current_state.msgpack)
        answer = message("ReadResource.Response", new_state=request.current_state, private=request.private)
        try:
            written = resource_type.read(context, resource_type.id_of(state), Known(state))
        except ApiError as error:
            if error.not_found:
                log.info("%s %s does not exist any more", request.type_name, resource_type.id_of(state))
                answer.new_state.CopyFrom(_value(None))
            else:
                answer.diagnostics.append(_api_diagnostic("read", request.type_name, _name(state), error))
            return answer
        answer.new_state.CopyFrom(_value(refreshed_state(state, written, context.block)))
        return answer

    def _plan(self, request: Any, caller: Caller) -> Any:
        resource_type, block = (
            self._resource_types[request.type_name],
            self._schemas.resources[request.type_name],
        )
        answer = message(
            "PlanResourceChange.Response", legacy_type_system=True, planned_private=request.prior_private
        )
        prior, proposed = decode(request.prior_state.msgpack), decode(request.proposed_new_state.msgpack)
        if proposed is None:
            answer.planned_state.CopyFrom(request.proposed_new_state)
            return answer
        planned = plan_resource(prior, proposed, block, resource_type.behaviour)
        refusal = resource_type.refusal(planned.state)
        if refusal:
            answer.diagnostics.append(_diagnostic(f"invalid {_label(request.type_name)}", refusal))
            return answer
        answer.planned_state.CopyFrom(_value(conform_to_schema(planned.state, block)))
        answer.requires_replace.extend(_path(name) for name in planned.requires_replacement)
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
        except Exception as error:  # any error: an object that exists by now must reach the state
            answer.diagnostics.append(_bug_diagnostic(error))
        return answer

    def _create(self, answer: Any, type_name: str, planned: ObjectValue, caller: Caller) -> None:
        resource_type, context = self._resource_types[type_name], self._context(type_name)
        try:
            namesakes = resource_type.namesakes(context, known(planned))
            resource_id = resource_type.create(context, known(planned))
        except IncompleteCreation as incomplete:
            resource_id, namesakes = incomplete.resource_id, []
            answer.diagnostics.append(
                _api_diagnostic("finish", type_name, _name(planned, resource_type), incomplete.cause)
            )
        except ApiError as error:
            answer.diagnostics.append(
                _api_diagnostic("create", type_name, _name(planned, resource_type), error)
            )
            return
        answer.diagnostics.extend(
            _namesake_warning(type_name, _name(planned), namesake) for namesake in namesakes
        )
        self._record(answer, type_name, resource_id, planned, None)
        if caller.is_active() or not resource_type.can_roll_back(planned):
            log.info("%s %s created", type_name, resource_id)
            return
        # Terraform was killed while it waited: the object would never reach a state.
        log.warning("%s %s is deleted again: Terraform ended during its creation", type_name, resource_id)
        self._delete(answer, type_name, _with_id(planned, resource_id, context.block))

    def _update(self, answer: Any, type_name: str, planned: ObjectValue, prior: ObjectValue) -> None:
        resource_type, context = self._resource_types[type_name], self._context(type_name)
        try:
            resource_id = resource_type.update(context, resource_type.id_of(prior), known(planned), prior)
        except ApiError as error:
            answer.diagnostics.append(_api_diagnostic("change", type_name, _name(prior), error))
            # The SDK keeps the plan of a change that failed; the next refresh reads what is there.
            kept = applied_state(prior, planned, {}, context.block)
            state = _with_id(kept, resource_type.id_of(prior), context.block)
            answer.new_state.CopyFrom(_value(state))
            return
        log.info("%s %s changed", type_name, resource_id)
        self._record(answer, type_name, resource_id, planned, prior)

    def _delete(self, answer: Any, type_name: str, prior: ObjectValue) -> None:
        resource_type, context = self._resource_types[type_name], self._context(type_name)
        resource_id = resource_type.id_of(prior)
        try:
            resource_type.delete(context, resource_id, prior)
        except ApiError as error:
            if error.not_found:
                log.info("%s %s was deleted already", type_name, resource_id)
                answer.new_state.CopyFrom(_value(None))
                return
            answer.diagnostics.append(_api_diagnostic("delete", type_name, _name(prior), error))
            return
        log.info("%s %s deleted", type_name, resource_id)
        answer.new_state.CopyFrom(_value(None))

    def _record(
        self, answer: Any, type_name: str, resource_id: str, planned: ObjectValue, prior: ObjectValue | None
    ) -> None:
        """Write the new state, with computed values from the workspace; a failed read keeps the id."""
        resource_type, context = self._resource_types[type_name], self._context(type_name)

        def write_state(written: ObjectValue) -> None:
            state = _with_id(
                applied_state(prior, planned, written, context.block), resource_id, context.block
            )
            answer.new_state.CopyFrom(_value(state))

        write_state({})
        try:
            applied = Known(known(planned), created=prior is None, applied=True)
            write_state(resource_type.read(context, resource_id, applied))
        except ApiError as error:
            answer.diagnostics.append(
                _api_diagnostic("read", type_name, _name(planned, resource_type), error)
            )

    def _import(self, request: Any, caller: Caller) -> Any:
        resource_type, context = self._resource_types[request.type_name], self._context(request.type_name)
        answer = message("ImportResourceState.Response")
        state = conform_to_schema({"id": request.id}, context.block)
        try:
            written = resource_type.read(context, request.id, Known(state, created=True))
        except ApiError as error:
            if not error.not_found:
                answer.diagnostics.append(_api_diagnostic("import", request.type_name, request.id, error))
                return answer
            # Terraform says that there is no such object when it reads it next.
            written = {}
        imported = message(
            "ImportResourceState.ImportedResource",
            type_name=request.type_name,
            state=_value(refreshed_state(state, written, context.block)),
        )
        answer.imported_resources.append(imported)
        return answer

    def _read_data(self, request: Any, caller: Caller) -> Any:
        block = self._schemas.data_sources[request.type_name]
        config = decode(request.config.msgpack)
        answer = message("ReadDataSource.Response")
        try:
            remote = DATA_SOURCES[request.type_name](CallContext(self._api, block), config)
        except ApiError as error:
            answer.diagnostics.append(_api_diagnostic("read", request.type_name, _name(config), error))
            return answer
        configured = {name: value for name, value in config.items() if value is not None and value != []}
        answer.state.CopyFrom(_value(conform_to_schema({**remote, **configured}, block)))
        return answer

    def _context(self, type_name: str) -> CallContext:
        return CallContext(self._api, self._schemas.resources[type_name])


def _with_id(state: ObjectValue, resource_id: str, block: Block) -> ObjectValue:
    """Return a state with the object's id, unless the type has no attribute for it."""
    return {**state, "id": resource_id} if "id" in block.attributes else state


def _empty_response(method: str) -> Callable[[Any, Caller], Any]:
    return lambda request, caller: message(f"{method}.Response")


def _with_diagnostics(name: str, method: Callable[[Any, Caller], Any]) -> Callable[[Any, Caller], Any]:
    """Wrap a method: exceptions become diagnostics, which Terraform shows better than a failed call."""

    def call(request: Any, caller: Caller) -> Any:
        try:
            return method(request, caller)
        except Exception as error:
            return message(f"{name}.Response", diagnostics=[_bug_diagnostic(error)])

    return call


def _bug_diagnostic(error: Exception) -> Any:
    log.exception("the offline provider failed")
    text = f"{type(error).__name__}: {error}\n\nThis is a bug; `mesh local logs` shows the traceback."
    return _diagnostic("the offline provider failed", text)


def _value(value: Any) -> Any:
    return message("DynamicValue", msgpack=encode(value))


def _path(name: str) -> Any:
    return message("AttributePath", steps=[message("AttributePath.Step", attribute_name=name)])


def _diagnostic(summary: str, detail: str, *, severity: int = ERROR, attribute: str = "") -> Any:
    diagnostic = message("Diagnostic", severity=severity, summary=summary, detail=detail)
    if attribute:
        diagnostic.attribute.CopyFrom(_path(attribute))
    return diagnostic


def _label(type_name: str) -> str:
    return type_name.removeprefix(PREFIX).replace("_", " ")


def _name(state: ObjectValue, resource_type: ResourceType | None = None) -> str:
    """Return the name of the object, or of the object that it belongs to, for messages."""
    for field in ("name", "path", "cluster_name", "user_name", "display_name", "id"):
        if isinstance(state.get(field), str):
            parents = (state.get("catalog_name"), state.get("schema_name"))
            return ".".join([parent for parent in parents if isinstance(parent, str)] + [state[field]])
    # A setting of another object, such as its permissions: the name of that object.
    owners = (
        state.get(field) for field in sorted(resource_type.behaviour.forces_new if resource_type else ())
    )
    return next((owner for owner in owners if isinstance(owner, str)), "")


def _api_diagnostic(verb: str, type_name: str, name: str, error: ApiError) -> Any:
    detail = (
        f"{error.request}: {error.status} {error.code}".rstrip()
        if error.status and error.request
        else error.code
    )
    if verb == "create" and error.already_exists:
        detail += "\n\nThe object is in the workspace but not in this state: import it, or delete it there."
    return _diagnostic(f"cannot {verb} {_label(type_name)} {name}".rstrip() + f": {error.message}", detail)


def _namesake_warning(type_name: str, name: str, namesake: str) -> Any:
    text = f"The workspace already has a {_label(type_name)} of the same name: {namesake}."
    return _diagnostic(f"{_label(type_name)} {name} is not unique", text, severity=WARNING)


def _schema_response(schemas: Schemas) -> Any:
    answer = message("GetProviderSchema.Response")
    answer.server_capabilities.get_provider_schema_optional = True
    _fill_schema(answer.provider.block, schemas.provider)
    for name, block in schemas.resources.items():
        answer.resource_schemas[name].version = VERSIONS.get(name, 0)
        _fill_schema(answer.resource_schemas[name].block, block)
    for name, block in schemas.data_sources.items():
        _fill_schema(answer.data_source_schemas[name].block, block)
    return answer


def _fill_schema(target: Any, block: Block) -> None:
    # Terraform panics on a missing block, and protobuf omits an empty message unless it is marked as set.
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
        _fill_schema(inner.block, nested.block)
