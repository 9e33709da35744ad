"""Contracts of the working tree and of a commit."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.commands.contract_comparison import compare_contracts
from mesh.errors import OutsideError
from mesh.load import load
from tests.mesh.commands.conftest import CONTRACT, CONTRACT_FILES, COSTS, RENAMED
from tests.mesh.conftest import FLOW
from tests.support.contracts import text
from tests.support.git_repository import Repository


def test_the_working_tree_is_compared_with_a_commit(contract_repository: Repository) -> None:
    assert compare_contracts(load(contract_repository.path), "HEAD").differences == ()

    contract_repository.write({CONTRACT: text("1.1.0", RENAMED)})
    comparison = compare_contracts(load(contract_repository.path), "HEAD")

    [found] = comparison.differences
    assert (comparison.base, comparison.unknown) == (contract_repository.head[:8], "")
    assert found.verdict == "broken"
    assert found.readers[0].mentions == {"amount": tuple(f"{COSTS}/a.py:{line}" for line in range(2, 7))}


def test_a_commit_without_a_mesh_has_no_contracts(tmp_path: Path) -> None:
    repository = Repository.new(tmp_path / "mesh", {"README.md": "empty"})
    repository.write({**CONTRACT_FILES, f"{FLOW}/a.py": "# Databricks notebook source"})
    [found] = compare_contracts(load(repository.path), "HEAD").differences
    assert found.verdict == "new"


def test_a_commit_that_git_does_not_know_is_an_error(contract_repository: Repository) -> None:
    with pytest.raises(OutsideError, match="commit `nowhere` is not in this checkout"):
        compare_contracts(load(contract_repository.path), "nowhere")
