"""What adoption says, refuses, and does with states that were cut off."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from mesh.commands.adopt import plan_adoption, refuse_others
from mesh.errors import OutsideError
from mesh.terraform.plan import Change, Plan, Resource
from mesh.terraform.state import CutOffError, put_back, read
from mesh.terraform.terraform import Terraform
from mesh.terraform.unmanaged import Claim, Unclaimed
from mesh.terraform.workspace import Found

CLAIM = Claim("acme-transport-taxinyc-prod", "acme/transport/taxinyc/prod")
JOB = Resource("databricks_job.prep_revenue", {"name": "revenue"})


@dataclass
class Planner:
    """Terraform that answers with one plan, and notes what it was asked."""

    answer: Plan
    asked: list[tuple[list[str], dict[str, str]]] = field(default_factory=list)
    stack: str = CLAIM.stack

    def plan(self, targets: Iterable[str], imports: dict[str, str]) -> Plan:
        self.asked.append((list(targets), imports))
        return self.answer

    def apply(self) -> None: ...


def thing(objection: str | None = None) -> Unclaimed:
    """A job that the workspace has."""
    return Unclaimed(JOB, "revenue", Found("7"), CLAIM, objection)


def change(address: str, *actions: str, **attributes: tuple[object, object]) -> Change:
    """What a plan does to a resource, by its attributes before and after."""
    before = {name: values[0] for name, values in attributes.items()}
    after = {name: values[1] for name, values in attributes.items()}
    return Change(address, actions, before, after, imports=address == JOB.address)


def test_what_is_taken_is_listed_with_its_id_and_what_changes_in_it() -> None:
    taken = change(
        JOB.address,
        "update",
        max_concurrent_runs=(4, 1),
        description=("", "What taxis earn"),
        tags=({"git_branch": "main"}, {"git_branch": "main", "deployment": "prod", "git_commit": "c" * 40}),
        name=("revenue", "revenue"),
        timeout_seconds=(0, None),
        force_destroy=(None, False),
    )
    terraform = Planner(Plan((taken, change("databricks_notebook.a", "create"))))
    adoption = plan_adoption(terraform, [thing()])
    assert list(adoption.lines()) == [
        "acme-transport-taxinyc-prod:",
        "  job `revenue`, id 7, becomes databricks_job.prep_revenue",
        '    description: "" → "What taxis earn"',
        "    max_concurrent_runs: 4 → 1",
        '    tags: {"git_branch": "main"} → {"deployment": "prod", "git_branch": "main", "git_commit": "…',
        "  databricks_notebook.a is made, which they need",
    ]
    assert terraform.asked == [([JOB.address], {JOB.address: "7"})]


def test_what_would_be_made_anew_is_not_taken() -> None:
    schema = Change(
        "databricks_schema.a",
        ("delete", "create"),
        {"storage_root": "s3://old"},
        {"storage_root": None},
        because=("storage_root",),
    )
    gone = change("databricks_volume.b", "delete")
    with pytest.raises(OutsideError) as caught:
        plan_adoption(Planner(Plan((schema, gone))), [thing()])
    assert str(caught.value) == "\n".join(
        [
            "taking over what acme-transport-taxinyc-prod declares would destroy some of it:",
            '  databricks_schema.a would be made anew, as it cannot be changed: storage_root: "s3://old" → null',
            "  databricks_volume.b is not declared any more",
            "nothing was changed; declare it as it is, or remove it there",
        ]
    )


def test_what_terraform_says_of_a_plan_that_fails_is_told() -> None:
    with pytest.raises(OutsideError, match="no such cluster"):
        plan_adoption(Planner(Plan((), "no such cluster")), [thing()])


def test_nothing_is_taken_when_some_of_it_is_somebody_elses() -> None:
    refuse_others([thing()])
    with pytest.raises(OutsideError) as caught:
        refuse_others([thing(), thing("(id 7) is of kari@acme.example")])
    assert str(caught.value) == (
        "not all of it is this deployment's to take:\n"
        "  job `revenue` (id 7) is of kari@acme.example\n"
        "nothing was changed"
    )


WHOLE = json.dumps({"version": 4, "resources": []})


@pytest.mark.parametrize("cut", ["", WHOLE[:20], "null", "{}"])
def test_a_state_that_was_cut_off_is_told_from_one_that_is_not_there(tmp_path: Path, cut: str) -> None:
    path = tmp_path / "mesh.tfstate"
    assert read(path).held == {}
    path.with_name("mesh.tfstate.backup").write_text(WHOLE)
    path.write_text(cut)
    with pytest.raises(CutOffError, match="`mesh adopt` puts its backup in its place"):
        read(path)


def test_an_empty_file_that_terraform_has_only_locked_is_the_state_of_nothing(tmp_path: Path) -> None:
    path = tmp_path / "mesh.tfstate"
    path.touch()
    assert read(path).held == {}


def test_the_backup_takes_the_place_of_a_state_that_was_cut_off(tmp_path: Path) -> None:
    path, backup = tmp_path / "mesh.tfstate", tmp_path / "mesh.tfstate.backup"
    path.write_text(WHOLE[:20])
    backup.write_text(WHOLE)
    assert put_back(path) == (
        f"{path} was cut off: its backup is in its place, and it is kept as mesh.tfstate.cut-off"
    )
    assert path.read_text() == backup.read_text() == WHOLE
    assert (tmp_path / "mesh.tfstate.cut-off").read_text() == WHOLE[:20]


@pytest.mark.parametrize("backup", [None, WHOLE[:10]])
def test_without_a_whole_backup_a_new_state_begins_and_nothing_is_thrown_away(
    tmp_path: Path, backup: str | None
) -> None:
    path = tmp_path / "mesh.tfstate"
    path.with_name("mesh.tfstate.cut-off").write_text("an older one")
    path.write_text("{")
    if backup:
        path.with_name("mesh.tfstate.backup").write_text(backup)
    assert put_back(path) == (
        f"{path} was cut off, and had no whole backup: it is kept as mesh.tfstate.cut-off-1, and a new state begins"
    )
    assert not path.exists()
    assert path.with_name("mesh.tfstate.cut-off").read_text() == "an older one"
    assert path.with_name("mesh.tfstate.cut-off-1").read_text() == "{"


def test_a_state_that_somebody_writes_right_now_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "mesh.tfstate"
    path.write_text("{")
    lock = (
        "import fcntl, sys\n"
        "stream = open(sys.argv[1], 'r+b')\n"
        "fcntl.lockf(stream, fcntl.LOCK_EX)\n"
        "print('locked', flush=True)\n"
        "sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", lock, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"locked\n"
        with pytest.raises(OutsideError, match="somebody deploys it, so wait for that"):
            put_back(path)
        writer.communicate()
    assert [one.name for one in tmp_path.iterdir()] == ["mesh.tfstate"]


@pytest.fixture
def stack(tmp_path: Path) -> Terraform:
    """A stack as it is synthesized, of resources that need no provider."""
    folder = tmp_path / "stacks" / "one"
    folder.mkdir(parents=True)
    config = {
        "terraform": {"backend": {"local": {"path": "../../states/mesh.tfstate"}}},
        "resource": {
            "terraform_data": {
                "a": {"input": "a$${b}"},
                "b": {"input": "${terraform_data.a.input}", "depends_on": ["terraform_data.c"]},
                "c": {"input": "c"},
                "d": {"input": "d"},
            }
        },
        "moved": [{"from": "terraform_data.z", "to": "terraform_data.a"}],
    }
    (folder / "cdk.tf.json").write_text(json.dumps(config))
    from local import toolchain

    return Terraform(folder, toolchain.environment())


def test_a_stack_tells_what_it_declares_as_terraform_will_read_it(stack: Terraform) -> None:
    assert {one.id: one.arguments["input"] for one in stack.resources} == {
        "a": "a${b}",
        "b": "a${b}",
        "c": "c",
        "d": "d",
    }
    assert stack.moved == ("terraform_data.z", "terraform_data.a")


def test_terraform_takes_what_it_is_told_with_what_that_needs_and_nothing_else(stack: Terraform) -> None:
    assert stack.state().held == {}
    plan = stack.plan(["terraform_data.b"], {"terraform_data.b": "${x}-%{y}"})
    assert plan.error is None
    assert {one.address: (one.actions, one.imports) for one in plan.changes} == {
        "terraform_data.a": (("create",), False),
        "terraform_data.b": (("update",), True),
        "terraform_data.c": (("create",), False),
    }
    assert not (stack.folder / "adopt.tf.json").exists()
    stack.apply()
    assert set(stack.state().held) == {f"terraform_data.{one}" for one in "abc"}
    assert ("terraform_data", "${x}-%{y}") in stack.state().ids
    assert {one.address for one in stack.plan().changes} == {"terraform_data.d"}
    stack.forget()
    assert sorted(one.name for one in stack.folder.iterdir()) == [".terraform", "cdk.tf.json"]


def test_a_replacement_that_prevent_destroy_stops_is_in_the_plan_all_the_same(stack: Terraform) -> None:
    config = json.loads((stack.folder / "cdk.tf.json").read_text())
    kept = {"triggers_replace": "1", "lifecycle": {"prevent_destroy": True}}
    config["resource"]["terraform_data"] = {"a": kept, "b": {}}
    (stack.folder / "cdk.tf.json").write_text(json.dumps(config))
    assert stack.plan().error is None
    stack.apply()
    config["resource"]["terraform_data"] = {"a": {**kept, "triggers_replace": "2"}}
    (stack.folder / "cdk.tf.json").write_text(json.dumps(config))
    plan = stack.plan()
    assert plan.error is not None
    assert "Instance cannot be destroyed" in plan.error
    assert {one.address: (one.destroys, one.because) for one in plan.changes} == {
        "terraform_data.a": (True, ("triggers_replace",)),
        "terraform_data.b": (True, ()),
    }


def test_what_terraform_says_when_it_fails_is_told_without_its_warnings(stack: Terraform) -> None:
    (stack.folder / "cdk.tf.json").write_text('{"terraform": {"backend": {"nowhere": {}}}}')
    with pytest.raises(OutsideError) as caught:
        stack.state()
    assert str(caught.value).splitlines()[:2] == [
        "Terraform cannot prepare one; it says:",
        "  Error: Unsupported backend type",
    ]


def test_a_state_in_another_backend_is_asked_of_terraform(tmp_path: Path) -> None:
    """Here one that is only declared otherwise, so that it needs no server."""
    folder = tmp_path / "one"
    folder.mkdir()
    from local import toolchain

    (folder / "cdk.tf.json").write_text('{"resource": {"terraform_data": {"a": {"input": "a"}}}}')
    terraform = Terraform(folder, toolchain.environment())
    assert terraform.local_state is None
    assert terraform.state().held == {}
    terraform.plan()
    terraform.apply()
    assert set(terraform.state().held) == {"terraform_data.a"}
