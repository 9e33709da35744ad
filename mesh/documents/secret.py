"""Recognizes values and field names that look like secrets, which are not allowed in YAML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

REMEDY = (
    "remove and revoke it; the deployer's credentials come from the environment variables of the Databricks "
    "provider, such as DATABRICKS_TOKEN, and jobs read secrets with dbutils.secrets"
)


def _starting(prefix: str, word: str = "0-9A-Za-z") -> str:
    r"""The pattern of a prefix that does not continue a word, but may follow `\n`, `\u0026` or `%3A`.

    Args:
        prefix: matches a fixed number of characters; it comes first, so that a search is fast.
        word: the characters of a word.
    """
    escapes = (r"\\[nrt]", r"\\u[0-9A-Fa-f]{4}", "%[0-9A-Fa-f]{2}")
    after_escape = "".join(f"|(?<={escape}{prefix})" for escape in escapes)
    return f"{prefix}(?:(?<![{word}]{prefix}){after_escape})"


# Every pattern is bounded or ends at the first other character, so that large files stay fast. A token is
# matched to its end. Source of GitHub's: "About authentication to GitHub", token formats; those of apps are
# `ghs_<app>_<JSON web token>`, about 520 characters.
_VALUE_PATTERNS = {
    "a Databricks token": _starting("(?:dapi|dose)") + "[0-9a-f]{32}(?:-[0-9])?",
    "an AWS access key": _starting("(?:AKIA|ASIA)") + "[0-9A-Z]{16}(?![0-9A-Za-z])",
    "a GitHub token": "|".join(
        (_starting("gh[oprsu]_") + "[0-9A-Za-z_.-]{36,}", _starting("github_pat_") + "[0-9A-Za-z_]{22,}")
    ),
    "a GitLab token": _starting("glpat-") + "[0-9A-Za-z_.-]{20,}",
    "a private key": r"-----BEGIN (?:[0-9A-Z]{1,20} ){0,3}PRIVATE KEY",
    "an Azure shared access signature": _starting("sig=") + "[0-9A-Za-z%+/]{20}",
    "an Azure storage key": r"AccountKey=[0-9A-Za-z+/]{40}",
    "an Azure client secret": _starting("[0-9A-Za-z_~.]{3}[0-9]Q~") + "[0-9A-Za-z_~.-]{31}",
    # starts at most once in a run of its characters
    "a JSON web token": _starting("eyJ", "0-9A-Za-z_-")
    + r"[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]*",
    # not a variable or a blank: `https://ola:$PASSWORD@host`
    "an address with a password": r"://[^/\s:@]{0,200}:(?!(?:\$\{?\w+\}?|\{[\w.]+\}|<[^<>@]*>|\*+)@)[^/\s@]{1,2000}@",
    "a Slack token": _starting("xox[abeoprs]-") + "[0-9A-Za-z-]{20,}",
    "a Slack webhook": r"hooks\.slack\.com/(?:services|workflows)/[0-9A-Z]{6,}/[0-9A-Z]{6,}/[0-9A-Za-z]{16,}",
    "a PyPI token": _starting("pypi-AgE") + "[0-9A-Za-z_-]{40,}",
    "an npm token": _starting("npm_") + "[0-9A-Za-z]{36}(?![0-9A-Za-z])",
    "a Hugging Face token": _starting("hf_") + "[0-9A-Za-z]{34}(?![0-9A-Za-z])",
    "an API key of a language model": _starting("sk-(?:proj|svca|admi|ant-)") + "[0-9A-Za-z_-]{32,}",
    "a Google API key": _starting("AIza") + "[0-9A-Za-z_-]{35}(?![0-9A-Za-z_-])",
}
# A token at the end of a line may continue in the next line
_PREFIXES = ("dapi", "dose", "gh[oprsu]_", "github_pat_", "glpat-", "eyJ")
_PREFIX = re.compile("|".join(map(_starting, _PREFIXES)))
_RUN = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.-"
_LEAST = 8  # characters of the second line
_CONTINUATION = re.compile(r"[\s│|]*([0-9A-Za-z_.-]+)[\"'`,;:)\]}]*$")
_PATTERN = re.compile("|".join(f"({pattern})" for pattern in _VALUE_PATTERNS.values()))
_DESCRIPTIONS = tuple(_VALUE_PATTERNS)

# Tokens of pages, of language models and of requests are no secrets
_NO_TOKEN = ("page", "next", "continuation", "idempotency", "pad", "bos", "eos", "stop", "mask", "special")
_KEY = "access|account|private|secret|storage|shared|signing|hmac|subscription"
_FIELD_NAME = re.compile(
    "|".join(
        (
            "".join(f"(?<!{word}_)" for word in _NO_TOKEN) + "(?<![^_])token$",
            rf"(?:^|_)(?:pwd|secret|api_?key|(?:{_KEY})_key)$",
            r"pass(?:word|wd|phrase)s?(?:_?\d{1,2}|_(?:dev|test|prod))?$",
            "(?:^|_)(?:db|user|login|admin|smtp|ftp|sftp|mail|mysql|pg)_pass$",
            # Confluent documentation, "Schema Registry clients": a key and its secret
            "(?:^|_)basic_auth_user_info$",
        )
    )
)
# Databricks documentation, "Connect to Azure Data Lake Storage": the settings of one storage account end with
# its address, such as `fs.azure.account.key.<account>.dfs.core.windows.net`; the type of a provider of tokens
# is the name of a class
_STORAGE_SETTING = re.compile(
    r"(?:^|_)fs_azure_(?:account_key|\w*secret|\w*token(?!_provider_)|sas_(?!token_)\w+)_\w+_core_\w+$"
)
_NAME_OF_SECRET = re.compile(r"[\w.@-]{1,128}", re.ASCII)
_NEW_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[-.]")


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


def lines_of_cut_off_secret(lines: Sequence[str]) -> int:
    """The number of lines of a token that starts in the first line; 0 without such a token.

    Args:
        lines: the line, and the lines after it.
    """
    run = len(lines[0].rstrip(_RUN)) if lines else 0
    start = _PREFIX.search(lines[0], run) if lines else None
    if start is None:
        return 0
    token, count = lines[0][start.start() :], 1
    while count < len(lines) and (more := _CONTINUATION.match(lines[count])):
        # after a whole token, a short line is another text, and a line may be another token
        another = (count == 1 and len(more[1]) < _LEAST) or _PREFIX.match(more[1])
        if another and is_secret(token):
            break
        token, count = token + more[1], count + 1
    return count if is_secret(token) else 0


@lru_cache(4096)  # the same fields occur in all resources of a plan
def named_like_secret(field: str) -> bool:
    """True if a field's name suggests a secret, such as `client.secret`, `clientSecret` or `PGPASSWORD`."""
    name = _NEW_WORD.sub("_", field).lower()
    return _FIELD_NAME.search(name) is not None or _STORAGE_SETTING.search(name) is not None


def scopes_in(fields: Iterable[str]) -> frozenset[str]:
    """The fields that name a scope of secrets, such as `secret_scope`, for `names_secret_in_scope`."""
    return frozenset(name for name in map(_words, fields) if name.endswith("secret_scope"))


def names_secret_in_scope(field: str, value: str, scopes: frozenset[str]) -> bool:
    """True for the name of a secret of Databricks: `secret_key` beside `secret_scope`.

    Databricks documentation, "Secret management": at most 128 letters, digits, `-`, `_`, `@` and `.`.

    Args:
        field: the field's name.
        value: its value.
        scopes: the fields beside it that name a scope.
    """
    return (
        bool(scopes)
        and (name := _words(field)).endswith("secret_key")
        and f"{name.removesuffix('key')}scope" in scopes
        and _NAME_OF_SECRET.fullmatch(value) is not None
        and not is_secret(value)
    )


def _words(field: str) -> str:
    """The name of a field or option in lower case, its words joined by `_`."""
    return _NEW_WORD.sub("_", field.lstrip("-")).lower()


def secret_field_message(field: str) -> str:
    """The message of the finding for a field named like a secret."""
    return f"`{field}` is not allowed in a file ({REMEDY})"
