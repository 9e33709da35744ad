"""The messages of Terraform's plugin protocol, version 6, that this provider uses.

The descriptors are built at import, so no generated code and no compiler are needed. Field numbers are
those of the protocol. Optional fields that are not used are omitted: protobuf skips unknown fields.
Enumerations are declared as integers, which have the same encoding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

VERSION = 6
SERVICE = "tfplugin6.Provider"
ERROR, WARNING = 1, 2
NESTING = {"single": 1, "list": 2, "set": 3}

# One message per line. A field is its name, type (`*`: repeated, `map:`: map from string) and number.
_MESSAGES = """
DynamicValue: msgpack bytes 1, json bytes 2
AttributePath.Step: attribute_name string 1
AttributePath: steps *AttributePath.Step 1
Diagnostic: severity int32 1, summary string 2, detail string 3, attribute AttributePath 4
RawState: json bytes 1

Schema.Attribute: name string 1, type bytes 2, required bool 4, optional bool 5, computed bool 6, \
sensitive bool 7
Schema.NestedBlock: type_name string 1, block Schema.Block 2, nesting int32 3, min_items int64 4, \
max_items int64 5
Schema.Block: version int64 1, attributes *Schema.Attribute 2, block_types *Schema.NestedBlock 3
Schema: version int64 1, block Schema.Block 2
ServerCapabilities: plan_destroy bool 1, get_provider_schema_optional bool 2, move_resource_state bool 3

GetProviderSchema.Request:
GetProviderSchema.Response: provider Schema 1, resource_schemas map:Schema 2, \
data_source_schemas map:Schema 3, diagnostics *Diagnostic 4, server_capabilities ServerCapabilities 6
ValidateProviderConfig.Request: config DynamicValue 1
ValidateProviderConfig.Response: diagnostics *Diagnostic 2
ValidateResourceConfig.Request: type_name string 1, config DynamicValue 2
ValidateResourceConfig.Response: diagnostics *Diagnostic 1
ValidateDataResourceConfig.Request: type_name string 1, config DynamicValue 2
ValidateDataResourceConfig.Response: diagnostics *Diagnostic 1
ConfigureProvider.Request: terraform_version string 1, config DynamicValue 2
ConfigureProvider.Response: diagnostics *Diagnostic 1
UpgradeResourceState.Request: type_name string 1, version int64 2, raw_state RawState 3
UpgradeResourceState.Response: upgraded_state DynamicValue 1, diagnostics *Diagnostic 2
ReadResource.Request: type_name string 1, current_state DynamicValue 2, private bytes 3
ReadResource.Response: new_state DynamicValue 1, diagnostics *Diagnostic 2, private bytes 3
PlanResourceChange.Request: type_name string 1, prior_state DynamicValue 2, \
proposed_new_state DynamicValue 3, config DynamicValue 4, prior_private bytes 5
PlanResourceChange.Response: planned_state DynamicValue 1, requires_replace *AttributePath 2, \
planned_private bytes 3, diagnostics *Diagnostic 4, legacy_type_system bool 5
ApplyResourceChange.Request: type_name string 1, prior_state DynamicValue 2, planned_state DynamicValue 3, \
config DynamicValue 4, planned_private bytes 5
ApplyResourceChange.Response: new_state DynamicValue 1, private bytes 2, diagnostics *Diagnostic 3, \
legacy_type_system bool 4
ImportResourceState.Request: type_name string 1, id string 2
ImportResourceState.ImportedResource: type_name string 1, state DynamicValue 2, private bytes 3
ImportResourceState.Response: imported_resources *ImportResourceState.ImportedResource 1, \
diagnostics *Diagnostic 2
ReadDataSource.Request: type_name string 1, config DynamicValue 2
ReadDataSource.Response: state DynamicValue 1, diagnostics *Diagnostic 2
StopProvider.Request:
StopProvider.Response: error string 1
"""

METHODS = (
    "GetProviderSchema",
    "ValidateProviderConfig",
    "ValidateResourceConfig",
    "ValidateDataResourceConfig",
    "ConfigureProvider",
    "UpgradeResourceState",
    "ReadResource",
    "PlanResourceChange",
    "ApplyResourceChange",
    "ImportResourceState",
    "ReadDataSource",
    "StopProvider",
)

_SCALARS = {
    "bytes": descriptor_pb2.FieldDescriptorProto.TYPE_BYTES,
    "string": descriptor_pb2.FieldDescriptorProto.TYPE_STRING,
    "bool": descriptor_pb2.FieldDescriptorProto.TYPE_BOOL,
    "int32": descriptor_pb2.FieldDescriptorProto.TYPE_INT32,
    "int64": descriptor_pb2.FieldDescriptorProto.TYPE_INT64,
}


def _class_name(name: str) -> str:
    return name.replace(".", "")


def _set_type(field: descriptor_pb2.FieldDescriptorProto, field_type: str) -> None:
    if field_type in _SCALARS:
        field.type = _SCALARS[field_type]
    else:
        field.type = descriptor_pb2.FieldDescriptorProto.TYPE_MESSAGE
        field.type_name = f".tfplugin6.{_class_name(field_type)}"


def _add_field(message: descriptor_pb2.DescriptorProto, name: str, field_type: str, number: int) -> None:
    repeated = field_type.startswith(("*", "map:"))
    field = message.field.add(name=name, number=number)
    field.label = field.LABEL_REPEATED if repeated else field.LABEL_OPTIONAL
    if not field_type.startswith("map:"):
        _set_type(field, field_type.removeprefix("*"))
        return
    # In protobuf, a map is a repeated nested message with the fields `key` and `value`.
    entry = message.nested_type.add(name="".join(segment.title() for segment in name.split("_")) + "Entry")
    entry.options.map_entry = True
    for key, entry_type, field_number in (
        ("key", "string", 1),
        ("value", field_type.removeprefix("map:"), 2),
    ):
        entry_field = entry.field.add(name=key, number=field_number, label=field.LABEL_OPTIONAL)
        _set_type(entry_field, entry_type)
    field.type = field.TYPE_MESSAGE
    field.type_name = f".tfplugin6.{message.name}.{entry.name}"


def _messages() -> dict[str, type[Any]]:
    file = descriptor_pb2.FileDescriptorProto(name="tfplugin6", package="tfplugin6", syntax="proto3")
    for line in filter(None, _MESSAGES.splitlines()):
        name, _, fields = line.partition(":")
        message = file.message_type.add(name=_class_name(name))
        for field in filter(None, fields.strip().split(", ")):
            field_name, field_type, number = field.split()
            _add_field(message, field_name, field_type, int(number))
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        message.name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"tfplugin6.{message.name}"))
        for message in file.message_type
    }


_CLASSES = _messages()


def message(name: str, **fields: Any) -> Any:
    """Create a message by its name in the protocol, such as `PlanResourceChange.Response`."""
    return _CLASSES[_class_name(name)](**fields)


def handlers(methods: Mapping[str, Callable[[Any, grpc.ServicerContext], Any]]) -> grpc.GenericRpcHandler:
    """Return the gRPC handler that serves these methods of the protocol."""
    return grpc.method_handlers_generic_handler(
        SERVICE,
        {
            name: grpc.unary_unary_rpc_method_handler(
                method,
                request_deserializer=_CLASSES[f"{name}Request"].FromString,
                response_serializer=_CLASSES[f"{name}Response"].SerializeToString,
            )
            for name, method in methods.items()
        },
    )
