"""Files answers as the system does, and records what it was asked."""

from __future__ import annotations

import ast
import os
from pathlib import Path

import pytest

from mesh.files.files import FILE, FOLDER, MISSING, MOST_BYTES, OTHER, Files

ROOT = Path(__file__).resolve().parents[3]

# Whatever looks at the disk
ASKS = {
    *("exists", "lexists", "is_file", "is_dir", "is_symlink", "islink", "isfile", "isdir", "stat", "lstat"),
    *(
        "glob",
        "rglob",
        "iterdir",
        "walk",
        "scandir",
        "listdir",
        "resolve",
        "realpath",
        "readlink",
        "samefile",
    ),
    *("open", "read_bytes", "read_text"),
}
# Functions that only deployments and reviews call, or that read files of the program
NOT_WHILE_READING = {
    ("mesh/documents/field_descriptions.py", "sections"),
    ("mesh/documents/provider_fields.py", "shape"),
    ("mesh/documents/provider_fields.py", "names"),
    ("mesh/model/code.py", "size"),
    ("mesh/model/code.py", "content_base64"),
    ("mesh/model/notebook.py", "notebook_language"),
}


@pytest.fixture
def mesh(tmp_path: Path) -> Path:
    root = tmp_path / "mesh"
    (root / "a/b").mkdir(parents=True)
    (root / "a/one.py").write_text("1")
    (root / "a/b/two.py").write_text("2")
    (root / "a/b/.hidden.py").write_text("")
    (root / "link.py").symlink_to("a/one.py")
    (root / "folder").symlink_to("a")
    (root / "nowhere").symlink_to("missing")
    (root / "circle").symlink_to("circle")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/x.py").write_text("x")
    (root / "out").symlink_to(tmp_path / "outside")
    os.mkfifo(root / "pipe")
    return root


@pytest.mark.parametrize(
    ("path", "kind"),
    {
        "": FOLDER,
        "a": FOLDER,
        "a/one.py": FILE,
        "a/two.py": MISSING,
        "a/one.py/x": MISSING,
        "link.py": FILE,
        "folder": FOLDER,
        "folder/b/two.py": FILE,
        "nowhere": MISSING,
        "circle": MISSING,
        "pipe": OTHER,
        "x" * 300: MISSING,
        "a\0b/c": MISSING,
        "a\0b": MISSING,
        "a/../a/one.py": FILE,
        "\ud800/x": MISSING,
    }.items(),
)
def test_the_kind_of_a_path(mesh: Path, path: str, kind: str) -> None:
    assert Files(mesh).kind(path) == kind


@pytest.mark.parametrize(
    ("path", "leaves"),
    {
        "a/one.py": False,
        "link.py": False,
        "folder/b/two.py": False,
        "out": True,
        "out/x.py": True,
        "missing/x.py": False,
    }.items(),
)
def test_links_out_of_the_root_are_noticed(mesh: Path, path: str, leaves: bool) -> None:
    assert Files(mesh).leaves(path) is leaves


def test_why_a_link_leads_nowhere(mesh: Path) -> None:
    assert Files(mesh).why_missing("nowhere") == "No such file or directory"
    assert Files(mesh).why_missing("circle") == "links in a circle"


def test_names_are_in_order(mesh: Path) -> None:
    assert Files(mesh).names("a") == ["b", "one.py"]
    assert Files(mesh).names("a/one.py") == []
    assert Files(mesh).names("missing") == []


def test_content_is_bounded_and_read_once(mesh: Path) -> None:
    (mesh / "large").write_bytes(b"x" * (2 * MOST_BYTES))
    files = Files(mesh)

    assert files.content("large") == b"x" * (MOST_BYTES + 1)
    (mesh / "large").write_bytes(b"y")
    assert files.content("large")[:1] == b"x"


@pytest.mark.parametrize("path", ["missing", "a", "nowhere", "a\0b"])
def test_what_is_no_file_has_no_content(mesh: Path, path: str) -> None:
    files = Files(mesh)
    for _ in range(2):
        with pytest.raises(OSError, match=r"\w"):
            files.content(path)
    assert files.beginning(path) == b""


def test_a_pipe_does_not_block(mesh: Path) -> None:
    assert Files(mesh).beginning("pipe") == b""


PATTERNS = [
    "a/*.py",
    "**/*.py",
    "a/**/*.py",
    "*/b/*",
    "a/?ne.py",
    "a/[ot]*",
    "folder/*.py",
    "a/**",
    "*",
    "a/x/*",
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_patterns_match_as_in_pathlib(mesh: Path, pattern: str) -> None:
    expected = sorted(path.relative_to(mesh).as_posix() for path in mesh.glob(pattern))

    assert sorted(Files(mesh).below("", pattern)) == expected


def test_a_wrong_pattern_is_refused(mesh: Path) -> None:
    with pytest.raises(ValueError, match=r"a\*\*b"):
        list(Files(mesh).below("", "a**b"))


def test_the_same_questions_have_the_same_answers(mesh: Path) -> None:
    files = Files(mesh)
    with files.recording() as answers:
        asked(files)

    assert Files(mesh).answered(answers.questions) == answers


@pytest.mark.parametrize(
    "change",
    [
        lambda mesh: (mesh / "a/one.py").write_text("2"),
        lambda mesh: (mesh / "a/three.py").write_text(""),
        lambda mesh: (mesh / "x").write_text(""),
        lambda mesh: (mesh / "out").unlink(),
        lambda mesh: ((mesh / "link.py").unlink(), (mesh / "link.py").symlink_to("a/b/two.py")),
        lambda mesh: (mesh / "missing").mkdir(),
    ],
)
def test_a_change_has_other_answers(mesh: Path, change: object) -> None:
    files = Files(mesh)
    with files.recording() as answers:
        asked(files)
    assert callable(change)

    change(mesh)

    assert Files(mesh).answered(answers.questions) != answers


def asked(files: Files) -> None:
    """Asks all kinds of questions."""
    files.names("a")
    files.content("a/one.py")
    files.kind("x")
    files.kind("link.py")
    files.leaves("out/x.py")
    files.why_missing("nowhere")


def test_a_part_is_recorded_apart(mesh: Path) -> None:
    files = Files(mesh)
    with files.recording() as outer:
        files.kind("x")
        with files.recording() as inner:
            files.kind("a")
        files.kind("link.py")

    assert [*outer.entries] == ["x", "link.py"]
    assert [*inner.entries] == ["a"]


def test_whoever_reads_a_mesh_asks_only_files() -> None:
    """What somebody looks at without asking `Files` would not be part of the key of a kept model."""
    places = [*(ROOT / "mesh/model").glob("*.py"), *(ROOT / "mesh/documents").glob("*.py")]
    places += [ROOT / f"mesh/reading/{name}_reader.py" for name in ("level", "mesh", "project")]
    wrong = {
        (place.relative_to(ROOT).as_posix(), function.name)
        for place in places
        for function in ast.walk(ast.parse(place.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef)
        for call in ast.walk(function)
        if isinstance(call, ast.Call)
        if getattr(call.func, "attr", getattr(call.func, "id", "")) in ASKS
    }

    assert wrong == NOT_WHILE_READING
