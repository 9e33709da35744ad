"""Cloud storage."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from mesh.model.storage import ExternalLocationFile, StorageCredentialFile, cloud


def test_the_cloud_is_the_declared_block() -> None:
    """Also if the block is empty."""
    assert cloud(StorageCredentialFile(databricks_gcp_service_account={})) == "databricks_gcp_service_account"


@pytest.mark.parametrize("url", ["s3://bucket/../other", "file:///tmp", "bucket/path"])
def test_a_location_is_a_url_in_cloud_storage(url: str) -> None:
    """`..` could leave the location."""
    with pytest.raises(Exception, match=r"location|pattern|may not contain") as error:
        ExternalLocationFile(url=url, storage_credential="c")
    assert isinstance(error.value, ValidationError | ValueError)
