"""Names of jobs, pipelines, catalogs and schemas, by brickops' rules.

Names depend only on the flow's folder, the templates and the identity, so that a
notebook gets the same names from `brickops.datamesh.naming` at run time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from string import Formatter
from typing import Literal, get_args

from mesh.documents.document import Document, Location, document
from mesh.errors import MeshError
from mesh.files.files import Files
from mesh.finding import Finding, nearest

Resource = Literal["job", "pipeline", "catalog", "db"]

RESOURCES: tuple[Resource, ...] = get_args(Resource)
CONFIG_FOLDER = ".brickopscfg"
CONFIG_FILE = f"{CONFIG_FOLDER}/config.yml"

# brickops.datamesh.parsepath.extractname.DEFAULT_CONFIGS
DEFAULT_TEMPLATES: Mapping[str, Mapping[str, str]] = {
    "job": {
        "prod": "{domain}_{project}_{env}",
        "other": "{domain}_{project}_{env}_{username}_{gitbranch}_{gitshortref}",
    },
    "pipeline": {
        "prod": "{domain}_{project}_{env}_dlt",
        "other": "{domain}_{project}_{env}_{username}_{gitbranch}_{gitshortref}_dlt",
    },
    "catalog": {"prod": "{domain}", "other": "{domain}"},
    "db": {"prod": "{db}", "other": "{env}_{username}_{gitbranch}_{gitshortref}_{db}"},
}

PATH_FIELDS = ("org", "domain", "project", "activity", "flowtype", "flow")
# The name of the environment; newer versions of brickops call it `target`
ENVIRONMENT_FIELDS = ("env", "target")
IDENTITY_FIELDS = ("username", "gitbranch", "gitshortref")

_TEMPLATE = re.compile(r"[\w{}_\-]+")  # brickops' _validate_naming_config
_SQL_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class NamingConfig:
    """The naming templates that apply to one folder.

    Args:
        templates: by resource and environment name; `other` is for environments without a key.
        path_regexp: a regular expression; its named groups replace the levels of the path.
        document: the file with the templates.
    """

    templates: Mapping[str, Mapping[str, str]]
    path_regexp: re.Pattern[str] | None = None
    document: Document | None = None

    def template(self, resource: Resource, env: str) -> str:
        """The template of `resource` in `env`; brickops' `_get_naming_config`."""
        by_env = self.templates.get(resource) or DEFAULT_TEMPLATES[resource]
        return by_env[env] if env in by_env else by_env["other"]

    def fields(self, resource: Resource, env: str) -> frozenset[str]:
        """The fields that the template of `resource` uses in `env`."""
        return _fields(self.template(resource, env))


@lru_cache
def _fields(template: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(template) if name)


DEFAULT_CONFIG = NamingConfig(DEFAULT_TEMPLATES)


@dataclass(frozen=True)
class NameContext:
    """The identity that names are created for, in the short forms of templates.

    Args:
        env: the environment's name.
        username: see `short_user`.
        gitbranch: see `short_branch`.
        gitshortref: see `short_ref`.
    """

    env: str
    username: str
    gitbranch: str
    gitshortref: str


def short_user(email: str) -> str:
    """The local part of the e-mail without `.` and `-`; brickops' `get_username`."""
    return email.split("@")[0].replace(".", "").replace("-", "")


def short_branch(branch: str) -> str:
    """The letters and digits of the branch; brickops' `clean_branch`."""
    return re.sub(r"[\W_]+", "", branch)


def short_ref(commit: str) -> str:
    """The first 8 characters of the commit; brickops' `commit_shortref`."""
    return commit[:8]


# Databricks documentation, "Names": Unity Catalog stores all object names in lower case
_IN_UNITY_CATALOG: tuple[Resource, ...] = ("catalog", "db")


def name(
    resource: Resource,
    path: Mapping[str, str | None],
    context: NameContext,
    config: NamingConfig = DEFAULT_CONFIG,
    db: str = "",
) -> str:
    """The name of `resource` for the flow at `path`, as Databricks stores it, never with backticks.

    Args:
        resource: the kind of resource.
        path: see `spelled_name`.
        context: the identity that the name is created for.
        config: the templates that apply to the flow's folder.
        db: the schema name that the flow declares, if `resource` is `db`.

    Raises:
        MeshError: the template uses a group of `path_regexp`, which does not match this path.
    """
    spelled = spelled_name(resource, path, context, config, db)
    return stored_name(spelled) if resource in _IN_UNITY_CATALOG else spelled


def stored_name(name: str) -> str:
    """Returns the name as Unity Catalog stores it: in lower case."""
    return name.lower()


def spelled_name(
    resource: Resource,
    path: Mapping[str, str | None],
    context: NameContext,
    config: NamingConfig = DEFAULT_CONFIG,
    db: str = "",
) -> str:
    """The name of `resource` for the flow at `path`, with the capitals of folders and templates.

    Source: brickops' `extract_name_from_path`, which also writes `None` for a missing level.

    Args:
        resource: the kind of resource.
        path: a value for each of PATH_FIELDS, and `file`, the path that `path_regexp` reads.
        context: the identity that the name is created for.
        config: the templates that apply to the flow's folder.
        db: the schema name that the flow declares, if `resource` is `db`.

    Raises:
        MeshError: the template uses a group of `path_regexp`, which does not match this path.
    """
    fields: dict[str, str | None] = {key: path.get(key) for key in PATH_FIELDS}
    if config.path_regexp and (match := config.path_regexp.match(path["file"] or "")):
        fields |= match.groupdict()
    fields = {"target": context.env} | fields | vars(context) | {resource: db}
    try:
        return config.template(resource, context.env).format(**fields)
    except KeyError as error:
        # only fields of path_regexp can be missing: all others were checked when the file was read
        assert config.document is not None
        message = f"`path_regexp` matches no `{error.args[0]}` in {path['file']} (it must match every flow)"
        raise MeshError(
            [config.document.finding("path-regexp", ("naming", "path_regexp"), message)]
        ) from error


