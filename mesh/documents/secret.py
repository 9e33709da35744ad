"""Secrets have no place in YAML: what looks like one, and fields that are called like one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

REMEDY = (
    "take it out and revoke it; who deploys logs in with the environment variables of the Databricks "
    "provider, such as DATABRICKS_TOKEN, and jobs read secrets with dbutils.secrets"
)

# Every pattern is bounded, or ends at the first character that it cannot hold: a large file costs no time.
_LOOKS = {
    "a Databricks token": r"(?<![0-9A-Za-z])(?:dapi|dose)[0-9a-f]{32}",
    "an AWS access key": r"(?<![0-9A-Za-z])(?:AKIA|ASIA)[0-9A-Z]{16}(?![0-9A-Za-z])",
    "a GitHub token": r"(?<![0-9A-Za-z])(?:gh[oprsu]_[0-9A-Za-z]{36}|github_pat_[0-9A-Za-z_]{22})",
    "a GitLab token": r"(?<![0-9A-Za-z])glpat-[0-9A-Za-z_-]{20}",
    "a private key": r"-----BEGIN (?:[0-9A-Z]{1,20} ){0,3}PRIVATE KEY",
    "an Azure shared access signature": r"(?<![0-9A-Za-z])sig=[0-9A-Za-z%+/]{20}",
    "an Azure storage key": r"AccountKey=[0-9A-Za-z+/]{40}",
    "an Azure client secret": r"(?<![0-9A-Za-z])[0-9A-Za-z_~.]{3}[0-9]Q~[0-9A-Za-z_~.-]{31}",
    "a JSON web token": r"(?<![0-9A-Za-z_-])eyJ[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]{10,}\.",
    "an address with a password": r"://[^/\s:@]{1,200}:[^/\s@]{1,200}@",
}
_PATTERN = re.compile("|".join(f"({pattern})" for pattern in _LOOKS.values()))
_KINDS = tuple(_LOOKS)

_FIELD = re.compile(
    r"(?:^|_)(?:token|passwd|password|pwd|secret|api_?key|(?:access|account|private|secret|storage)_key)$"
)


@dataclass(frozen=True)
class Secret:
    """Something that looks like a secret.

    Args:
        kind: what it looks like, with its article; never the value.
        offset: where it begins, in characters.
    """

    kind: str
    offset: int

    @property
    def message(self) -> str:
        """What a finding says of it."""
        return f"looks like {self.kind} ({REMEDY})"


def secrets_in(text: str) -> Iterator[Secret]:
    """Everything in `text` that looks like a secret, in order."""
    for match in _PATTERN.finditer(text):
        yield Secret(_KINDS[(match.lastindex or 1) - 1], match.start())


def is_secret(text: str) -> bool:
    """Whether something in `text` looks like a secret."""
    return _PATTERN.search(text) is not None


def named_like_secret(field: str) -> bool:
    """Whether a field is called like something that only its owner should know, as `client.secret`."""
    return _FIELD.search(re.sub(r"[-.]", "_", field.lower())) is not None


def wrong_field(field: str) -> str:
    """What a finding says of a field that is called like a secret."""
    return f"`{field}` has no place in a file ({REMEDY})"
