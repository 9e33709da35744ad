"""The source commit of a project is the last one that touched it, whatever else happened."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from mesh.errors import OutsideError
from mesh.git.checkout import NO_COMMIT, GitContext, public_url, read_git, with_defaults
from tests.support.git_repository import Repository

INPUTS = {"a": ["projects/a", "org.yml"], "b": ["projects/b", "org.yml"]}
A = {"projects/a/x": "1"}


def sources(repository: Repository) -> dict[str, str]:
    """The source commits as the mesh sees them."""
    return read_git(repository.path, {}).source_commits(INPUTS)


def source(repository: Repository, *inputs: str) -> str:
    """The source commit of one project that is made of `inputs`."""
    return read_git(repository.path, {}).source_commits({"one": inputs})["one"]


def assert_as_at_head(repository: Repository) -> None:
    """The inputs at each source commit are those at HEAD, and at no parent of it."""
    for project, commit in sources(repository).items():
        assert tree(repository, commit, INPUTS[project]) == tree(repository, "HEAD", INPUTS[project])
        parents = repository.git("rev-list", "--parents", "-n1", commit).split()[1:]
        for parent in parents:
            assert tree(repository, parent, INPUTS[project]) != tree(repository, commit, INPUTS[project])


def tree(repository: Repository, commit: str, inputs: Sequence[str]) -> str:
    """The contents of a project's inputs at a commit."""
    return repository.git("ls-tree", "-r", commit, "--", *inputs)


