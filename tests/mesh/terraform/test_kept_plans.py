"""A plan without changes is kept, as long as nothing that it depends on has changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from mesh.terraform.kept_plans import KeptPlanTerraform, kept_plans

PROGRAM = """\
#!/bin/sh
echo "$*" >> "{log}"
case "$1" in
version) echo "Terraform v$VERSION" ;;
plan) cat cdk.tf.json > mesh.plan; echo planned >> mesh.plan; [ -f "{during}" ] && rm "{during}"; exit $CODE ;;
show) echo '{{"resource_changes": [], "timestamp":"2020-01-01T00:00:00Z","errored":false}}' ;;
esac
"""


@dataclass
class Bench:
    """A stack with a program that notes what it is asked, in a workspace with a revision."""

    root: Path
    terraform: KeptPlanTerraform
    revision: list[str] = field(default_factory=lambda: ["r1"])

    @property
    def log(self) -> Path:
        """The file of the program's arguments."""
        return self.root / "log"

    @property
    def state(self) -> Path:
        """The stack's state."""
        return self.root / "states/one"

    def again(self) -> KeptPlanTerraform:
        """Terraform as the next command has it."""
        plans = kept_plans(self.root, self.terraform.environ, lambda: self.revision[0])
        return replace(self.terraform, kept=plans)

    def count(self, command: str) -> int:
        """How often the program ran a command."""
        return sum(line.startswith(command) for line in self.log.read_text().splitlines())


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A stack that is deployed, without changes."""
    folder = tmp_path / "stacks/one"
    folder.mkdir(parents=True)
    (tmp_path / "states").mkdir()
    (tmp_path / "states/one").write_text('{"serial": 1, "lineage": "l", "resources": []}')
    code = {"terraform": {"backend": {"local": {"path": "../../states/one"}}}}
    (folder / "cdk.tf.json").write_text(json.dumps(code))
    program = tmp_path / "terraform"
    program.write_text(PROGRAM.format(log=tmp_path / "log", during=tmp_path / "during"))
    program.chmod(0o755)
    environ = {
        "TERRAFORM_BINARY_NAME": str(program),
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path.parent / f"{tmp_path.name}-home"),
        "VERSION": "1.11.4",
        "CODE": "0",
    }
    made = Bench(tmp_path, KeptPlanTerraform(folder, environ))
    made.terraform = made.again()
    return made


def test_an_unchanged_stack_is_planned_once(bench: Bench) -> None:
    first = bench.terraform.plan()
    text = bench.terraform.show()
    plan = bench.terraform.planned
    bench.terraform.discard_plan()

    again = bench.again()
    assert again.plan() == first
    assert again.planned == plan
    shown = again.show()

    assert (bench.count("plan"), bench.count("show")) == (1, 1)
    assert text is not None
    assert shown is not None
    without_moment = [{**json.loads(one), "timestamp": ""} for one in (text, shown)]
    assert without_moment[0] == without_moment[1]
    assert json.loads(shown)["timestamp"] > "2020"  # nothing had changed until now


def _edit(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text().replace(old, new))


def _environ(**variables: str) -> Callable[[Bench], KeptPlanTerraform]:
    def change(bench: Bench) -> KeptPlanTerraform:
        return replace(bench.again(), environ={**bench.terraform.environ, **variables})

    return change


def _then(change: Callable[[Bench], object]) -> Callable[[Bench], KeptPlanTerraform]:
    def changed(bench: Bench) -> KeptPlanTerraform:
        change(bench)
        return bench.again()

    return changed


MUTATIONS: dict[str, Callable[[Bench], KeptPlanTerraform]] = {
    "the workspace": _then(lambda one: one.revision.__setitem__(0, "r2")),
    "the code": _then(lambda one: _edit(one.terraform.folder / "cdk.tf.json", "{", '{"locals": {}, ')),
    "the state": _then(lambda one: _edit(one.state, '"serial": 1', '"serial": 2')),
    "no state": _then(lambda one: one.state.unlink()),
    "who deploys now": _then(lambda one: (one.root / "states/.one.lock.info").write_text("{}")),
    "versions of providers": _then(
        lambda one: (one.terraform.folder / ".terraform.lock.hcl").write_text("#")
    ),
    "a variable": _environ(TF_VAR_x="1"),
    "the version of Terraform": _environ(VERSION="1.12.0", PATH="/bin:/usr/bin"),
    "another provider": _environ(TF_REATTACH_PROVIDERS='{"databricks/databricks": {}}'),
    "a damaged file": _then(lambda one: [_damage(file) for file in _kept(one.root)]),
    "a forged file": _then(lambda one: [_forge(file) for file in _kept(one.root)]),
}


def _kept(root: Path) -> list[Path]:
    return [file for file in (root / ".mesh/local/planned").iterdir() if file.name != ".gitignore"]


def _damage(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])


def _forge(file: Path) -> None:
    """The file that somebody without the user's secret can write."""
    file.write_bytes(b"0" * 64 + b"\nforged")


