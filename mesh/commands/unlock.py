"""`mesh unlock`: releases the lock of a state whose holder no longer runs."""

from __future__ import annotations

from datetime import UTC, datetime

from mesh.console import confirm, emit, require_terminal, visible
from mesh.errors import OutsideError
from mesh.terraform.target import Target


def unlock(target: Target, name: str, *, auto_approve: bool) -> None:
    """Releases the lock of a stack's state, after the user has read who holds it.

    Args:
        target: the mesh in its environment.
        name: the stack, or the path of its project.
        auto_approve: True to release the lock without confirmation.

    Raises:
        UsageError: the name matches no stack, or there is no terminal to confirm on.
        OutsideError: the lock cannot be released.
    """
    selected = target.select([name])
    require_terminal(auto_approve, look="mesh plan")
    target.synthesize(selected)
    for stack in selected:
        terraform = target.terraform(stack)
        lock = terraform.find_lock()
        if lock is None:
            emit(f"The state of {stack.stack} is not locked.")
            continue
        description = visible(lock.describe(datetime.now(UTC)))
        if terraform.local_state:
            raise OutsideError(
                f"the state of {stack.stack} is {description}; its lock ends when that process ends"
            )
        if not lock.id:
            raise OutsideError(
                f"the state of {stack.stack} is {description}, and the backend does not tell the lock's id; "
                "try again, as the lock may end with its process; if nothing is deployed and it stays, "
                "remove it in the backend (S3: the object of the state whose key ends with `.tflock`)"
            )
        emit(f"The state of {stack.stack} is {description}.")
        question = "Release the lock? If its holder still runs, two deployments write one state."
        if auto_approve or confirm(question):
            terraform.unlock(lock)
            emit(f"The state of {stack.stack} is unlocked.")
