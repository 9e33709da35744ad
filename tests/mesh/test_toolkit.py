"""The choice between cdktf and cdktn."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mesh.errors import OutsideError, UsageError
from mesh.toolkit import CDKTF, CDKTN, TOOLKITS, synthesizer, toolkit


def test_cdktf_is_the_toolkit_without_a_choice() -> None:
    assert toolkit({}) == toolkit({"MESH_TOOLKIT": ""}) == CDKTF


@pytest.mark.parametrize("name", TOOLKITS)
def test_the_variable_chooses(name: str) -> None:
    assert toolkit({"MESH_TOOLKIT": name}).name == name


def test_an_unknown_toolkit_is_refused_with_the_known_ones() -> None:
    with pytest.raises(
        UsageError, match=r"MESH_TOOLKIT=pulumi is not a toolkit \(set it to cdktf or cdktn\)"
    ):
        toolkit({"MESH_TOOLKIT": "pulumi"})


def test_the_module_of_the_bindings_is_named_after_their_package() -> None:
    assert (CDKTF.bindings, CDKTN.bindings) == (
        "cdktf_cdktf_provider_databricks",
        "cdktn_provider_databricks",
    )


def test_each_toolkit_has_a_command_of_its_own() -> None:
    assert CDKTF.command == ("npx", "cdktf")
    assert CDKTN.command == ("npx", "--prefix", ".mesh/cdktn", "cdktn")


def test_bindings_that_are_missing_are_reported_with_the_remedy() -> None:
    absent = replace(CDKTN, distribution="no-such-bindings")
    with pytest.raises(
        OutsideError, match=r"no-such-bindings is not installed \(run `make install TOOLKIT=cdktn`\)"
    ):
        absent.installed_version()


def test_programs_that_import_our_constructs_get_the_toolkit() -> None:
    assert synthesizer({}) == "cdktf"
    assert synthesizer({"MESH_SYNTHESIZER": ""}, default="python") == "python"
    assert synthesizer({"MESH_SYNTHESIZER": "cdktf"}, default="python") == "cdktf"


def test_another_synthesizer_is_refused_with_the_choices() -> None:
    with pytest.raises(
        UsageError, match=r"MESH_SYNTHESIZER=node is not a synthesizer \(set it to python or cdktf\)"
    ):
        synthesizer({"MESH_SYNTHESIZER": "node"})
