"""Recognizes values and field names that look like secrets, which are not allowed in YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

REMEDY = (
    "remove and revoke it; the deployer's credentials come from the environment variables of the Databricks "
    "provider, such as DATABRICKS_TOKEN, and jobs read secrets with dbutils.secrets"
)

# Every pattern is bounded or ends at the first other character, so that large files stay fast.
_VALUE_PATTERNS = {
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
_PATTERN = re.compile("|".join(f"({pattern})" for pattern in _VALUE_PATTERNS.values()))
_DESCRIPTIONS = tuple(_VALUE_PATTERNS)

_FIELD_NAME = re.compile(
    r"(?:^|_)(?:token|passwd|password|pwd|secret|api_?key|(?:access|account|private|secret|storage)_key)$"
)


@dataclass(frozen=True)
class Secret:
    """A value that looks like a secret.

    Args:
        kind: its kind, with article: `an AWS access key`; never the value.
        offset: its first character, counted from 0.
    """

    kind: str
    offset: int

    @property
    def message(self) -> str:
        """The message of its finding."""
        return f"looks like {self.kind} ({REMEDY})"


def secrets_in(text: str) -> Iterator[Secret]:
    """All parts of `text` that look like a secret, in order."""
    for match in _PATTERN.finditer(text):
        yield Secret(_DESCRIPTIONS[(match.lastindex or 1) - 1], match.start())


def is_secret(text: str) -> bool:
    """True if a part of `text` looks like a secret."""
    return _PATTERN.search(text) is not None


def named_like_secret(field: str) -> bool:
    """True if a field's name suggests a secret, such as `client.secret`."""
    return _FIELD_NAME.search(re.sub(r"[-.]", "_", field.lower())) is not None


def secret_field_message(field: str) -> str:
    """The message of the finding for a field named like a secret."""
    return f"`{field}` is not allowed in a file ({REMEDY})"
