"""Fixtures for tests of Unity Catalog."""

import pytest

UC = "/api/2.1/unity-catalog"


@pytest.fixture
def schema(workspace) -> dict[str, str]:
    """A schema `cat.s`; returns the fields that name it."""
    workspace.post(f"{UC}/catalogs", {"name": "cat"})
    workspace.post(f"{UC}/schemas", {"name": "s", "catalog_name": "cat"})
    return {"catalog_name": "cat", "schema_name": "s"}


@pytest.fixture
def credential(workspace) -> str:
    """A storage credential; returns its name."""
    role = {"role_arn": "arn:aws:iam::123456789012:role/mesh"}
    workspace.post(f"{UC}/storage-credentials", {"name": "role", "aws_iam_role": role})
    return "role"
