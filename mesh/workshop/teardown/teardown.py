"""`mesh workshop teardown`: removes what a workshop made and what its students made, and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from mesh.errors import OutsideError
from mesh.terraform.orphaned_state import destroy, tidy
from mesh.terraform.state import State
from mesh.terraform.terraform import StoppedError, Terraform
from mesh.workshop.teardown.ownership import needs, verdict
from mesh.workshop.teardown.removals import Kept, Removal, Survey, Verdict, Workshop
from mesh.workshop.teardown.workspace_object import WORDS, Thing

# What tells, the next time as well, that something is a student's or the workshop's
_EVIDENCE = frozenset(f"databricks_{one}" for one in ("cluster_policy", "group", "group_member", "user"))


class Workspace(Protocol):
    """What a tear-down needs of a workspace."""

    def survey(self, people: Collection[str], catalogs: Collection[str]) -> Survey:
        """What there is of these people and in these catalogs."""

    def remove(self, thing: Thing) -> None:
        """Remove something with all that it holds; gone already is fine.

        Raises:
            OutsideError: it cannot be removed.
        """


@dataclass
class Report:
    """What became of a workshop.

    Args:
        gone: what is removed, each with how it was known; before that, what would be.
        kept: what stays.
        failed: what should have gone, each with what went wrong.
    """

    gone: list[tuple[str, str]] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """For scripts."""
        return {
            "gone": [{"what": what, "why": why} for what, why in self.gone],
            "kept": [{"what": one.what, "why": one.why} for one in self.kept],
            "failed": [{"what": what, "why": why} for what, why in self.failed],
        }


@dataclass(frozen=True)
class TearDown:
    """A workshop that is to go.

    Args:
        workshop: the workshop.
        own: Terraform with the workshop's state, and nothing declared.
        deployed: Terraform with the state of a deployment by its key, and nothing declared; None where that
            state is not in this backend.
        workspace: the workspace.
        say: takes what happens, line by line.
    """

    workshop: Workshop
    own: Terraform
    deployed: Callable[[str], Terraform | None]
    workspace: Workspace
    say: Callable[[str], None]

    def run(self, *, dry_run: bool, confirmed: Callable[[], bool]) -> Report:
        """Say what would go and what would stay, and unless that is all, remove it.

        Args:
            dry_run: whether to look only.
            confirmed: asks before anything is removed.
        """
        state = self.own.state()
        found = self._look(state)
        would = Report(
            [
                *((_address(one, state), "its state") for one in found.addresses),
                *((str(one.thing), _how(one)) for one in found.removals),
            ],
            list(found.kept),
        )
        self._tell(found, state)
        if dry_run or not would.gone:
            return would
        if not confirmed():
            return Report(kept=list(found.kept))
        report = Report(kept=list(found.kept))
        try:
            self._remove(found, state, report)
        except KeyboardInterrupt as interrupt:
            raise StoppedError("the tear-down was interrupted; running it again does the rest") from interrupt
        finally:
            self._sum_up(report)
        return report

    def _look(self, state: State) -> Verdict:
        held = state.held.items()
        catalogs = {
            str(one.get("name")) for address, one in held if address.startswith("databricks_catalog.")
        }
        users = {str(one.get("user_name")) for address, one in held if address.startswith("databricks_user.")}
        people = {who.lower() for who in users | {one.email for one in self.workshop.students}}
        return verdict(self.workshop, state, self.workspace.survey(people, catalogs))

    def _remove(self, found: Verdict, state: State, report: Report) -> None:
        """Students' things first, since the workshop's own hold them."""
        through = {key: self._deployment(key, report) for key in _deployments(found.removals)}
        todo = [one for one in found.removals if _is_left(one, through)]
        for number, one in enumerate(todo, 1):
            self.say(f"Removing {one.thing} ({number} of {len(todo)})")
            try:
                self.workspace.remove(one.thing)
            except OutsideError as error:
                report.failed.append((str(one.thing), str(error)))
            else:
                report.gone.append((str(one.thing), _how(one)))
        failed = {what for what, _ in report.failed}
        left = [one for one in found.removals if failed & {str(one.thing), one.deployment}]
        full = {one.thing.catalog for one in left if one.thing.type == "databricks_schema"}
        self._own(found, state, report, full)

    def _deployment(self, key: str, report: Report) -> set[tuple[str, str]] | None:
        """Destroy a deployment through its state, if that is in this backend.

        Returns:
            What it held, by type and id; None where it could not be destroyed.
        """
        terraform = self.deployed(key)
        if terraform is None:
            return set()
        try:
            state = terraform.state()
            if state.held:
                self.say(f"Destroying {key}")
                for schema in _not_forced(state, state.held):
                    self.workspace.remove(schema)
                destroy(terraform)
                report.gone.append((key, f"its own state, with {_counted(state.held)}"))
        except StoppedError:
            raise
        except OutsideError as error:
            report.failed.append((key, str(error)))
            return None
        finally:
            tidy(terraform)
        return state.ids

    def _own(self, found: Verdict, state: State, report: Report, full: Collection[str | None]) -> None:
        """Destroy what the workshop's state holds, but for what would be missed the next time."""
        stuck: set[str] = set()
        for schema in _not_forced(state, found.addresses):
            try:
                self.workspace.remove(schema)
            except OutsideError as error:
                report.failed.append((str(schema), str(error)))
                stuck.add(schema.id)
                full = {*full, schema.catalog}
        stay = {
            one: "something in its catalog could not be removed"
            for one in found.addresses
            if needs(one, state.held[one]) in full or state.held[one].get("id") in stuck
        }
        if report.failed:
            known_by = [one for one in found.addresses if one.partition(".")[0] in _EVIDENCE]
            stay |= dict.fromkeys(known_by, "what could not be removed may be known by it")
        report.failed += [(_address(one, state), why) for one, why in stay.items()]
        going = [one for one in found.addresses if one not in stay]
        if not going:
            return
        self.say(f"Destroying {_counted(going)}")
        try:
            destroy(self.own, going if len(going) < len(state.held) else ())
        except StoppedError:
            raise
        except OutsideError as error:
            report.failed.append((f"the workshop's state, {self.own.stack}", str(error)))
        left = self.own.state().held
        report.gone += [(_address(one, state), "its state") for one in going if one not in left]
        report.failed += [
            (_address(one, state), "Terraform did not destroy it") for one in going if one in left
        ]

    def _tell(self, found: Verdict, state: State) -> None:
        number = len(self.workshop.students)
        self.say(f"Workshop {self.workshop.name}, {number} student{'s' if number != 1 else ''} on the roster")
        if found.addresses:
            self.say(f"goes: {_counted(found.addresses)} in its state")
        for one in found.removals:
            self.say(f"goes: {one.thing}: {_how(one)}")
        for line in _grouped(found.kept):
            self.say(f"stays: {line}")
        if not found.addresses and not found.removals:
            self.say("Nothing of this workshop is left.")

    def _sum_up(self, report: Report) -> None:
        for what, why in report.failed:
            self.say(f"failed: {what}: {why}")
        for line in _grouped(report.kept):
            self.say(f"kept: {line}")
        told = f"{len(report.gone)} gone, {len(report.kept)} kept, {len(report.failed)} failed"
        self.say(told + ("; running it again does the rest" if report.failed else ""))


