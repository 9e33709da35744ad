"""Saved plans are applied as they were made, in their order, and what keeps one from that is told."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from platform import machine
from zipfile import ZipFile

import pytest

from local import toolchain
from mesh.commands.apply import Application, apply, of_environment, refuse
from mesh.errors import OutsideError, UsageError
from mesh.review.plan import StackPlan
from mesh.review.policy import Ruling
from mesh.review.review import Review
from mesh.terraform.saved_plan import Checkout, SavedPlan, keep_plan, saved_plans
from mesh.terraform.terraform import StoppedError, Terraform

AT = Checkout("prod", "5bd01c2f" + "0" * 32, clean=True)
LATER = Checkout("prod", "7d420000" + "0" * 32, clean=False)
PLATFORM = f"{sys.platform}_{ {'x86_64': 'amd64', 'aarch64': 'arm64'}.get(machine(), machine()) }"
FAILS = {"input": "1", "provisioner": {"local-exec": {"command": "exit 1"}}}


def declare(root: Path, stack: str, **resources: object) -> Terraform:
    """A stack of Terraform's own resources, synthesized."""
    folder = root / "stacks" / stack
    folder.mkdir(parents=True, exist_ok=True)
    config = {"terraform": {"backend": {"local": {"path": f"../../states/{stack}"}}}}
    config |= {"resource": {"terraform_data": resources}} if resources else {}
    (folder / "cdk.tf.json").write_text(json.dumps(config))
    return Terraform(folder, toolchain.environment())


def reviewed(plans: Sequence[StackPlan]) -> Review:
    """A review that refuses nothing."""
    return Review((), ())


def refused(plans: Sequence[StackPlan]) -> Review:
    """A review that refuses."""
    return Review((), (Ruling("data-loss", "a", "prod", "refuse", False, ("no",)),))


