"""Backends; `test_same_code.py` compares the code of every kind with cdktf's."""

from __future__ import annotations

import pytest

from datamesh.cdktf_in_python.packages import cdktf


@pytest.mark.parametrize(
    ("host", "cloud"), [(None, "tfc"), ("app.terraform.io", "tfc"), ("terraform.acme.example", "tfe")]
)
def test_the_metadata_tells_whose_host_it_is(host: str | None, cloud: str) -> None:
    stack = cdktf.TerraformStack(cdktf.App(outdir="out"), "stack")

    backend = cdktf.RemoteBackend(stack, hostname=host)

    assert backend.metadata() == {"backend": "remote", "cloud": cloud}