def merged(repository: Repository, resolution: str) -> str:
    """A merge of two branches that change projects/a/x to 2 (main) and 3, resolved to another text."""
    repository.git("checkout", "-q", "-b", "feature")
    repository.commit({"projects/a/x": "3"})
    repository.git("checkout", "-q", "main")
    repository.commit({"projects/a/x": "2"})
    with pytest.raises(subprocess.CalledProcessError):
        repository.git("merge", "-q", "--no-ff", "-m", "merge", "feature")
    return repository.commit({"projects/a/x": resolution})


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository with two projects."""
    return Repository.new(tmp_path / "mesh", {**A, "projects/b/x": "1", "README": "1"})


def test_a_commit_elsewhere_changes_nothing(repository: Repository) -> None:
    """Neither another project, nor the README, nor a test is part of it."""
    first = repository.head
    second = repository.commit({"projects/b/x": "2"})
    repository.commit({"README": "2", "tests/test_a.py": "def test_a(): ...\n"})
    assert sources(repository) == {"a": first, "b": second}


def test_what_projects_share_is_part_of_each(repository: Repository) -> None:
    """A change of a YAML above them is a change of all, and so is its end."""
    shared = repository.commit({"org.yml": "x"})
    assert sources(repository) == {"a": shared, "b": shared}
    repository.git("rm", "-q", "org.yml")
    gone = repository.commit()
    assert sources(repository) == {"a": gone, "b": gone}


def test_a_change_of_nothing_but_a_mode_is_a_change(repository: Repository) -> None:
    """A script that cannot be run is another script."""
    repository.git("update-index", "--chmod=+x", "projects/a/x")
    repository.git("commit", "-q", "-m", "run")
    assert sources(repository)["a"] == repository.head


def test_merges_squashes_and_reverts_keep_the_inputs(repository: Repository) -> None:
    """At every step of a tangled history the inputs are those at HEAD."""
    repository.git("checkout", "-q", "-b", "feature")
    repository.commit({"projects/a/x": "2"})
    repository.commit({"projects/a/y": "2", "projects/b/y": "2"})
    repository.git("checkout", "-q", "main")
    repository.commit({"projects/b/x": "3"})
    assert_as_at_head(repository)
    repository.git("merge", "-q", "--no-ff", "-m", "merge", "feature")
    assert_as_at_head(repository)
    repository.git("revert", "--no-edit", "-m", "1", "HEAD")
    assert_as_at_head(repository)
    repository.git("mv", "projects/a/x", "projects/a/z")
    repository.commit()
    assert_as_at_head(repository)


def test_a_squash_is_a_commit_like_any_other(repository: Repository) -> None:
    """The commits that went into it are on no branch that jobs clone."""
    repository.git("checkout", "-q", "-b", "feature")
    repository.commit({"projects/a/x": "2"})
    repository.commit({"projects/a/x": "3"})
    repository.git("checkout", "-q", "main")
    other = repository.commit({"projects/b/x": "2"})
    repository.git("merge", "-q", "--squash", "feature")
    squash = repository.commit()
    assert sources(repository) == {"a": squash, "b": other}


def test_a_revert_is_the_source_though_the_files_are_those_of_before(repository: Repository) -> None:
    """What was deployed in between was another commit, so the way back is a new one too."""
    repository.commit({"projects/a/x": "2"})
    repository.git("revert", "--no-edit", "HEAD")
    assert sources(repository)["a"] == repository.head


def test_a_folder_that_is_renamed_and_renamed_back_is_its_last_renaming(repository: Repository) -> None:
    """Between the two there was no such project."""
    for old, new in (("a", "c"), ("c", "a")):
        repository.git("mv", f"projects/{old}", f"projects/{new}")
        repository.commit()
        assert source(repository, f"projects/{new}") == repository.head
        assert source(repository, "projects/b") != repository.head
    repository.commit({"README": "2"})
    assert source(repository, "projects/a") == repository.git("rev-parse", "HEAD~1")


def test_a_merge_that_took_both_sides_is_itself_the_source(repository: Repository) -> None:
    """No parent has what the merge has."""
    repository.git("checkout", "-q", "-b", "feature")
    repository.commit({"projects/a/left": "1"})
    repository.git("checkout", "-q", "main")
    repository.commit({"projects/a/right": "1"})
    repository.git("merge", "-q", "--no-ff", "-m", "merge", "feature")
    assert sources(repository)["a"] == repository.head


def test_a_merge_of_something_else_is_walked_through(repository: Repository) -> None:
    """The branch whose inputs are the same leads on, be it the first parent or the second."""
    repository.git("checkout", "-q", "-b", "feature")
    changed = repository.commit({"projects/a/x": "2"})
    repository.git("checkout", "-q", "main")
    other = repository.commit({"projects/b/x": "2"})
    repository.git("merge", "-q", "--no-ff", "-m", "merge", "feature")
    assert sources(repository) == {"a": changed, "b": other}


@pytest.mark.parametrize(("resolution", "expected"), [("2", "main"), ("3", "feature"), ("2 and 3", "HEAD")])
def test_a_conflict_leads_to_the_side_that_won(
    repository: Repository, resolution: str, expected: str
) -> None:
    """Resolved to neither, the merge is the source."""
    merge = merged(repository, resolution)
    parents = {"main": f"{merge}^1", "feature": f"{merge}^2", "HEAD": merge}
    assert sources(repository)["a"] == repository.git("rev-parse", parents[expected])
    assert_as_at_head(repository)


def test_a_worktree_and_a_subfolder_know_the_same(repository: Repository, tmp_path: Path) -> None:
    """A linked worktree has its history elsewhere, and a mesh may begin below the repository's root."""
    worktree = Repository(tmp_path / "worktree")
    repository.git("worktree", "add", "-q", "-b", "other", str(worktree.path))
    assert sources(worktree) == sources(repository)
    assert read_git(worktree.path, {}).branch == "other"
    below = read_git(repository.path / "projects", {})
    assert below.prefix == "projects/"
    assert below.source_commits({"a": ["a"]}) == {"a": sources(repository)["a"]}


def test_a_detached_head_knows_the_same(repository: Repository) -> None:
    """Only the branch is not known."""
    before = sources(repository)
    repository.git("checkout", "-q", "--detach")
    assert sources(repository) == before
    assert read_git(repository.path, {}).branch is None


def test_signed_commits_are_read_like_others(repository: Repository) -> None:
    """A signature is lines within the commit, one of them blank; it may quote what looks like a header."""
    first = repository.head
    unsigned = repository.git("cat-file", "commit", repository.commit({"projects/b/x": "2"}))
    header, message = unsigned.split("\n\n", 1)
    signature = f"gpgsig -----BEGIN PGP SIGNATURE-----\n \n parent {'0' * 40}\n -----END PGP SIGNATURE-----"
    (repository.path / "signed").write_text(f"{header}\n{signature}\n\n{message}\n")
    signed = repository.git("hash-object", "-t", "commit", "-w", "signed")
    repository.git("update-ref", "HEAD", signed)
    assert sources(repository) == {"a": first, "b": signed}