@dataclass(frozen=True)
class Bench:
    """Stacks and their saved plans.

    Args:
        root: where all is.
    """

    root: Path

    @property
    def out(self) -> Path:
        """Where plans are kept."""
        return self.root / "plans"

    def plan(self, *terraforms: Terraform) -> dict[str, SavedPlan]:
        """Plan stacks; the saved plans of all."""
        for one in terraforms:
            keep_plan(one, self.out, AT)
        return {one.stack: one for one in saved_plans([self.out])}

    def apply(
        self,
        terraforms: Sequence[Terraform],
        after: Callable[[str], Sequence[str]] = lambda stack: (),
        reviewer: Callable[[Sequence[StackPlan]], Review] = reviewed,
    ) -> bool:
        """Apply the plans that are kept, of these stacks."""
        saved = {one.stack: one for one in saved_plans([self.out])}
        by_name = {one.stack: one for one in terraforms}
        refuse(saved.values(), by_name, AT)
        applications = [
            Application(saved[one.stack], one, frozenset(after(one.stack)))
            for one in terraforms
            if one.stack in saved
        ]
        return apply(applications, reviewer, lambda question: True, AT)

    def held(self, *terraforms: Terraform) -> list[set[str]]:
        """What states hold."""
        return [set(one.state().held) for one in terraforms]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_what_is_saved_is_applied_and_what_is_applied_is_removed(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only its owner reads what was kept; on another machine nothing else than these files is there."""
    one, still = declare(bench.root, "one", a={"input": "1"}), declare(bench.root, "still")
    bench.plan(one, still)
    files = sorted(bench.out.glob("one.*")) + sorted(bench.out.glob("still.*"))
    assert [file.name for file in files] == [
        f"{stack}{suffix}" for stack in ("one", "still") for suffix in (".json", ".origin", ".tfplan")
    ]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert not (one.folder / "mesh.plan").exists()
    (bench.root / "stacks").rename(bench.root / "elsewhere")
    one, still = declare(bench.root, "one", a={"input": "1"}), declare(bench.root, "still")

    assert bench.apply([one, still], reviewer=refused) is False
    assert bench.held(one) == [set()]
    assert all(file.exists() for file in files)

    assert bench.apply([one, still]) is True
    assert bench.held(one) == [{"terraform_data.a"}]
    assert [file.name for file in bench.out.iterdir()] == [".gitignore"]
    assert not (one.folder / "mesh.plan").exists()
    assert capsys.readouterr().out.splitlines()[-1] == "Applied 1 plan; 1 without changes."


def test_what_needs_what_failed_is_left_and_applied_when_that_is_planned_anew(bench: Bench) -> None:
    """All else is applied; the plan that failed has changed its state, so it is one for another state."""
    first, second = declare(bench.root, "first", a=FAILS), declare(bench.root, "second", b={})
    third, fourth = declare(bench.root, "third", c={}), declare(bench.root, "fourth", d={})
    every = [first, second, third, fourth]
    needs = {"second": ["first"], "third": ["second"]}
    bench.plan(*every)

    with pytest.raises(OutsideError) as caught:
        bench.apply(every, lambda stack: needs.get(stack, ()))

    assert str(caught.value).splitlines() == [
        "not all of it is applied:",
        "  applied: fourth",
        "  failed: first: terraform apply of first failed, see above",
        "  not applied: second: it needs first",
        "  not applied: third: it needs second",
        f"what failed has changed its state, so plan it anew, and review that: "
        f"`mesh plan first --env prod --out {bench.out}`",
        "what was done is in the states; applying the same folder again does the rest",
    ]
    assert bench.held(second, third, fourth) == [set(), set(), {"terraform_data.d"}]
    assert {one.stack for one in saved_plans([bench.out])} == {"first", "second", "third"}
    with pytest.raises(OutsideError, match="first: somebody has deployed since it was planned"):
        bench.apply(every)
    first = declare(bench.root, "first", a={"input": "1"})
    every[0] = first
    bench.plan(first)

    assert bench.apply(every, lambda stack: needs.get(stack, ())) is True
    assert bench.held(*every[:3]) == [{"terraform_data.a"}, {"terraform_data.b"}, {"terraform_data.c"}]


class Interrupted(Terraform):
    """Terraform that somebody interrupts."""

    def apply(self) -> None:
        raise StoppedError("terraform apply was interrupted")


def test_nothing_else_is_begun_when_somebody_interrupts(bench: Bench) -> None:
    first, second = declare(bench.root, "first", a={}), declare(bench.root, "second", b={})
    bench.plan(first, second)
    with pytest.raises(OutsideError) as caught:
        bench.apply([Interrupted(first.folder, first.environ), second])
    assert str(caught.value).splitlines() == [
        "not all of it is applied:",
        "  failed: first: terraform apply was interrupted",
        "  not applied: second: it was not begun",
        "what was done is in the states; applying the same folder again does the rest",
    ]
    assert bench.apply([first, second]) is True


def test_all_that_keeps_plans_from_being_applied_is_told_at_once(bench: Bench) -> None:
    names = ("code", "err", "killed", "left", "moved", "swapped", "again")
    stacks = {name: declare(bench.root, name, a={"input": name}) for name in names}
    declare(bench.root, "err", a={"no_such": "argument"})
    bench.plan(*stacks.values())
    keep_plan(stacks["again"], bench.out, AT, base="1" * 40)
    (bench.out / "killed.origin").unlink()
    (bench.out / "swapped.tfplan").write_bytes((bench.out / "code.tfplan").read_bytes())
    declare(bench.root, "code", a={"input": "other"})
    stacks["moved"].plan()
    stacks["moved"].apply()
    del stacks["left"], stacks["again"]

    with pytest.raises(OutsideError) as caught:
        refuse(saved_plans([bench.out]), stacks, LATER)

    first, *told, command = str(caught.value).splitlines()
    assert first == "these plans are not applied:"
    stated = dict(line.strip().split(": ", 1) for line in told)
    here = "this checkout, `7d420000` with changes"
    assert stated == {
        "again": f"it was planned as gone, and the mesh has it in {here}",
        "code": f"planned at `5bd01c2f`, and {here}, writes other Terraform code",
        "err": f"it could not be planned; why stands in {bench.out}/err.err",
        "killed": f"{bench.out}/killed.origin is missing, so its files may be of several plans",
        "left": f"the mesh has no such stack in {here}",
        "moved": stated["moved"],
        "swapped": f"{bench.out}/swapped.tfplan is not the plan that {bench.out}/swapped.origin tells of",
    }
    assert stated["moved"].startswith("somebody has deployed since it was planned at ")
    assert "(its state was not there yet, and is serial 1 of " in stated["moved"]
    options = f"--env prod --out {bench.out}`"
    assert command == (
        "nothing was changed; plan anew, and review that: "
        f"`mesh plan again --env prod --base {'1' * 40} --out {bench.out}`, "
        f"`mesh plan code err killed left moved swapped {options}"
    )
    assert (bench.out / "err.err").read_text().startswith("Terraform cannot plan err")
    assert not (bench.out / "err.tfplan").exists()


def test_terraform_refuses_what_a_record_that_was_changed_lets_pass(
    bench: Bench, capfd: pytest.CaptureFixture[str]
) -> None:
    """The plan itself knows the state that it was made for."""
    one = declare(bench.root, "one", a={"input": "1"})
    saved = bench.plan(one)["one"]
    one.plan()
    one.apply()
    state = one.state()
    assert saved.origin is not None
    known = {"serial": state.serial, "lineage": state.lineage}
    saved.file(".origin").write_text(saved.origin.model_copy(update=known).model_dump_json())
    with pytest.raises(OutsideError, match="failed: one: terraform apply of one failed"):
        bench.apply([one])
    assert "Saved plan is stale" in capfd.readouterr().err
    assert one.state() == state


def test_a_plan_is_applied_with_the_provider_that_it_was_made_with(bench: Bench) -> None:
    """Another machine would take a newer one, and Terraform refuse the plan."""
    source, place = "example.com/acme/thing", bench.root / "mirror" / "example.com/acme/thing"
    settings = bench.root / "terraform.rc"
    settings.write_text(
        f'provider_installation {{\n  filesystem_mirror {{ path = "{bench.root}/mirror" }}\n}}\n'
    )

    def stack(*versions: str) -> Terraform:
        for version in versions:
            archive = place / f"terraform-provider-thing_{version}_{PLATFORM}.zip"
            archive.parent.mkdir(parents=True, exist_ok=True)
            with ZipFile(archive, "w") as held:
                held.writestr(f"terraform-provider-thing_v{version}", version)
        made = declare(bench.root, "one", a={"input": "1"})
        config = json.loads((made.folder / "cdk.tf.json").read_text())
        del config["terraform"][
            "backend"
        ]  # so that Terraform is asked for the state, and looks for providers first
        config["terraform"]["required_providers"] = {"thing": {"source": source, "version": "~> 1.0"}}
        (made.folder / "cdk.tf.json").write_text(json.dumps(config))
        environ = {**made.environ, "TF_CLI_CONFIG_FILE": str(settings)}
        environ.pop("TF_PLUGIN_CACHE_DIR", None)
        return Terraform(made.folder, environ)

    made = stack("1.0.0")
    made.init()
    saved = SavedPlan("one", bench.out, AT.origin(made, made.state(), None, None))
    (bench.root / "stacks").rename(bench.root / "elsewhere")
    newer = stack("1.1.0")
    assert list(saved.outdated(newer, AT)) == []
    newer.take(b"a plan")
    assert saved.origin is not None
    assert newer.lock == saved.origin.lock
    assert 'version     = "1.0.0"' in str(newer.lock)
    (bench.root / "stacks").rename(bench.root / "nowhere")
    newest = stack()
    newest.init()
    assert 'version     = "1.1.0"' in str(newest.lock)


def test_plans_of_other_environments_are_left(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = declare(bench.root, "one"), declare(bench.root, "two")
    keep_plan(one, bench.out, AT)
    keep_plan(two, bench.out, Checkout("dev", None, clean=False))
    (bench.out / "three.json").write_text("{}")
    capsys.readouterr()
    found = saved_plans([bench.out])
    assert [each.stack for each in of_environment(found, AT, ["one", "two"])] == ["one"]
    assert capsys.readouterr().out.splitlines() == [
        "left alone: the plan of three, of no environment that it says",
        "left alone: the plan of two, of dev",
    ]
    with pytest.raises(UsageError, match="there is no plan of test here"):
        of_environment(found, Checkout("test", None, clean=True), [])


def test_a_folder_that_cannot_be_written_is_told(bench: Bench) -> None:
    (bench.root / "plans").write_text("")
    with pytest.raises(OutsideError, match=r"cannot write .*plans"):
        bench.plan(declare(bench.root, "one"))


def test_files_that_are_no_saved_plans_are_told(bench: Bench) -> None:
    one = declare(bench.root, "one")
    bench.plan(one)
    assert [each.stack for each in saved_plans([bench.out / "one.tfplan", bench.out])] == ["one"]
    other = bench.root / "other"
    other.mkdir()
    (other / "two.origin").write_bytes((bench.out / "one.origin").read_bytes())
    with pytest.raises(OutsideError, match=r"two\.origin is the record of one"):
        saved_plans([other])
    (other / "two.origin").write_text("{}")
    with pytest.raises(OutsideError, match=r"two\.origin is no record that `mesh plan` wrote"):
        saved_plans([other])
    (other / "two.origin").rename(other / "one.json")
    with pytest.raises(UsageError, match="there are plans of one in"):
        saved_plans([bench.out, other])
    for path, why in ((other / "no.tfplan", "there is no plan"), (one.folder / "cdk.tf.json", "")):
        with pytest.raises(UsageError, match=why or "not called like a plan"):
            saved_plans([path if why else path.rename(path.with_suffix(".txt"))])
