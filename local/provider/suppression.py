"""Rules by which the provider suppresses differences between the configuration and the state.

A rule is asked for each difference of an attribute and of everything inside it. It returns True for a
difference that is no change. A suppressed attribute keeps the value of the state.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from local.provider.difference import COUNT, Difference, Path

Rule = Callable[[Path, Difference], bool]


def platform_default(name: str) -> Rule:
    """Return a rule that suppresses the removal of a value that only the workspace sets.

    Args:
        name: the attribute or block that has the rule.
    """

    def rule(path: Path, difference: Difference) -> bool:
        if path[-1] == COUNT:
            return path[-2] == name and difference.new == 0 and difference.old != 0
        # What is inside has rules of its own: an e-mail address that leaves its list stays a change.
        unset = not difference.configured and is_zero(difference.new)
        return path[-1] == name and unset and not is_zero(difference.old)

    return rule


def default_value(value: str) -> Rule:
    """Return a rule that suppresses the removal of a default value that the workspace sets."""
    return lambda path, difference: is_zero(difference.new) and bool(difference.old == value)


def ignore_case(path: Path, difference: Difference) -> bool:
    """Suppress a difference in case only."""
    return _text(difference.old).casefold() == _text(difference.new).casefold()


def ignore_outer_whitespace(path: Path, difference: Difference) -> bool:
    """Suppress a difference in leading and trailing white space only."""
    return _text(difference.old).strip() == _text(difference.new).strip()


def ignore_trailing_slash(path: Path, difference: Difference) -> bool:
    """Suppress a difference in the slash at the end of a URL."""
    return _text(difference.old).rstrip("/") == _text(difference.new).rstrip("/")


def ignore_removal_and_trailing_slash(path: Path, difference: Difference) -> bool:
    """Suppress the removal of a URL, and a difference in the slash at its end."""
    return is_zero(difference.new) or ignore_trailing_slash(path, difference)


def ignore_workspace_prefix(path: Path, difference: Difference) -> bool:
    """Suppress a difference in the prefix `/Workspace` of a path."""
    return _text(difference.old).removeprefix("/Workspace") == _text(difference.new).removeprefix(
        "/Workspace"
    )


def false_to_true(path: Path, difference: Difference) -> bool:
    """Suppress a flag that becomes true, for flags which the workspace does not keep."""
    return difference.old is False and difference.new is True


def unset_flag(path: Path, difference: Difference) -> bool:
    """Suppress a flag that appears in the configuration as false and is not in the state."""
    return difference.old is None and is_zero(difference.new)


def delta_preview(path: Path, difference: Difference) -> bool:
    """Suppress the removal of the Spark setting that old workspaces add to every cluster.

    The number of settings is also suppressed if it changes from 1 to 0, whatever the name of the setting.
    """
    if path[-1] == COUNT:
        return difference.old == 1 and difference.new == 0
    return path[-1] == "spark.databricks.delta.preview.enabled"


# Old name of a security mode → names that mean the same.
_SECURITY_MODES = {
    "SINGLE_USER": ("DATA_SECURITY_MODE_DEDICATED", "DATA_SECURITY_MODE_AUTO"),
    "USER_ISOLATION": ("DATA_SECURITY_MODE_STANDARD", "DATA_SECURITY_MODE_AUTO"),
}


def security_mode(path: Path, difference: Difference) -> bool:
    """Suppress the removal of a security mode, and a new name for the same mode."""
    old, new = _text(difference.old), _text(difference.new)
    return bool(old and not new) or new in _SECURITY_MODES.get(old, ())


def is_zero(value: Any) -> bool:
    """Return whether a value is null, false, zero or an empty string."""
    return value is None or (isinstance(value, bool | int | float | str) and not value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