@pytest.mark.parametrize("mutate", MUTATIONS.values(), ids=MUTATIONS)
def test_a_changed_stack_is_planned_again(bench: Bench, mutate: Callable[[Bench], KeptPlanTerraform]) -> None:
    bench.terraform.plan()
    mutate(bench).plan()
    assert bench.count("plan") == 2


def test_each_question_has_its_own_plan(bench: Bench) -> None:
    bench.terraform.plan()
    for again in (bench.again(), bench.again()):
        again.plan(refresh_only=True)
    assert bench.count("plan") == 2
    bench.again().plan(["a.b"])
    bench.again().plan(imports={"a.b": "1"})
    bench.again().plan(destroy=True)
    assert bench.count("plan") == 5


def test_a_plan_during_which_the_workspace_changes_is_not_kept(bench: Bench) -> None:
    kept = bench.terraform.kept
    assert kept is not None
    with kept.one_moment():
        bench.revision[0] = "r2"
        bench.terraform.plan()
    bench.again().plan()
    assert bench.count("plan") == 2


@pytest.mark.parametrize("code", ["1", "2"])
def test_only_plans_without_changes_are_kept(bench: Bench, code: str) -> None:
    for _ in range(2):
        terraform = replace(bench.again(), environ={**bench.terraform.environ, "CODE": code})
        terraform.plan()
        terraform.show()
    assert bench.count("plan") == 2
    assert bench.count("show") == 4
    assert not (bench.root / ".mesh/local/planned").exists()


def test_all_stacks_of_a_round_share_one_question(bench: Bench) -> None:
    asked = []

    def revision() -> str:
        asked.append("")
        return "r1"

    bench.terraform.plan()
    plans = kept_plans(bench.root, bench.terraform.environ, revision)
    assert plans is not None
    with plans.one_moment():
        for _ in range(3):
            replace(bench.terraform, kept=plans).plan()
    assert len(asked) == 1
    replace(bench.terraform, kept=plans).plan()
    assert len(asked) == 2
    assert bench.count("plan") == 1


def test_nothing_is_kept_where_it_may_not_be(bench: Bench) -> None:
    environ = bench.terraform.environ
    assert kept_plans(bench.root, {**environ, "MESH_NO_CACHE": "1"}, str) is None
    (bench.root / "elsewhere").mkdir()
    (bench.root / ".mesh").symlink_to(bench.root / "elsewhere")
    assert kept_plans(bench.root, environ, str) is None


def test_a_workspace_without_a_revision_is_always_planned(bench: Bench) -> None:
    plans = kept_plans(bench.root, bench.terraform.environ, lambda: None)
    for _ in range(2):
        replace(bench.terraform, kept=plans).plan()
    assert bench.count("plan") == 2
