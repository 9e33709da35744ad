"""Reads the holder of a lock from Terraform's error."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mesh.terraform.state_lock import StateLock, lock_timeout, read_lock

ERROR = """
╷
│ Error: Error acquiring the state lock
│
│ Error message: operation error S3: PutObject, https response error StatusCode: 412
│ Lock Info:
│   ID:        8f0ab0ce-1b3c-2d4e-5f60-718293a4b5c6
│   Path:      states/acme/mesh.tfstate
│   Operation: OperationTypeApply
│   Who:       ola@laptop
│   Version:   1.11.4
│   Created:   2026-03-01 11:48:00.123456789 +0000 UTC
│   Info:
│
│ Terraform acquires a state lock to protect the state from being written
╵
"""


def test_the_holder_the_age_and_the_operation_are_told() -> None:
    lock = read_lock(ERROR)

    assert lock == StateLock(
        "8f0ab0ce-1b3c-2d4e-5f60-718293a4b5c6",
        "ola@laptop",
        "OperationTypeApply",
        datetime(2026, 3, 1, 11, 48, tzinfo=UTC),
    )
    assert (
        lock.describe(datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC))
        == "locked by ola@laptop for 12 minutes (apply)"
    )


@pytest.mark.parametrize(
    "reason",
    [
        'could not write lock info for\n"state/mesh.tfstate": write\nstate/.mesh.tfstate.lock.info: no space\nleft on device',
        "operation error S3: PutObject, https response error StatusCode: 403, AccessDenied",
    ],
)
def test_a_lock_that_nobody_holds_is_not_waited_for(reason: str) -> None:
    """For example, because the disk is full: the error is shown at once instead of after ten minutes."""
    assert read_lock(f"Error: Error acquiring the state lock\n\nError message: {reason}\n") is None


@pytest.mark.parametrize(
    "reason",
    [
        "Workspace is already locked: default",
        # seen with S3's use_lockfile: the lock was released, or its object is damaged, when it was read
        "https response error StatusCode: 412, api error PreconditionFailed: At least one of the\n"
        "pre-conditions you specified did not hold\nfailed to unmarshal JSON data into LockInfo struct",
    ],
)
def test_a_backend_that_names_no_holder_is_locked_all_the_same(reason: str) -> None:
    lock = read_lock(f"Error: Error acquiring the state lock\n\nError message: {reason}\n")

    assert lock == StateLock()
    assert lock.describe(datetime(2026, 3, 1, tzinfo=UTC)) == "locked"


def test_another_error_is_no_lock() -> None:
    assert read_lock("Error: cannot read job: no such host") is None


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [
        ({}, None),
        ({"TF_CLI_ARGS_plan": "-lock-timeout=10m"}, 600),
        ({"TF_CLI_ARGS_apply": "-lock-timeout=10m"}, None),
        ({"TF_CLI_ARGS": "-no-color -lock-timeout=30s"}, 30),
        ({"TF_CLI_ARGS": "-lock-timeout=30s", "TF_CLI_ARGS_plan": "-lock-timeout=0s"}, 0),
    ],
)
def test_the_time_to_wait_is_that_of_terraform(environ: dict[str, str], seconds: int | None) -> None:
    assert lock_timeout(environ, "plan") == seconds
