"""Registered models."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from mesh.model.registered_model import RegisteredModel, RegisteredModelFile


def test_the_full_name_uses_the_deployed_name_of_the_schema() -> None:
    model = RegisteredModel("fare", "fare_dev", "transport", "ml", "dev_ml", None, None, (), protected=False)
    assert model.full_name == "transport.dev_ml.fare_dev"


def test_a_model_has_no_storage_fields() -> None:
    with pytest.raises(ValidationError, match="storage_location"):
        RegisteredModelFile.model_validate({"schema": "ml", "storage_location": "s3://a/b"})
