"""The confirmation of `mesh workshop teardown`."""

from __future__ import annotations

import pytest

from mesh.errors import UsageError
from mesh.workshop.teardown.command import check_name, confirm_name


def test_a_wrong_name_and_a_missing_name_without_terminal_are_refused() -> None:
    with pytest.raises(UsageError, match="is called `oslo`, not `bergen`; nothing was changed"):
        check_name("oslo", "bergen", dry_run=True, has_terminal=True)
    with pytest.raises(UsageError, match="--dry-run` first, then use --name"):
        check_name("oslo", None, dry_run=False, has_terminal=False)
    check_name("oslo", None, dry_run=True, has_terminal=False)
    check_name("oslo", "oslo", dry_run=False, has_terminal=False)
    check_name("oslo", None, dry_run=False, has_terminal=True)


@pytest.mark.parametrize(
    ("answer", "agreed"), [("oslo", True), (" oslo\n", True), ("y", False), ("", False), ("Oslo", False)]
)
def test_only_the_workshops_name_confirms(answer: str, agreed: bool) -> None:
    assert confirm_name("oslo", None, lambda question: answer) is agreed
    assert confirm_name("oslo", "oslo", lambda question: pytest.fail(question))
