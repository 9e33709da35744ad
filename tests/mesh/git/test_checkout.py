"""The source commit of a project is the last commit that changed its inputs."""

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
    """The source commits that the mesh computes."""
    return read_git(repository.path, {}).source_commits(INPUTS)


def source(repository: Repository, *inputs: str) -> str:
    """The source commit of a project with these inputs."""
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


def test_a_commit_outside_the_inputs_is_not_the_source_commit(repository: Repository) -> None:
    """Another project, the README and tests are not inputs."""
    first = repository.head
    second = repository.commit({"projects/b/x": "2"})
    repository.commit({"README": "2", "tests/test_a.py": "def test_a(): ...\n"})
    assert sources(repository) == {"a": first, "b": second}


def test_shared_files_are_inputs_of_each_project(repository: Repository) -> None:
    """A changed or deleted YAML file of a level above changes all projects below."""
    shared = repository.commit({"org.yml": "x"})
    assert sources(repository) == {"a": shared, "b": shared}
    repository.git("rm", "-q", "org.yml")
    gone = repository.commit()
    assert sources(repository) == {"a": gone, "b": gone}


def test_a_changed_file_mode_is_a_change(repository: Repository) -> None:
    """Jobs may need the executable bit of a script."""
    repository.git("update-index", "--chmod=+x", "projects/a/x")
    repository.git("commit", "-q", "-m", "run")
    assert sources(repository)["a"] == repository.head


def test_merges_squashes_and_reverts_keep_the_inputs(repository: Repository) -> None:
    """At every commit of a complex history, the inputs equal those at HEAD."""
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
    """The squashed commits are on no branch that jobs clone."""
    repository.git("checkout", "-q", "-b", "feature")
    repository.commit({"projects/a/x": "2"})
    repository.commit({"projects/a/x": "3"})
    repository.git("checkout", "-q", "main")
    other = repository.commit({"projects/b/x": "2"})
    repository.git("merge", "-q", "--squash", "feature")
    squash = repository.commit()
    assert sources(repository) == {"a": squash, "b": other}


def test_a_revert_is_the_source_commit(repository: Repository) -> None:
    """The deployment in between had another commit, so the revert needs a new one."""
    repository.commit({"projects/a/x": "2"})
    repository.git("revert", "--no-edit", "HEAD")
    assert sources(repository)["a"] == repository.head


def test_after_renaming_twice_the_last_rename_is_the_source_commit(repository: Repository) -> None:
    """In between, the project did not exist."""
    for old, new in (("a", "c"), ("c", "a")):
        repository.git("mv", f"projects/{old}", f"projects/{new}")
        repository.commit()
        assert source(repository, f"projects/{new}") == repository.head
        assert source(repository, "projects/b") != repository.head
    repository.commit({"README": "2"})
    assert source(repository, "projects/a") == repository.git("rev-parse", "HEAD~1")


def test_a_merge_of_changes_on_both_sides_is_the_source_commit(repository: Repository) -> None:
    """No parent has the merged inputs."""
    repository.git("checkout", "-q", "-b", "feature")
    repository.commit({"projects/a/left": "1"})
    repository.git("checkout", "-q", "main")
    repository.commit({"projects/a/right": "1"})
    repository.git("merge", "-q", "--no-ff", "-m", "merge", "feature")
    assert sources(repository)["a"] == repository.head


def test_a_merge_that_does_not_change_the_inputs_is_not_the_source_commit(repository: Repository) -> None:
    """The search follows the parent with equal inputs, first or second."""
    repository.git("checkout", "-q", "-b", "feature")
    changed = repository.commit({"projects/a/x": "2"})
    repository.git("checkout", "-q", "main")
    other = repository.commit({"projects/b/x": "2"})
    repository.git("merge", "-q", "--no-ff", "-m", "merge", "feature")
    assert sources(repository) == {"a": changed, "b": other}


@pytest.mark.parametrize(("resolution", "expected"), [("2", "main"), ("3", "feature"), ("2 and 3", "HEAD")])
def test_a_resolved_conflict_leads_to_the_chosen_side(
    repository: Repository, resolution: str, expected: str
) -> None:
    """If the resolution equals neither side, the merge is the source commit."""
    merge = merged(repository, resolution)
    parents = {"main": f"{merge}^1", "feature": f"{merge}^2", "HEAD": merge}
    assert sources(repository)["a"] == repository.git("rev-parse", parents[expected])
    assert_as_at_head(repository)


def test_a_worktree_and_a_subfolder_have_the_same_source_commit(
    repository: Repository, tmp_path: Path
) -> None:
    """A linked worktree has its history elsewhere, and a mesh may be below the root of the repository."""
    worktree = Repository(tmp_path / "worktree")
    repository.git("worktree", "add", "-q", "-b", "other", str(worktree.path))
    assert sources(worktree) == sources(repository)
    assert read_git(worktree.path, {}).branch == "other"
    below = read_git(repository.path / "projects", {})
    assert below.prefix == "projects/"
    assert below.source_commits({"a": ["a"]}) == {"a": sources(repository)["a"]}


def test_a_detached_head_has_the_same_source_commit(repository: Repository) -> None:
    """Only the branch is unknown."""
    before = sources(repository)
    repository.git("checkout", "-q", "--detach")
    assert sources(repository) == before
    assert read_git(repository.path, {}).branch is None


