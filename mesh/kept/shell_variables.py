"""Environment variables that shells change from line to line, and that no result depends on."""

from __future__ import annotations

from collections.abc import Mapping

_OF_SHELLS = frozenset({"_", "OLDPWD", "PWD", "SHLVL"})


def without_shells(environ: Mapping[str, str]) -> list[tuple[str, str]]:
    """The other variables, sorted, for keys of kept results."""
    return sorted(one for one in environ.items() if one[0] not in _OF_SHELLS)