def deployment_tag(context: NameContext) -> str:
    """The job tag `deployment`; brickops' `depname`."""
    if context.env == "prod":
        return "prod"
    return f"{context.env}_{context.username}_{context.gitbranch}_{context.gitshortref}"


def sql_reference(*parts: str) -> str:
    """Returns the name for SQL, with backticks around parts that need quoting.

    Source: brickops' `_escape_sql_name`, which quotes æ, ø and å only.
    """
    return ".".join(part if _SQL_PLAIN.fullmatch(part) else f"`{part.replace('`', '``')}`" for part in parts)


def find_config(folder: str, files: Files) -> str | None:
    """The `.brickopscfg/config.yml` nearest above `folder`, as brickops finds it, but never above the root.

    Args:
        folder: from the mesh's root.
        files: the files of the mesh.
    """
    steps = folder.split("/")
    for place in ("".join(f"{step}/" for step in steps[:depth]) for depth in range(len(steps), -1, -1)):
        if files.kind(f"{place}{CONFIG_FOLDER}"):
            return f"{place}{CONFIG_FILE}"
    return None


def read_config(file: str, files: Files) -> tuple[NamingConfig, list[Finding]]:
    """Reads naming templates, with findings.

    Args:
        file: their file, from the mesh's root.
        files: the files of the mesh.
    """
    whole, findings = document(file, files)
    if findings:
        return DEFAULT_CONFIG, findings
    naming = whole.data.get("naming") or {}
    if not isinstance(naming, dict):
        return DEFAULT_CONFIG, [
            whole.finding(
                "naming-template", ("naming",), "`naming` should be a mapping of resources to templates"
            )
        ]
    for resource, by_env in naming.items():
        findings += _check_resource(whole, resource, by_env)
    pattern, wrong = _path_regexp(whole, naming)
    findings += wrong
    if findings:
        return DEFAULT_CONFIG, findings
    templates = {key: value for key, value in naming.items() if key in DEFAULT_TEMPLATES and value}
    config = NamingConfig(templates, pattern, whole)
    return config, _check_fields(config)


def _path_regexp(
    document: Document, naming: Mapping[str, object]
) -> tuple[re.Pattern[str] | None, list[Finding]]:
    text = naming.get("path_regexp")
    if text is None:
        return None, []
    try:
        return re.compile(str(text)), []
    except re.error as error:
        return None, [
            document.finding(
                "path-regexp",
                ("naming", "path_regexp"),
                f"`path_regexp` is not a valid regular expression: {error}",
            )
        ]


def _check_resource(document: Document, resource: str, by_env: object) -> list[Finding]:
    at: Location = ("naming", resource)
    if resource not in DEFAULT_TEMPLATES or by_env is None:
        # brickops ignores unknown resources, and may still read this file
        return []
    if not isinstance(by_env, dict):
        return [
            document.finding(
                "naming-template", at, f"`{resource}` should be a mapping of environments to templates"
            )
        ]
    findings = [
        document.finding(
            "naming-template",
            (*at, env),
            f"template `{template}` may hold only letters, digits, `_`, `-` and {{fields}}",
        )
        for env, template in by_env.items()
        if not isinstance(template, str) or not _TEMPLATE.fullmatch(template)
    ]
    if "other" not in by_env:
        findings.append(
            document.finding(
                "naming-template",
                at,
                f"`other` is missing in {resource} (the template of every environment not named)",
            )
        )
    return findings


def _check_fields(config: NamingConfig) -> list[Finding]:
    assert config.document is not None
    extra = set(config.path_regexp.groupindex) if config.path_regexp else set()
    findings = []
    for resource, by_env in config.templates.items():
        known = {*PATH_FIELDS, *IDENTITY_FIELDS, *ENVIRONMENT_FIELDS, resource} | extra
        for env, template in by_env.items():
            at = ("naming", resource, env)
            try:
                used = {field for _, field, _, _ in Formatter().parse(template) if field is not None}
            except ValueError as error:
                findings.append(
                    config.document.finding(
                        "naming-template", at, f"template `{template}` does not parse: {error}"
                    )
                )
                continue
            findings += [
                config.document.finding(
                    "naming-template",
                    at,
                    f"template `{template}` uses `{{{field}}}` ({nearest(field, known, 'fields')})",
                )
                for field in sorted(used - known)
            ]
    return findings


def identifier(text: str) -> str:
    """The text as a Terraform name: letters, digits, `_` and `-`, and no digit or `-` at its beginning.

    Source: Terraform documentation, "Configuration Syntax", identifiers.
    """
    name = "".join(c if c.isalnum() or c in "_-" else "_" for c in text)
    return name if name[:1].isalpha() or name[:1] == "_" else f"_{name}"