def test_signed_commits_are_read_like_others(repository: Repository) -> None:
    """A linked worktree has its history elsewhere.

    A mesh may be below the root of the repository.
    """
    first = repository.head
    unsigned = repository.git("cat-file", "commit", repository.commit({"projects/b/x": "2"}))
    header, message = unsigned.split("\n\n", 1)
    signature = f"gpgsig -----BEGIN PGP SIGNATURE-----\n \n parent {'0' * 40}\n -----END PGP SIGNATURE-----"
    (repository.path / "signed").write_text(f"{header}\n{signature}\n\n{message}\n")
    signed = repository.git("hash-object", "-t", "commit", "-w", "signed")
    repository.git("update-ref", "HEAD", signed)
    assert sources(repository) == {"a": first, "b": signed}


def test_names_that_git_would_quote_are_found(repository: Repository) -> None:
    """Spaces, line breaks, other scripts, and names that look like a revision."""
    names = ["a b", "æøå", "a\nb", "HEAD:x", "^x", "@{1}", ":(glob)*"]
    commits = {name: repository.commit({f"odd/{name}/x": "1"}) for name in names}
    found = read_git(repository.path, {}).source_commits({name: [f"odd/{name}"] for name in names})
    assert found == commits


def test_a_project_in_a_submodule_changes_when_the_submodule_does(
    repository: Repository, tmp_path: Path
) -> None:
    """The source commit is the commit of this repository that moved the submodule."""
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


def test_commits_of_a_submodule_in_this_repository_are_not_used(
    repository: Repository, tmp_path: Path
) -> None:
    """`git subtree`, or a fetch of the submodule's remote, may add them."""
    library = Repository.new(tmp_path / "library", {"x/f": "1"})
    added = repository.submodule("modules/library", library)
    repository.git("fetch", "-q", str(library.path), "main")
    repository.commit({"README": "2"})
    assert source(repository, "modules/library/x") == added


def test_a_shallow_clone_is_refused_if_the_source_commit_is_unknown(
    repository: Repository, tmp_path: Path
) -> None:
    """The message names the remedy; `local` uses the only commit."""
    head = repository.commit({"README": "2"})
    shallow = repository.clone(tmp_path / "shallow", "--depth", "1")
    with pytest.raises(OutsideError, match="fetch-depth: 0"):
        sources(shallow)
    assert with_defaults(read_git(shallow.path, {})).source_commits(INPUTS) == {"a": head, "b": head}
    told = read_git(shallow.path, {"MESH_GIT_COMMIT": "c" * 40})
    assert told.source_commits(INPUTS) == {"a": "c" * 40, "b": "c" * 40}


def test_a_shallow_clone_with_the_source_commit_and_its_parents_is_enough(
    repository: Repository, tmp_path: Path
) -> None:
    """The answer equals that of the whole history."""
    repository.commit({"README": "0"})
    changed = repository.commit({"projects/a/x": "2"})
    repository.commit({"README": "2"})
    shallow = repository.clone(tmp_path / "shallow", "--depth", "3")
    assert source(shallow, "projects/a") == changed
    with pytest.raises(OutsideError, match="shallow"):
        source(shallow, "projects/b")


def test_uncommitted_projects_are_refused_except_in_local(repository: Repository) -> None:
    """Jobs could not check them out."""
    context = read_git(repository.path, {})
    inputs = {"new": ["projects/new"]}
    with pytest.raises(OutsideError, match="projects/new is not committed"):
        context.source_commits(inputs)
    assert with_defaults(context).source_commits(inputs) == {"new": context.head}


def test_outside_a_checkout_only_local_works(tmp_path: Path) -> None:
    """With default values for git facts."""
    nowhere = read_git(tmp_path, {})
    with pytest.raises(OutsideError, match=r"MESH_GIT_COMMIT is not set: .* is not a git checkout"):
        nowhere.source_commits(INPUTS)
    stand_in = with_defaults(nowhere)
    assert stand_in.source_commits(INPUTS) == {"a": NO_COMMIT, "b": NO_COMMIT}
    assert (stand_in.branch, stand_in.url) == ("HEAD", tmp_path.as_uri())
    assert stand_in.user


def test_a_repository_without_a_commit_is_reported(tmp_path: Path) -> None:
    """Git can read the repository."""
    empty = read_git(Repository.new(tmp_path / "empty").path, {})
    assert empty == GitContext(tmp_path / "empty", user="ola.nordmann@acme.example")
    assert "commit first" in empty.why_no_head


HEAD = "import sys; from pathlib import Path; from mesh.git.checkout import read_git; print(read_git(Path(sys.argv[1])).head)"


def test_variables_of_a_git_hook_are_ignored(repository: Repository, tmp_path: Path) -> None:
    """The mesh's root selects the checkout, not variables that git sets for a hook."""
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


def test_a_checkout_that_git_refuses_is_reported_with_the_remedy(repository: Repository) -> None:
    """For example another user's checkout in a container; the message is not "not a git checkout"."""
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


def test_a_broken_checkout_is_reported_with_the_error_of_git(repository: Repository) -> None:
    """For every kind of damage."""
    (repository.path / ".git" / "HEAD").write_text("nonsense\n")
    with pytest.raises(OutsideError, match=r"git cannot read the checkout at .*\nfatal: "):
        sources(repository)


def test_environment_variables_override_git(repository: Repository) -> None:
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
    """Addresses become job settings, which many users can read."""
    assert public_url(url) == public
