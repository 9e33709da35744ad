"""Uploaded files of a project: their paths and types."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path

import pytest

from mesh.errors import MeshError
from mesh.files.files import Files
from mesh.load import load
from mesh.model.code import MAX_FILE_BYTES, check_code, check_git_code, shared_code, workspace_code

PROJECT = "orgs/acme/domains/transport/projects/taxinyc"
FILES = {
    ".brickopscfg/config.yml": "naming: {}\n",
    f"{PROJECT}/project.yml": "owner: x\n",
    f"{PROJECT}/compute.yml": "{}\n",
    f"{PROJECT}/defaults.yml": "tags: {}\n",
    f"{PROJECT}/libs/defaults.yml": "rate: 2\n",
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


def test_code_keeps_its_path_below_the_root(tmp_path: Path) -> None:
    """Notebooks lose their suffix; YAML files of the mesh, explore/ and hidden files are not uploaded."""
    code = workspace_code(written(tmp_path, FILES), PROJECT, "/Users/ola/mesh/x", [".brickopscfg/config.yml"])
    below = f"/Users/ola/mesh/x/{PROJECT}"
    assert {(file.id, file.path, file.language) for file in code.files} == {
        ("_brickopscfg_config_yml", "/Users/ola/mesh/x/.brickopscfg/config.yml", None),
        ("libs_fares_py", f"{below}/libs/fares.py", None),
        ("libs_defaults_yml", f"{below}/libs/defaults.yml", None),
        ("prep_revenue_trips", f"{below}/flows/prep/revenue/trips", "PYTHON"),
        ("prep_revenue_report", f"{below}/flows/prep/revenue/report", "SQL"),
        ("prep_revenue_plain_sql", f"{below}/flows/prep/revenue/plain.sql", None),
        ("prep_revenue_look", f"{below}/flows/prep/revenue/look", "PYTHON"),
        ("prep_revenue_zones_2_csv", f"{below}/flows/prep/revenue/zones 2.csv", None),
    }
    assert list(check_code(code, tmp_path)) == []


def test_an_empty_file_gets_a_line_break(tmp_path: Path) -> None:
    """The provider refuses empty content, and Python packages often have empty files."""
    root = written(tmp_path, {f"{PROJECT}/libs/__init__.py": "", f"{PROJECT}/libs/a.py": "x"})
    files = workspace_code(root, PROJECT, "/x").files
    assert [b64decode(file.content_base64) for file in files] == [b"\n", b"x"]


def test_a_link_out_of_the_repository_is_not_followed(tmp_path: Path) -> None:
    """Its target is not uploaded."""
    root = written(tmp_path / "mesh", {f"{PROJECT}/a.txt": "a"})
    (tmp_path / "secret").write_text("s")
    (root / PROJECT / "link.txt").symlink_to(tmp_path / "secret")
    assert [file.id for file in workspace_code(root, PROJECT, "/x").files] == ["a_txt"]


def test_two_files_of_one_terraform_name_and_one_too_large_are_findings(tmp_path: Path) -> None:
    """Terraform would keep one of the two, and the workspace would refuse the large file."""
    root = written(tmp_path, {f"{PROJECT}/a b.txt": "1", f"{PROJECT}/a_b.txt": "2", f"{PROJECT}/1.txt": "3"})
    with (root / PROJECT / "large.bin").open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    code = workspace_code(root, PROJECT, "/x")
    assert [file.id for file in code.files] == ["_1_txt", "a_b_txt", "a_b_txt", "large_bin"]
    assert list(map(str, check_code(code, root))) == [
        f"{PROJECT}/a_b.txt:1:1: has the same Terraform name as {PROJECT}/a b.txt, `a_b_txt` (rename one)",
        f"{PROJECT}/large.bin:1:1: has 10,000,001 bytes; a workspace file may have at most 10,000,000 (use a volume)",
    ]


def test_shared_code_keeps_its_path_below_the_root(tmp_path: Path) -> None:
    """Folders and single files; without hidden files, caches, links and files of the project."""
    files = {
        "orgs/acme/libs/fares.py": "def fare(): ...\n",
        "orgs/acme/libs/zones/__init__.py": "",
        "orgs/acme/libs/explore/zones.csv": "1",
        "orgs/acme/libs/clean.py": "# Databricks notebook source\n",
        "orgs/acme/libs/.venv/x.py": "x",
        "orgs/acme/libs/.env": "x",
        "orgs/acme/libs/__pycache__/fares.pyc": "x",
        "orgs/acme/other/x.py": "x",
        "orgs/acme/tools/one.py": "x",
        "orgs/acme/tools/two.py": "x",
        f"{PROJECT}/libs/own.py": "x",
    }
    root = written(tmp_path, files)
    (root / "orgs/acme/libs/link.py").symlink_to(root / "orgs/acme/other/x.py")
    (root / "orgs/acme/libs/links").symlink_to(root / "orgs/acme/other")
    shared = ["orgs/acme/libs", "orgs/acme/tools/one.py", "orgs/acme/libs/zones", f"{PROJECT}/libs"]
    code = workspace_code(root, PROJECT, "/x", shared)
    assert [(file.id, file.path, file.language) for file in code.files] == [
        ("orgs_acme_libs_clean", "/x/orgs/acme/libs/clean", "PYTHON"),
        ("orgs_acme_libs_explore_zones_csv", "/x/orgs/acme/libs/explore/zones.csv", None),
        ("orgs_acme_libs_fares_py", "/x/orgs/acme/libs/fares.py", None),
        ("orgs_acme_libs_zones___init___py", "/x/orgs/acme/libs/zones/__init__.py", None),
        ("orgs_acme_tools_one_py", "/x/orgs/acme/tools/one.py", None),
        ("libs_own_py", f"/x/{PROJECT}/libs/own.py", None),
    ]
    assert list(check_code(code, root)) == []


def test_two_files_with_one_workspace_path_are_a_finding(tmp_path: Path) -> None:
    """A notebook without its suffix may have the path of a file, another notebook or a folder."""
    notebook = "# Databricks notebook source\n"
    files = {"a.py": notebook, "a": "x", "b.py": notebook, "b.ipynb": "{}", "c.py": notebook, "c/d.csv": "x"}
    root = written(tmp_path, {f"{PROJECT}/{name}": text for name, text in files.items()})
    findings = list(check_code(workspace_code(root, PROJECT, "/x"), root))
    assert {finding.code for finding in findings} == {"same-workspace-path"}
    assert [str(finding) for finding in findings] == [
        f"{PROJECT}/a.py:1:1: has the same workspace path as {PROJECT}/a, `/x/{PROJECT}/a` (rename one)",
        f"{PROJECT}/b.py:1:1: has the same workspace path as {PROJECT}/b.ipynb, `/x/{PROJECT}/b` (rename one)",
        f"{PROJECT}/c.py:1:1: has the workspace path `/x/{PROJECT}/c`, which is also a folder (rename one)",
    ]


def test_shared_code_and_the_projects_own_never_share_a_terraform_name(tmp_path: Path) -> None:
    """Terraform would keep one of the two."""
    root = written(tmp_path, {"orgs/acme/libs/x.csv": "1", f"{PROJECT}/orgs/acme/libs/x.csv": "2"})
    code = workspace_code(root, PROJECT, "/x", ["orgs/acme/libs"])
    [finding] = check_code(code, root)
    assert finding.code == "same-terraform-name"


@pytest.mark.parametrize(
    ("file", "path"),
    [
        ("orgs/acme/org.yml", "orgs/acme/libs"),
        ("orgs/acme/domains/transport/domain.yml", "orgs/acme/domains/transport/libs"),
        ("org.yml", "libs"),
    ],
)
def test_code_is_relative_to_the_folder_of_the_declaring_file(file: str, path: str) -> None:
    """With or without a slash at the end."""
    assert shared_code(["libs/", "libs"], file) == [path, path]


def findings(root: Path, code: str, file: str = "orgs/acme/org.yml") -> list[tuple[str, str]]:
    """Code and message of the findings for `code: [...]` in `file`."""
    written(root, {file: f"description: x\ncode: {code}\n"})
    try:
        load(root)
    except MeshError as error:
        return [(finding.code, str(finding)) for finding in error.findings]
    return []


DOMAIN = "orgs/acme/domains/transport"


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("orgs/acme/org.yml", "[libs/, tools/one.py, domains/transport/libs]"),
        (f"{DOMAIN}/domain.yml", "[libs]"),
        (f"{PROJECT}/project.yml", "[libs, flows/prep]"),
    ],
)
def test_org_domain_and_project_may_share_code(tmp_path: Path, file: str, code: str) -> None:
    """In any folder below them."""
    places = (
        "orgs/acme/libs",
        "orgs/acme/tools",
        f"{DOMAIN}/libs",
        f"{PROJECT}/libs",
        f"{PROJECT}/flows/prep",
    )
    root = written(tmp_path, {f"{place}/one.py": "x" for place in places})
    assert findings(root, code, file) == []


@pytest.mark.parametrize(
    ("code", "kind", "message"),
    [
        ("../globex/libs", "code-outside", "may not leave the folder of this file (no `..`, no leading `/`)"),
        ("libs/../../globex", "code-outside", "may not leave the folder of this file (no `..`, no leading `/`)"),
        ("/etc", "code-outside", "may not leave the folder of this file (no `..`, no leading `/`)"),
        ("out", "code-outside", "is a link, and git stores only its target (move the files here)"),
        ("out/x.py", "code-outside", "is a link, and git stores only its target (move the files here)"),
        ("inside", "code-outside", "is a link, and git stores only its target (move the files here)"),
        ("around", "code-outside", "is a link, and git stores only its target (move the files here)"),
        ("libs/*.py", "code-glob", "is a pattern, which is not supported (name the folder)"),
        (".git", "code-hidden", "is hidden, so it is not deployed (rename it)"),
        ("libs/.venv", "code-hidden", "is hidden, so it is not deployed (rename it)"),
        (".", "code-holds-projects", "contains projects (move shared code to a separate folder)"),
        ("domains", "code-holds-projects", "contains projects (move shared code to a separate folder)"),
        ("domains/transport/projects/taxinyc", "code-holds-projects", "contains projects (move shared code to a separate folder)"),
        ("lib", "code-missing", "does not exist (add it, or correct the path)"),
        ("libs/fares.py/x", "code-missing", "does not exist (add it, or correct the path)"),
        ("empty", "code-missing", "contains no files (add one; for a submodule: `git submodule update --init`)"),
        ("${libs}", "code-missing", "does not exist (add it, or correct the path)"),
    ],
)  # fmt: skip
def test_code_that_is_no_code_of_this_repository_is_a_finding(
    tmp_path: Path, code: str, kind: str, message: str
) -> None:
    """With its line."""
    root = written(tmp_path / "mesh", {"orgs/acme/libs/fares.py": "x", f"{PROJECT}/a.py": "x"})
    written(tmp_path, {"outside/x.py": "x", "mesh/orgs/globex/libs/x.py": "x"})
    (root / "orgs/acme/out").symlink_to(tmp_path / "outside")
    (root / "orgs/acme/inside").symlink_to(root / "orgs/acme/libs")
    (root / "orgs/acme/around").symlink_to(root / "orgs/acme/around")
    (root / "orgs/acme/empty").mkdir()
    assert findings(root, f'["{code}"]') == [(kind, f"orgs/acme/org.yml:2:8: code `{code}` {message}")]


@pytest.mark.parametrize(
    ("code", "kinds"),
    [
        ("libs", ["wrong-type"]),
        ("[1]", ["wrong-type"]),
        ("[libs, libs/]", ["code-twice"]),
        ("[libs, libs/fares.py]", ["code-twice"]),
        (f"[{'x' * 10_000}]", ["code-missing"]),
        ('["libs\\0"]', ["code-missing", "control-character"]),
        ('["libs\\n"]', ["code-missing"]),
        ('[""]', ["code-holds-projects"]),
        ("[~]", ["wrong-type"]),
    ],
)
def test_hostile_code_is_a_finding(tmp_path: Path, code: str, kinds: list[str]) -> None:
    """Any text, with a short message."""
    root = written(tmp_path, {"orgs/acme/libs/fares.py": "x"})
    found = findings(root, code)
    assert sorted(kind for kind, _ in found) == kinds
    assert all(len(text) < 300 for _, text in found)


def test_a_flow_shares_no_code(tmp_path: Path) -> None:
    """No level is below a flow."""
    root = written(tmp_path, {"orgs/acme/libs/fares.py": "x"})
    [(kind, _)] = findings(root, "[libs]", f"{PROJECT}/flows/prep/revenue/deployment.yml")
    assert kind == "unknown-field"


def test_code_in_a_submodule_is_a_finding_if_jobs_run_from_git(tmp_path: Path) -> None:
    """The submodule, a file in it, or a folder around it.

    The repository of the mesh itself is not a submodule.
    """
    files = {"libs/sub/.git": "gitdir: x", "libs/sub/a/b.py": "x", ".git/HEAD": "x", "other/c.py": "x"}
    root = written(tmp_path, files)
    for path in ("libs", "libs/sub", "libs/sub/a", "libs/sub/a/b.py"):
        [finding] = check_git_code(["other", path], f"{PROJECT}/project.yml", Files(root))
        assert (finding.code, finding.file) == ("in-submodule", f"{PROJECT}/project.yml")
        assert finding.message.startswith("`libs/sub` is a separate git repository, which jobs do not ")
    assert list(check_git_code([PROJECT, "other", "libs2"], f"{PROJECT}/project.yml", Files(root))) == []