def test_names_that_git_would_quote_are_found(repository: Repository) -> None:
    """Spaces, line breaks, other alphabets, and what looks like a revision."""
    names = ["a b", "æøå", "a\nb", "HEAD:x", "^x", "@{1}", ":(glob)*"]
    commits = {name: repository.commit({f"odd/{name}/x": "1"}) for name in names}
    found = read_git(repository.path, {}).source_commits({name: [f"odd/{name}"] for name in names})
    assert found == commits


def test_a_project_in_a_submodule_changes_when_the_submodule_does(
    repository: Repository, tmp_path: Path
) -> None:
    """The commit that moved it is the source: that is all that this repository knows of it."""
    library = Repository.new(tmp_path / "library", {"x/f": "1", "y/f": "1"})
    added = repository.submodule("modules/library", library)
    repository.commit({"README": "2"})
    assert source(repository, "modules/library/x") == added
    assert source(repository, "projects/a", "modules/library") == added
    newer = library.commit({"y/f": "2"})
    repository.git("-C", "modules/library", "fetch", "-q")
    repository.git("-C", "modules/library", "checkout", "-q", newer)
    moved = repository.commit()
    repository.commit({"README": "3"})
    assert source(repository, "modules/library/x") == moved
    assert source(repository, "projects/a", "modules/library") == moved
    assert source(repository, "projects/a") not in (added, moved)


def test_a_submodule_whose_commits_lie_in_this_repository_too_is_read_the_same(
    repository: Repository, tmp_path: Path
) -> None:
    """`git subtree` and a fetch of the submodule's remote bring them."""
    library = Repository.new(tmp_path / "library", {"x/f": "1"})
    added = repository.submodule("modules/library", library)
    repository.git("fetch", "-q", str(library.path), "main")
    repository.commit({"README": "2"})
    assert source(repository, "modules/library/x") == added


def test_a_shallow_clone_is_refused_where_it_cannot_know(repository: Repository, tmp_path: Path) -> None:
    """It says what to set; on one's own machine its only commit will do."""
    head = repository.commit({"README": "2"})
    shallow = repository.clone(tmp_path / "shallow", "--depth", "1")
    with pytest.raises(OutsideError, match="fetch-depth: 0"):
        sources(shallow)
    assert with_defaults(read_git(shallow.path, {})).source_commits(INPUTS) == {"a": head, "b": head}
    told = read_git(shallow.path, {"MESH_GIT_COMMIT": "c" * 40})
    assert told.source_commits(INPUTS) == {"a": "c" * 40, "b": "c" * 40}


def test_a_shallow_clone_that_holds_the_source_commit_and_its_parents_knows(
    repository: Repository, tmp_path: Path
) -> None:
    """The answer is the one of the whole history, or none."""
    repository.commit({"README": "0"})
    changed = repository.commit({"projects/a/x": "2"})
    repository.commit({"README": "2"})
    shallow = repository.clone(tmp_path / "shallow", "--depth", "3")
    assert source(shallow, "projects/a") == changed
    with pytest.raises(OutsideError, match="shallow"):
        source(shallow, "projects/b")


def test_what_is_not_committed_is_refused_outside_local(repository: Repository) -> None:
    """No job could check it out."""
    context = read_git(repository.path, {})
    inputs = {"new": ["projects/new"]}
    with pytest.raises(OutsideError, match="projects/new is not committed"):
        context.source_commits(inputs)
    assert with_defaults(context).source_commits(inputs) == {"new": context.head}


def test_outside_a_checkout_only_local_goes_on(tmp_path: Path) -> None:
    """With stand-ins for what nobody knows."""
    nowhere = read_git(tmp_path, {})
    with pytest.raises(OutsideError, match=r"MESH_GIT_COMMIT is not set: .* is not a git checkout"):
        nowhere.source_commits(INPUTS)
    stand_in = with_defaults(nowhere)
    assert stand_in.source_commits(INPUTS) == {"a": NO_COMMIT, "b": NO_COMMIT}
    assert (stand_in.branch, stand_in.url) == ("HEAD", tmp_path.as_uri())
    assert stand_in.user


