"""Packages of other hosts: kept after `dbt deps`, and used when it fails."""

import os
from pathlib import Path

import pytest

from local.dbt.kept_packages import KeptPackages

DECLARED = """packages:
- package: dbt-labs/dbt_utils
  version: 1.3.0
- git: https://example.com/rules.git
- local: ../house_rules
"""


def project(folder: Path, declared: str = DECLARED) -> Path:
    """A copy of a project, before `dbt deps`."""
    folder.mkdir(parents=True)
    (folder / "packages.yml").write_text(declared)
    return folder


def install(folder: Path) -> None:
    """What `dbt deps` makes: a folder of a package, a link to one of the mesh, and the lock."""
    (folder / "dbt_packages/dbt_utils").mkdir(parents=True)
    (folder / "dbt_packages/dbt_utils/macro.sql").write_text("a macro")
    (folder / "dbt_packages/house_rules").symlink_to(folder.parent / "house_rules")
    (folder / "package-lock.yml").write_text("packages: []\n")


def test_kept_packages_are_restored_in_the_next_copy_with_the_packages_that_are_beside_it(
    tmp_path: Path,
) -> None:
    first, second = project(tmp_path / "1/dbt"), project(tmp_path / "2/dbt")
    kept = KeptPackages(first, tmp_path / "kept")
    install(first)
    kept.keep()
    kept.keep()
    (tmp_path / "2/house_rules").mkdir()
    (second / "dbt_packages/half").mkdir(parents=True)

    assert KeptPackages(second, tmp_path / "kept").restore()
    assert (second / "dbt_packages/dbt_utils/macro.sql").read_text() == "a macro"
    assert (second / "dbt_packages/house_rules").resolve() == (tmp_path / "2/house_rules").resolve()
    assert (second / "package-lock.yml").exists()
    assert not (second / "dbt_packages/half").exists()


def test_two_tasks_may_keep_the_same_packages_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = project(tmp_path / "1/dbt"), project(tmp_path / "2/dbt")
    folder = tmp_path / "kept"
    kept, of_another_task = (KeptPackages(each, folder) for each in (first, second))
    install(first)
    install(second)
    kept.keep()
    rename, renamed = Path.rename, list[Path]()

    def while_another_task_keeps(path: Path, target: Path) -> Path:
        if not renamed and target.name.isalnum():
            renamed.append(path)
            monkeypatch.setattr(os, "getpid", lambda: 0)
            of_another_task.keep()
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", while_another_task_keeps)
    kept.keep()

    assert renamed
    assert [each.name.isalnum() for each in folder.iterdir()] == [True]
    assert KeptPackages(project(tmp_path / "3/dbt"), folder).restore()


def test_other_versions_are_not_restored(tmp_path: Path) -> None:
    first = project(tmp_path / "1/dbt")
    kept = KeptPackages(first, tmp_path / "kept")
    install(first)
    kept.keep()

    other = project(tmp_path / "2/dbt", DECLARED.replace("1.3.0", "1.4.0"))
    assert not KeptPackages(other, tmp_path / "kept").restore()


@pytest.mark.parametrize(
    ("declared", "elsewhere"),
    [
        (DECLARED, ["dbt-labs/dbt_utils", "https://example.com/rules.git"]),
        ("packages: [{local: ../house_rules}]\n", []),
        ("packages: none\n", []),
        ("- a\n", []),
        ("packages: [1]\n", []),
        ("packages: {{ a }}\n", []),
    ],
)
def test_only_packages_of_other_hosts_are_kept(tmp_path: Path, declared: str, elsewhere: list[str]) -> None:
    folder = project(tmp_path / "dbt", declared)
    kept = KeptPackages(folder, tmp_path / "kept")
    install(folder)
    kept.keep()

    assert kept.elsewhere == elsewhere
    assert (tmp_path / "kept").exists() == bool(elsewhere)
