"""The messages of the plugin protocol."""

from google.protobuf.message import Message

from local.provider.protocol import METHODS, SERVICE, handlers, message


def test_the_encoding_of_a_message_is_that_of_the_protocol() -> None:
    """Field 2 of `Diagnostic` is `summary`, field 1 is `severity`."""
    diagnostic = message("Diagnostic", severity=1, summary="no")
    assert diagnostic.SerializeToString() == b"\x08\x01\x12\x02no"


def test_unknown_fields_of_a_newer_terraform_are_skipped() -> None:
    current = message("RawState").FromString(b"\x0a\x02{}" + b"\x1a\x03new")
    assert current.json == b"{}"


def test_a_map_field_holds_messages_by_name() -> None:
    answer = message("GetProviderSchema.Response")
    answer.resource_schemas["databricks_job"].version = 2
    copy = message("GetProviderSchema.Response").FromString(answer.SerializeToString())
    assert {name: schema.version for name, schema in copy.resource_schemas.items()} == {"databricks_job": 2}


def test_every_method_has_a_request_and_a_response() -> None:
    for method in METHODS:
        assert isinstance(message(f"{method}.Request"), Message)
        assert isinstance(message(f"{method}.Response"), Message)


def test_the_handler_serves_the_methods_of_the_service_only() -> None:
    class Call:
        """The details of a gRPC call."""

        invocation_metadata = ()

        def __init__(self, method: str) -> None:
            self.method = method

    handler = handlers({"StopProvider": lambda request, context: message("StopProvider.Response")})
    assert handler.service(Call(f"/{SERVICE}/StopProvider")) is not None
    assert handler.service(Call(f"/{SERVICE}/ReadResource")) is None
