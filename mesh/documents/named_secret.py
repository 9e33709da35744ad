"""Finds secrets after their names: in connection strings, command lines, settings and JSON within texts."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from mesh.documents.secret import REMEDY, named_like_secret, names_secret_in_scope, scopes_in

# Databricks documentation, "Dynamic value references": values of a run, which the text does not contain
_REFERENCE = re.compile(
    r"\{\{\s*(?:secrets/[^{}/]+/[^{}/]+|(?:job|tasks)\.[\w.\[\]\"'-]+|input(?:\.[\w-]+)*)\s*\}\}"
)
# What stands for a value: a reference, a variable, a call, a blank to fill in
_PLACEHOLDER = re.compile(
    r"[<{$%*:(\[?]|\.\.|…|[A-Za-z_][\w.]*[(\[]|(?:x{3,}|\d{1,5}|true|false|null|none|yes|no|changeme|your\S*)(?=[}\])]*$)",
    re.IGNORECASE,
)
# A name with its value: `password=x`, `"password": "x"` also within a string of JSON, `--password x`
_ASSIGNED = re.compile(
    r"""(?<![\w.])(?P<quote>\\{0,8}["'])?(?P<name>[A-Za-z][\w.-]{0,99})"""
    r"""(?(quote)\\{0,8}["']\s{0,9}[:=]\s{0,9}|=)\\{0,8}["']?(?P<value>[^\s"'&;,\\]{3,200})"""
)
_OPTION = re.compile(
    r"""(?<!\S)--?(?P<name>[A-Za-z][\w-]{0,99})\s{1,9}\\{0,8}["']?(?P<value>[^\s"'\\-][^\s"'\\]{2,199})"""
)
# A header of HTTP on a command line
_HEADER = re.compile(
    r"""(?<!\S)(?:-H|--header)[ =]?\\{0,8}["'](?P<name>[A-Za-z][\w-]{0,99}):"""
    r"""\s{0,9}(?P<value>[^\s"'\\]{3,200})"""
)
# A whole line of a file with settings, such as .pypirc: `password = x`, `db_password: 'x'`
_LINE = re.compile(
    r"""^[^\S\n]{0,99}(?P<name>[A-Za-z][\w.-]{0,99})[^\S\n]{0,99}[:=][^\S\n]{1,99}"""
    r"""(?P<quote>["']?)(?P<value>[^\s"',;]{3,200})(?P=quote)[^\S\n]{0,99}$""",
    re.MULTILINE,
)
_OF_LINES = re.compile(r"(?:pass(?:word|wd|phrase)s?|secret|secret_(?:access_)?key|api_?key)$", re.IGNORECASE)
_SCOPE = re.compile(r"(?<!\w)[A-Za-z][\w.-]{0,93}scope\b", re.IGNORECASE)
_ARGUMENT = r"""["']?(?P<value>[^\s"'-][^\s"']{2,199})"""
_BETWEEN = r"\s(?:[^\n|;&]{0,200}?\s)?"  # the program and its option
# The forms of single programs. Sources: their manuals; netrc(5); Oracle's "JDBC Developer's Guide".
_FORMS = tuple(
    re.compile(form)
    for form in (
        r"""\bcurl\s[^\n|]{0,200}?(?:-u|--user)[ =]?["']?\w[^\s:"']{0,99}:(?P<value>[^\s"']{3,200})""",
        rf"\b(?:az|docker|podman|registry)\slogin{_BETWEEN}-p[ =]?{_ARGUMENT}",
        rf"\b(?:sqlcmd|bcp){_BETWEEN}-P ?{_ARGUMENT}",
        rf"\bsshpass\s-p ?{_ARGUMENT}",
        rf"\bmysql(?:dump)?{_BETWEEN}-p{_ARGUMENT}",
        r"""\becho\s(?:-n\s)?["']?(?P<value>[^\s"'|-][^\s"'|]{2,199})["']?\s{0,9}\|[^\n|]{0,200}--password-stdin""",
        r"\bmachine\s{1,9}\S{1,200}\s{1,9}login\s{1,9}\S{1,200}\s{1,9}password\s{1,9}(?P<value>\S{3,200})",
        r"""\bjdbc:oracle:(?:thin|oci8?):["']?[^\s/@:"']{1,99}/["']?(?P<value>[^\s/@"']{3,200})["']?@""",
        r"""(?i)\bauthorization\\{0,8}["']?\s{0,9}[:=]\s{0,9}\\{0,8}["']?"""
        r"""(?:bearer|basic)\s{1,9}(?P<value>[^\s"'\\]{8,4000})""",
        r"^(?:Bearer|Basic) (?P<value>(?=[^\s\d]{0,200}\d)[\w.+/=~-]{16,4000})$",
    )
)
# Docker documentation, "docker login": user and password of a registry in ~/.docker/config.json
_DOCKER = re.compile(
    r"""\\{0,8}"auth\\{0,8}"\s{0,9}:\s{0,9}\\{0,8}"(?P<value>[0-9A-Za-z+/]{4,400}={0,2})\\{0,8}\""""
)

# A rule of a cluster policy: `"spark_env_vars.DB_PASSWORD": {"type": "fixed", "value": "x"}`
_RULE = re.compile(
    r"""\\{0,8}"(?P<name>[A-Za-z][\w.-]{0,199})\\{0,8}"\s{0,9}:\s{0,9}\{[^{}]{0,300}?"""
    r"""\\{0,8}"(?:value|values|defaultValue)\\{0,8}"\s{0,9}:\s{0,9}\[?\s{0,9}"""
    r"""\\{0,8}"(?P<value>[^\s"\\]{3,200})"""
)
# Databricks documentation, "Compute policy reference": the fields of a rule with values of the attribute, and
# all fields that show that it is one; a pattern may ask for a reference
RULE_VALUES = ("value", "values", "defaultValue")
_OF_RULES = {*RULE_VALUES, "type", "pattern"}

NAMED_SECRET_MESSAGE = f"contains a password, token or key after its name ({REMEDY})"


def refers_to_value(value: str) -> bool:
    """True for a reference that Databricks replaces: `{{secrets/scope/key}}`, `{{job.parameters.token}}`."""
    return _REFERENCE.fullmatch(value.strip()) is not None


def names_its_secret(text: str) -> bool:
    """True if a text contains a secret after its name.

    Such as JDBC addresses, command lines, connection strings, headers, and JSON.
    """
    return (
        any(not _PLACEHOLDER.match(match["value"]) for form in _FORMS for match in form.finditer(text))
        or any(_is_login(match["value"]) for match in _DOCKER.finditer(text))
        or any(_names_one(pattern, text) for pattern in (_ASSIGNED, _OPTION, _HEADER, _RULE))
        or any(map(_is_setting, _LINE.finditer(text)))
    )


def _names_one(pattern: re.Pattern[str], text: str) -> bool:
    """True if a name suggests a secret, and its value is none of a secret in a scope."""
    found = [
        match
        for match in pattern.finditer(text)
        if named_like_secret(match["name"]) and not _PLACEHOLDER.match(match["value"])
    ]
    scopes = scopes_in(_SCOPE.findall(text)) if found else frozenset()
    return any(not names_secret_in_scope(match["name"], match["value"], scopes) for match in found)


def _is_setting(line: re.Match[str]) -> bool:
    """True for `password = x`, but not for `password = row.password`."""
    name, value = line["name"], line["value"]
    is_variable = name.rpartition(".")[2] == value.rpartition(".")[2]
    return _OF_LINES.search(name) is not None and not is_variable and not _PLACEHOLDER.match(value)


def _is_login(encoded: str) -> bool:
    """True for a user and a password, joined by a colon, in Base64."""
    try:
        return b":" in b64decode(encoded, validate=True)
    except ValueError:
        return False


def is_rule(value: object) -> bool:
    """True for a rule of a cluster policy, below the attribute that it restricts."""
    return isinstance(value, Mapping) and not _OF_RULES.isdisjoint(value)


def secret_arguments(arguments: Sequence[object]) -> Iterator[int]:
    """The positions of secrets in a list of arguments, such as that of `x` in `[--password, x]`."""
    scopes = scopes_in(one for one in arguments if isinstance(one, str) and one.startswith("-"))
    for position, (option, value) in enumerate(pairwise(arguments), 1):
        if not isinstance(option, str) or not isinstance(value, str) or not option.startswith("-"):
            continue
        if names_secret_in_scope(option, value, scopes):
            continue
        if named_like_secret(option) and not value.startswith("-") and not _PLACEHOLDER.match(value):
            yield position
