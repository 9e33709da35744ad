"""Which files of a project go into the workspace, where, and as what."""

from __future__ import annotations

from pathlib import Path

from mesh.code import MAX_FILE_BYTES, check_code, workspace_code

PROJECT = "orgs/acme/domains/transport/projects/taxinyc"
FILES = {
    ".brickopscfg/config.yml": "naming: {}\n",
    f"{PROJECT}/project.yml": "owner: x\n",
    f"{PROJECT}/explore/look.py": "# Databricks notebook source\n",
    f"{PROJECT}/libs/fares.py": "def fare(): ...\n",
    f"{PROJECT}/flows/prep/revenue/deployment.yml": "tasks: []\n",
    f"{PROJECT}/flows/prep/revenue/trips.py": "# Databricks notebook source\nprint(1)\n",
    f"{PROJECT}/flows/prep/revenue/report.sql": "-- Databricks notebook source\nselect 1\n",
    f"{PROJECT}/flows/prep/revenue/plain.sql": "select 1\n",
    f"{PROJECT}/flows/prep/revenue/look.ipynb": "{}",
    f"{PROJECT}/flows/prep/revenue/zones 2.csv": "a,b\n",
    f"{PROJECT}/flows/prep/revenue/.hidden": "x",
    f"{PROJECT}/flows/prep/revenue/__pycache__/trips.pyc": "x",
}


def written(root: Path, files: dict[str, str]) -> Path:
    """A repository with these files."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_code_goes_where_it_lies_below_the_root(tmp_path: Path) -> None:
    """Notebooks lose their suffix; YAML of the mesh, explore/ and hidden files stay here."""
    code = workspace_code(written(tmp_path, FILES), PROJECT, "/Users/ola/mesh/x", [".brickopscfg/config.yml"])
    below = f"/Users/ola/mesh/x/{PROJECT}"
    assert {(file.id, file.path, file.language) for file in code.files} == {
        ("_brickopscfg_config_yml", "/Users/ola/mesh/x/.brickopscfg/config.yml", None),
        ("libs_fares_py", f"{below}/libs/fares.py", None),
        ("prep_revenue_trips", f"{below}/flows/prep/revenue/trips", "PYTHON"),
        ("prep_revenue_report", f"{below}/flows/prep/revenue/report", "SQL"),
        ("prep_revenue_plain_sql", f"{below}/flows/prep/revenue/plain.sql", None),
        ("prep_revenue_look", f"{below}/flows/prep/revenue/look", "PYTHON"),
        ("prep_revenue_zones_2_csv", f"{below}/flows/prep/revenue/zones 2.csv", None),
    }
    assert list(check_code(code, tmp_path)) == []


def test_a_link_out_of_the_repository_is_not_followed(tmp_path: Path) -> None:
    """Whatever it points to stays where it is."""
    root = written(tmp_path / "mesh", {f"{PROJECT}/a.txt": "a"})
    (tmp_path / "secret").write_text("s")
    (root / PROJECT / "link.txt").symlink_to(tmp_path / "secret")
    assert [file.id for file in workspace_code(root, PROJECT, "/x").files] == ["a_txt"]


def test_two_files_of_one_terraform_name_and_one_too_large_are_findings(tmp_path: Path) -> None:
    """Terraform would keep one of the two, and the workspace refuse the other."""
    root = written(tmp_path, {f"{PROJECT}/a b.txt": "1", f"{PROJECT}/a_b.txt": "2", f"{PROJECT}/1.txt": "3"})
    with (root / PROJECT / "large.bin").open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    code = workspace_code(root, PROJECT, "/x")
    assert [file.id for file in code.files] == ["_1_txt", "a_b_txt", "a_b_txt", "large_bin"]
    assert list(map(str, check_code(code, root))) == [
        f"{PROJECT}/a_b.txt:1:1: would get the Terraform name `a_b_txt`, as {PROJECT}/a b.txt does (rename one)",
        f"{PROJECT}/large.bin:1:1: holds 10,000,001 bytes; a workspace file may hold 10,000,000 (use a volume)",
    ]
