"""`mesh apply`: applies saved plans in order, and refuses outdated plans."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from mesh.commands.apply import Applier, PlanApplication, plans_of_environment, refuse_outdated
from mesh.errors import OutsideError, UsageError
from mesh.review.plan import StackPlan
from mesh.review.policy import Ruling
from mesh.review.review import Review
from mesh.terraform.interrupt import StoppedError
from mesh.terraform.progress import Lines
from mesh.terraform.saved_plan import Checkout, SavedPlan, save_plan, saved_plans
from mesh.terraform.terraform import Terraform
from mesh.terraform.terraform_command import SILENT, Reporter
from tests.mesh.terraform.conftest import AT, LATER, declare

FAILS = {"input": "1", "provisioner": {"local-exec": {"command": "exit 1"}}}


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
        """The folder of the plans."""
        return self.root / "plans"

    def plan(self, *terraforms: Terraform) -> dict[str, SavedPlan]:
        """Plan stacks; the saved plans of all."""
        for one in terraforms:
            save_plan(one, self.out, AT)
        return {one.stack: one for one in saved_plans([self.out])}

    def apply(
        self,
        terraforms: Sequence[Terraform],
        after: Callable[[str], Sequence[str]] = lambda stack: (),
        reviewer: Callable[[Sequence[StackPlan]], Review] = reviewed,
    ) -> bool:
        """Applies the saved plans of these stacks."""
        saved = {one.stack: one for one in saved_plans([self.out])}
        by_name = {one.stack: one for one in terraforms}
        refuse_outdated(saved.values(), by_name, AT)
        applications = [
            PlanApplication(saved[one.stack], one, frozenset(after(one.stack)))
            for one in terraforms
            if one.stack in saved
        ]
        return Applier(reviewer, lambda question: True, AT, Lines(), parallelism=1).apply(applications)

    def held(self, *terraforms: Terraform) -> list[set[str]]:
        """The contents of the states."""
        return [set(one.state().held) for one in terraforms]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_saved_plans_are_applied_and_then_deleted(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    """Only the owner may read the files; they are all that another machine needs."""
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


def test_stacks_that_depend_on_a_failed_stack_wait_for_its_next_plan(bench: Bench) -> None:
    """All other stacks are applied; the failed apply changed the state, so its plan is outdated."""
    first, second = declare(bench.root, "first", a=FAILS), declare(bench.root, "second", b={})
    third, fourth = declare(bench.root, "third", c={}), declare(bench.root, "fourth", d={})
    every = [first, second, third, fourth]
    needs = {"second": ["first"], "third": ["second"]}
    bench.plan(*every)

    with pytest.raises(OutsideError) as caught:
        bench.apply(every, lambda stack: needs.get(stack, ()))

    assert str(caught.value).splitlines() == [
        "not all plans are applied:",
        "  applied: fourth",
        "  failed: first: terraform apply of first failed:",
        "  Error: local-exec provisioner error",
        *str(caught.value).splitlines()[4:-4],
        "  not applied: second: it needs first",
        "  not applied: third: it needs second",
        f"the failed apply changed the state; plan and review again: "
        f"`mesh plan first --env prod --out {bench.out}`",
        "completed changes are in the states; apply the same folder again for the rest",
    ]
    assert bench.held(second, third, fourth) == [set(), set(), {"terraform_data.d"}]
    assert {one.stack for one in saved_plans([bench.out])} == {"first", "second", "third"}
    with pytest.raises(OutsideError, match="first: the stack was deployed after it was planned"):
        bench.apply(every)
    first = declare(bench.root, "first", a={"input": "1"})
    every[0] = first
    bench.plan(first)

    assert bench.apply(every, lambda stack: needs.get(stack, ())) is True
    assert bench.held(*every[:3]) == [{"terraform_data.a"}, {"terraform_data.b"}, {"terraform_data.c"}]


class Interrupted(Terraform):
    """A fake Terraform that is interrupted."""

    def apply(self, reporter: Reporter = SILENT, reviewed: str | None = None) -> None:
        raise StoppedError("terraform apply was interrupted")


def test_a_plan_that_is_exchanged_while_the_question_waits_is_not_applied(bench: Bench) -> None:
    one = declare(bench.root, "one", a={"input": "1"})
    bench.plan(one)

    def exchange(plans: Sequence[StackPlan]) -> Review:
        declare(bench.root, "one", unreviewed={"input": "1"}).plan()
        return reviewed(plans)

    with pytest.raises(OutsideError, match="the plan of one is not the one that was reviewed"):
        bench.apply([one], reviewer=exchange)
    assert bench.held(one) == [set()]


def test_a_plan_that_replaced_the_applied_one_is_kept(bench: Bench) -> None:
    """Another terminal may plan into the same folder while the question waits."""
    one = declare(bench.root, "one", a={"input": "1"})
    bench.plan(one)

    def plan_again(plans: Sequence[StackPlan]) -> Review:
        bench.plan(declare(bench.root / "other", "one", later={"input": "2"}))
        return reviewed(plans)

    assert bench.apply([one], reviewer=plan_again) is True

    assert bench.held(one) == [{"terraform_data.a"}]
    assert {file.suffix for file in bench.out.glob("one.*")} == {".json", ".origin", ".tfplan"}


def test_a_deployment_while_the_question_waits_is_named(bench: Bench) -> None:
    one = declare(bench.root, "one", a={"input": "1"})
    bench.plan(one)

    def deploy(plans: Sequence[StackPlan]) -> Review:
        other = declare(bench.root, "one", b={"input": "1"})
        reviewed_plan = other.planned
        assert reviewed_plan
        other.plan()
        other.apply()
        one.load_plan(reviewed_plan)
        return reviewed(plans)

    with pytest.raises(OutsideError, match="Saved plan is stale") as caught:
        bench.apply([one], reviewer=deploy)
    assert str(caught.value).splitlines()[-1] == (
        f"another deployment changed the state; plan and review again: `mesh plan one --env prod --out {bench.out}`"
    )


def test_an_interrupt_starts_no_further_apply(bench: Bench) -> None:
    first, second = declare(bench.root, "first", a={}), declare(bench.root, "second", b={})
    bench.plan(first, second)
    with pytest.raises(OutsideError) as caught:
        bench.apply([Interrupted(first.folder, first.environ), second])
    assert str(caught.value).splitlines() == [
        "not all plans are applied:",
        "  failed: first: terraform apply was interrupted",
        "  not applied: second: not started",
        "completed changes are in the states; apply the same folder again for the rest",
    ]
    assert bench.apply([first, second]) is True


def test_all_reasons_against_an_apply_are_reported_at_once(bench: Bench) -> None:
    names = ("code", "err", "killed", "left", "moved", "swapped", "again")
    stacks = {name: declare(bench.root, name, a={"input": name}) for name in names}
    declare(bench.root, "err", a={"no_such": "argument"})
    bench.plan(*stacks.values())
    save_plan(stacks["again"], bench.out, AT, base="1" * 40)
    (bench.out / "killed.origin").unlink()
    (bench.out / "swapped.tfplan").write_bytes((bench.out / "code.tfplan").read_bytes())
    declare(bench.root, "code", a={"input": "other"})
    stacks["moved"].plan()
    stacks["moved"].apply()
    del stacks["left"], stacks["again"]

    with pytest.raises(OutsideError) as caught:
        refuse_outdated(saved_plans([bench.out]), stacks, LATER)

    first, *told, command = str(caught.value).splitlines()
    assert first == "these plans are not applied:"
    stated = dict(line.strip().split(": ", 1) for line in told)
    here = "this checkout, `7d420000` with changes"
    assert stated == {
        "again": f"it was planned as removed, but is declared in {here}",
        "code": f"planned at `5bd01c2f`, but {here}, generates other Terraform code",
        "err": f"it could not be planned, see {bench.out}/err.err",
        "killed": f"{bench.out}/killed.origin is missing, so the files may belong to several plans",
        "left": f"it is not declared in {here}",
        "moved": stated["moved"],
        "swapped": f"{bench.out}/swapped.tfplan is not the plan that {bench.out}/swapped.origin records",
    }
    assert stated["moved"].startswith("the stack was deployed after it was planned at ")
    assert "(its state was absent, and is now serial 1 of " in stated["moved"]
    options = f"--env prod --out {bench.out}`"
    assert command == (
        "nothing was changed; plan and review again: "
        f"`mesh plan again --env prod --base {'1' * 40} --out {bench.out}`, "
        f"`mesh plan code err killed left moved swapped {options}"
    )
    assert (bench.out / "err.err").read_text().startswith("Terraform cannot plan err")
    assert not (bench.out / "err.tfplan").exists()


def test_terraform_refuses_an_outdated_plan_with_a_forged_record(
    bench: Bench,
) -> None:
    """Terraform's plan file contains the state that it is for."""
    one = declare(bench.root, "one", a={"input": "1"})
    saved = bench.plan(one)["one"]
    one.plan()
    one.apply()
    state = one.state()
    assert saved.origin is not None
    known = {"serial": state.serial, "lineage": state.lineage}
    saved.file(".origin").write_text(saved.origin.model_copy(update=known).model_dump_json())
    with pytest.raises(
        OutsideError, match=r"(?s)failed: one: terraform apply of one failed.*Saved plan is stale"
    ):
        bench.apply([one])
    assert one.state() == state


def test_plans_of_other_environments_are_skipped(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = declare(bench.root, "one"), declare(bench.root, "two")
    save_plan(one, bench.out, AT)
    save_plan(two, bench.out, Checkout("dev", None, clean=False))
    (bench.out / "three.json").write_text("{}")
    capsys.readouterr()
    found = saved_plans([bench.out])
    assert [each.stack for each in plans_of_environment(found, AT, ["one", "two"])] == ["one"]
    assert capsys.readouterr().out.splitlines() == [
        "skipped: the plan of three, which names no environment",
        "skipped: the plan of two, which is for dev",
    ]
    with pytest.raises(UsageError, match="there is no plan for test here"):
        plans_of_environment(found, Checkout("test", None, clean=True), [])
