"""Workspace bindings against a fake workspace."""

import pytest

from local.provider.api import ApiError
from local.provider.resource_type import Known
from tests.support.rest_api import FakeRestApi, resource

BINDINGS = "/api/2.1/unity-catalog/bindings/catalog/acme"
BINDING = {"workspace_id": 7, "binding_type": "BINDING_TYPE_READ_WRITE"}


def test_a_binding_is_added_read_and_removed() -> None:
    workspace = FakeRestApi({f"PATCH {BINDINGS}": {}, f"GET {BINDINGS}": {"bindings": [BINDING]}})
    binding, context = resource("databricks_workspace_binding", workspace)
    planned = {**BINDING, "securable_type": "catalog", "securable_name": "acme"}
    assert binding.create(context, planned) == "7|catalog|acme"
    assert workspace.sent(f"PATCH {BINDINGS}") == {"add": [BINDING]}
    state = binding.read(context, "7|catalog|acme", Known(planned))
    assert (state["securable_name"], state["workspace_id"]) == ("acme", 7)
    binding.delete(context, "7|catalog|acme", planned)
    assert workspace.sent(f"PATCH {BINDINGS}") == {"remove": [BINDING]}


def test_a_binding_of_another_workspace_is_not_there() -> None:
    workspace = FakeRestApi({f"GET {BINDINGS}": {"bindings": [BINDING]}})
    binding, context = resource("databricks_workspace_binding", workspace)
    with pytest.raises(ApiError) as raised:
        binding.read(context, "8|catalog|acme", Known({}))
    assert raised.value.not_found


def test_an_id_without_three_parts_is_refused() -> None:
    binding, context = resource("databricks_workspace_binding", FakeRestApi({}))
    with pytest.raises(ApiError, match="is not <workspace id>"):
        binding.read(context, "7|catalog", Known({}))
