"""The record of what was deployed."""

import pytest

from local.deployment_record import DeploymentRecord, read_record
from local.home import Home


def test_a_record_is_read_back(tmp_path):
    home = Home(tmp_path)
    record = DeploymentRecord(("/Users/ola/a",), {"prep/revenue": "hash"})
    record.write(home, "acme-x-local-ola@acme.example-main")

    assert read_record(home, "acme-x-local-ola@acme.example-main") == record
    assert read_record(home, "another") == DeploymentRecord()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"files": 1, "settings": {}}'])
def test_a_damaged_record_counts_as_none(tmp_path, text: str):
    home = Home(tmp_path)
    DeploymentRecord(("/a",)).write(home, "s")
    (home.path / "deployed" / "s.json").write_text(text)

    assert read_record(home, "s") == DeploymentRecord()
