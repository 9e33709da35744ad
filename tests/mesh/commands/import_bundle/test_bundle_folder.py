"""The folder of a bundle, and what it uses beside it."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from mesh.commands.import_bundle.bundle_folder import bundle_folder
from mesh.errors import UsageError
from tests.mesh.commands.import_bundle.conftest import JOB, NOTEBOOK, Importer


def test_a_bundle_is_its_folder_or_its_main_file(tmp_path: Path) -> None:
    (tmp_path / "databricks.yml").write_text("bundle: {name: x}")

    folder = bundle_folder(tmp_path)

    assert folder == bundle_folder(tmp_path / "databricks.yml")
    assert (folder.root, folder.home, folder.file) == (tmp_path, PurePosixPath("."), "databricks.yml")
    assert folder.prefix == str(tmp_path)


def test_another_folder_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"has no databricks\.yml"):
        bundle_folder(tmp_path)
    with pytest.raises(UsageError, match="does not exist"):
        bundle_folder(tmp_path / "nowhere")


def test_a_bundle_may_share_files_with_others(imported: Importer, tmp_path: Path) -> None:
    (tmp_path / "common").mkdir()
    (tmp_path / "common" / "vars.yml").write_text("variables: {x: {default: 1}}\n")
    (tmp_path / "common" / "tools.py").write_text("y = 2\n")
    text = JOB.replace("load:\n", "load:\n      max_concurrent_runs: ${var.x}\n      shade: dark\n")

    made = imported(
        text + "include: [../common/*.yml]\nsync: {paths: [../common, .]}\n",
        {"load.py": NOTEBOOK + "import tools\n"},
    )

    assert made.flow()["max_concurrent_runs"] == 1
    assert made.code == ["libs/tools.py", "flows/prep/load/load.py"]
    files = {Path(one.file).relative_to(tmp_path).as_posix() for one in made.made.remarks}
    assert files == {"bundle/databricks.yml", "common/tools.py"}