def _not_forced(state: State, addresses: Iterable[str]) -> Iterator[Thing]:
    """Schemas that Terraform would not destroy as long as they hold something."""
    for address in addresses:
        one = state.held[address]
        if address.startswith("databricks_schema.") and not one.get("force_destroy"):
            name = str(one["id"])
            yield Thing("databricks_schema", name, name, place=name.partition(".")[0])


def _deployments(removals: Iterable[Removal]) -> list[str]:
    """The state keys of what is removed, each once."""
    return list(dict.fromkeys(one.deployment for one in removals if one.deployment))


def _is_left(one: Removal, through: Mapping[str, Collection[tuple[str, str]] | None]) -> bool:
    """Whether something was in none of the states that were destroyed, nor in one that could not be."""
    if one.deployment is None:
        return True
    held = through[one.deployment]
    return held is not None and (one.thing.type, one.thing.id) not in held


def _how(one: Removal) -> str:
    return f"{one.why} ({one.deployment})" if one.deployment else one.why


def _address(address: str, state: State) -> str:
    """What people call something that the state holds."""
    type, one = address.partition(".")[0], state.held[address]
    keys = ("full_name", "user_name", "display_name", "path")
    name = next((str(one[key]) for key in keys if one.get(key)), None)
    if type in WORDS:
        id = one.get("id") if type == "databricks_schema" else None
        return f"{WORDS[type]} {name or id or one.get('name') or address}"
    return address


def _counted(addresses: Iterable[str]) -> str:
    """How many things of each kind, in words."""
    counts = Counter(address.partition(".")[0] for address in addresses)
    return ", ".join(f"{number} {_word(type, number)}" for type, number in sorted(counts.items()))


def _word(type: str, number: int) -> str:
    word = WORDS.get(type, type.removeprefix("databricks_").replace("_", " "))
    if number == 1 or word.endswith("s"):
        return word
    return f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"


def _grouped(kept: Sequence[Kept]) -> Iterator[str]:
    """One line for all that stays for the same reason."""
    by_reason: dict[str, list[str]] = {}
    for one in kept:
        by_reason.setdefault(one.why, []).append(one.what)
    for why, things in by_reason.items():
        yield f"{', '.join(things)}: {why}"