def test_a_repository_without_a_commit_says_so(tmp_path: Path) -> None:
    """It is there, and git reads it."""
    empty = read_git(Repository.new(tmp_path / "empty").path, {})
    assert empty == GitContext(tmp_path / "empty", user="ola.nordmann@acme.example")
    assert "commit first" in empty.why_no_head


HEAD = "import sys; from pathlib import Path; from mesh.git.checkout import read_git; print(read_git(Path(sys.argv[1])).head)"


def test_a_hook_of_another_repository_does_not_mislead(repository: Repository, tmp_path: Path) -> None:
    """The mesh's root says which checkout is meant, whatever git has told its hook."""
    other = Repository.new(tmp_path / "other", {"x": "1"})
    hook = {**os.environ, "GIT_DIR": str(other.path / ".git"), "GIT_INDEX_FILE": str(other.path / "index")}
    command = [sys.executable, "-c", HEAD, str(repository.path)]
    done = subprocess.run(command, env=hook, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == repository.head


REFUSED = """
import sys
from pathlib import Path
from mesh.errors import OutsideError
from mesh.git.checkout import read_git, with_defaults

context = read_git(Path(sys.argv[1]), {})
assert with_defaults(context).source_commits({"a": ["a"]})
try:
    context.source_commits({"a": ["a"]})
except OutsideError as error:
    print(error)
"""


def test_git_that_refuses_to_read_a_checkout_says_why_and_what_to_do(repository: Repository) -> None:
    """Somebody else's checkout, as in a container that mounts it, is not called no checkout at all."""
    someone_else = {**os.environ, "GIT_TEST_ASSUME_DIFFERENT_OWNER": "1", "LC_ALL": "nb_NO.UTF-8"}
    done = subprocess.run(
        [sys.executable, "-c", REFUSED, str(repository.path / "projects")],
        env=someone_else,
        check=True,
        capture_output=True,
        text=True,
    )
    assert f"git cannot read the checkout at {repository.path / 'projects'}:\n" in done.stdout
    assert "detected dubious ownership" in done.stdout
    assert f"git config --global --add safe.directory {repository.path}" in done.stdout


def test_a_broken_checkout_is_reported_in_the_words_of_git(repository: Repository) -> None:
    """Whatever is wrong with it."""
    (repository.path / ".git" / "HEAD").write_text("nonsense\n")
    with pytest.raises(OutsideError, match=r"git cannot read the checkout at .*\nfatal: "):
        sources(repository)


def test_the_environment_wins_over_git(repository: Repository) -> None:
    """For continuous integration and detached heads."""
    repository.git("remote", "add", "origin", "git@github.com:acme/mesh.git")
    repository.git("checkout", "-q", "--detach")
    detached = read_git(repository.path, {})
    assert (detached.user, detached.branch) == ("ola.nordmann@acme.example", None)
    assert detached.url == "https://github.com/acme/mesh.git"
    told = read_git(
        repository.path,
        {
            "MESH_USER": "ci@acme.example",
            "MESH_GIT_BRANCH": "feature/x",
            "MESH_GIT_URL": "https://u:secret@git.example/x",
        },
    )
    assert (told.user, told.branch, told.url) == ("ci@acme.example", "feature/x", "https://git.example/x")
    with pytest.raises(OutsideError, match="MESH_GIT_COMMIT is `main`"):
        read_git(repository.path, {"MESH_GIT_COMMIT": "main"})


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("git@github.com:acme/mesh.git", "https://github.com/acme/mesh.git"),
        ("ssh://git@gitlab.example:2222/acme/mesh.git", "https://gitlab.example/acme/mesh.git"),
        ("git@ssh.dev.azure.com:v3/acme/platform/mesh", "https://dev.azure.com/acme/platform/_git/mesh"),
        ("https://token@github.com/acme/mesh", "https://github.com/acme/mesh"),
        ("https://user:pass@github.com/acme/mesh", "https://github.com/acme/mesh"),
        ("https://github.com/acme/mesh@2", "https://github.com/acme/mesh@2"),
        ("/srv/git/mesh", "/srv/git/mesh"),
    ],
)
def test_addresses_are_https_and_hold_no_credentials(url: str, public: str) -> None:
    """They end up in job settings, which many can read."""
    assert public_url(url) == public
