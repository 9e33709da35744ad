"""A folder is initialized again after a change of what `terraform init` reads, and only then."""

from __future__ import annotations

from typing import Any

import pytest

from mesh.terraform.initialization import initialization

BASE: dict[str, Any] = {
    "settings": {"backend": {"local": {}}},
    "lock": None,
    "program": "terraform",
    "environ": {"HOME": "/home/ola"},
    "attached": False,
}


def _hash(**changes: Any) -> str:
    return initialization(**{**BASE, **changes})


@pytest.mark.parametrize(
    "change",
    [
        {"settings": {"backend": {"s3": {}}}},
        {"lock": "provider"},
        {"program": "tofu"},
        {"environ": {"TF_PLUGIN_CACHE_DIR": "/cache"}},
        {"environ": {"TF_CLI_ARGS_init": "-upgrade"}},
        {"attached": True},
    ],
)
def test_each_input_of_init_counts(change: dict[str, Any]) -> None:
    assert _hash(**change) != _hash()


def test_other_variables_do_not_count() -> None:
    assert _hash(environ={"HOME": "/home/kari", "TF_LOG": "debug"}) == _hash()
