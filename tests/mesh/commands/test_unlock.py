"""`mesh unlock`: shows the holder of a lock, and releases it after a confirmation."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from mesh.commands.unlock import unlock
from mesh.errors import OutsideError
from mesh.terraform.state_lock import StateLock
from tests.mesh.commands.conftest import FakeTarget

HELD = StateLock("5f60", "ola@laptop")


@dataclass
class Locked:
    """Terraform whose state may be locked."""

    lock: StateLock | None
    local_state: Path | None = None
    released: list[str] = field(default_factory=list)

    def find_lock(self) -> StateLock | None:
        return self.lock

    def unlock(self, lock: StateLock) -> None:
        self.released.append(lock.id)


@pytest.fixture
def stack(target: FakeTarget) -> str:
    return target.stacks[-1].stack


def test_a_lock_is_released_after_its_holder_is_shown(target, stack, answers, capsys) -> None:
    target.fakes[stack] = terraform = Locked(HELD)
    answers("y")

    unlock(target, stack, auto_approve=False)

    assert terraform.released == ["5f60"]
    assert capsys.readouterr().out.splitlines() == [
        f"The state of {stack} is locked by ola@laptop.",
        f"The state of {stack} is unlocked.",
    ]


def test_a_lock_stays_without_confirmation(target, stack, answers) -> None:
    target.fakes[stack] = terraform = Locked(HELD)
    answers("n")

    unlock(target, stack, auto_approve=False)

    assert terraform.released == []


def test_a_state_that_is_not_locked_stays_as_it_is(target, stack, capsys) -> None:
    target.fakes[stack] = Locked(None)

    unlock(target, stack, auto_approve=True)

    assert capsys.readouterr().out == f"The state of {stack} is not locked.\n"


def test_the_lock_of_a_local_state_ends_with_its_process(target, stack) -> None:
    target.fakes[stack] = Locked(HELD, Path("mesh.tfstate"))

    with pytest.raises(OutsideError, match="its lock ends when that process ends"):
        unlock(target, stack, auto_approve=True)


def test_a_lock_without_an_id_is_told_with_the_way_to_remove_it(target, stack) -> None:
    target.fakes[stack] = Locked(StateLock())

    with pytest.raises(OutsideError, match=r"does not tell the lock's id; .* ends with `\.tflock`"):
        unlock(target, stack, auto_approve=True)
