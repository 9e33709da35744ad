"""rules.yml: the rules that an org sets for its domains, projects, flows and grants, and their waivers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from mesh.documents.checked_model import CheckedModel, FieldError
from mesh.documents.document import Document
from mesh.finding import Severity

FILE = "rules.yml"
OWN_RULES = "rules"
"""The folder of an org with its own rules."""

Level = Literal["error", "warning", "ignore"]
Text = Annotated[str, Field(min_length=1)]
PackName = Literal["names", "owners", "descriptions", "tags", "access", "jobs"]
MeshLevel = Literal["domain", "project", "flow"]


class RuleFile(CheckedModel):
    """The settings of a rule without parameters."""

    level: Level | None = None
    """`error` (default), `warning` or `ignore`; by default that of the rule's pack."""


class NameStyleFile(RuleFile):
    """The settings of `name-style`."""

    style: Literal["snake_case", "kebab-case", "lowercase"] = "snake_case"
    """How folders of domains, projects and flows are written."""

    longest: Annotated[int, Field(ge=1, le=255)] = 60
    """The largest number of characters."""


class HasOwnerFile(RuleFile):
    """The settings of `has-owner`."""

    inherited_from: Literal["org", "domain", "project"] = "domain"
    """The highest level that an owner may be inherited from."""


class HasDescriptionFile(RuleFile):
    """The settings of `has-description`."""

    levels: Annotated[tuple[MeshLevel, ...], Field(min_length=1)] = ("domain", "project", "flow")
    """The levels that need a description."""


class HasTagsFile(RuleFile):
    """The settings of `has-tags`."""

    tags: Annotated[tuple[Text, ...], Field(min_length=1)] = ("cost_center",)
    """The tags that every job and pipeline needs; `defaults.yml` may set them."""


class ClassificationFile(RuleFile):
    """The settings of `classification`."""

    tag: Text = "classification"
    """The tag of jobs and pipelines that classifies the data that they write."""

    values: Annotated[tuple[Text, ...], Field(min_length=1)] = (
        "public",
        "internal",
        "confidential",
        "restricted",
    )
    """The classes."""


class NoGrantsToEverybodyFile(RuleFile):
    """The settings of `no-grants-to-everybody`."""

    groups: Annotated[tuple[Text, ...], Field(min_length=1)] = ("account users", "users")
    """The groups that contain every user."""


class JobTimeoutFile(RuleFile):
    """The settings of `job-timeout`."""

    longest: Annotated[int, Field(ge=1)] = 86_400
    """The longest timeout of a job, in seconds."""


class JobRetriesFile(RuleFile):
    """The settings of `job-retries`."""

    most: Annotated[int, Field(ge=0)] = 3
    """The largest number of retries of a task."""


class RuleSettings(CheckedModel):
    """Single rules: their levels and parameters. A rule that is named here is on."""

    name_style: NameStyleFile | None = Field(default=None, alias="name-style")
    """Names of domains, projects and flows have one style."""

    has_owner: HasOwnerFile | None = Field(default=None, alias="has-owner")
    """Every project has an owner."""

    has_description: HasDescriptionFile | None = Field(default=None, alias="has-description")
    """Domains, projects and flows have a description."""

    has_tags: HasTagsFile | None = Field(default=None, alias="has-tags")
    """Jobs and pipelines have the tags that the org needs."""

    classification: ClassificationFile | None = None
    """Jobs and pipelines classify the data that they write."""

    no_all_privileges: RuleFile | None = Field(default=None, alias="no-all-privileges")
    """No grant has ALL_PRIVILEGES."""

    no_grants_to_everybody: NoGrantsToEverybodyFile | None = Field(
        default=None, alias="no-grants-to-everybody"
    )
    """No grant is for a group that contains every user."""

    job_timeout: JobTimeoutFile | None = Field(default=None, alias="job-timeout")
    """Every job has a timeout."""

    job_retries: JobRetriesFile | None = Field(default=None, alias="job-retries")
    """Tasks are retried a limited number of times."""

    job_failure_notification: RuleFile | None = Field(default=None, alias="job-failure-notification")
    """Somebody is told when a job or pipeline fails."""


def _date(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError as error:
        raise FieldError("wrong-value", f"`{text[:60]}` is not a date (write it as 2027-01-31)") from error
    return text


class WaiverFile(CheckedModel):
    """A permission to break a rule, for some time."""

    rule: Text
    """The rule: one of the built-in rules, or the name of an own rule's file."""

    path: Text
    """What it is for: the path of an org, domain, project or flow, and all below."""

    reason: Text
    """Why the rule may be broken there."""

    owner: Text
    """Who removes the cause until the date."""

    until: Annotated[str, AfterValidator(_date)]
    """The last day, as `"2027-01-31"`, in quotes."""


class RulesFile(CheckedModel):
    """The fields of a rules.yml, at the folder of an org."""

    packs: Mapping[PackName, Level] = Field(default_factory=dict)
    """Packs of rules that are on, with their level."""

    rules: RuleSettings = Field(default_factory=RuleSettings)
    """Single rules, with levels and parameters; they override the pack."""

    own: Mapping[Text, RuleFile] = Field(default_factory=dict)
    """The levels of the org's own rules, by the name of the file below `rules/`; by default `error`."""

    waivers: tuple[WaiverFile, ...] = ()
    """Permissions to break a rule, for some time."""


@dataclass(frozen=True)
class Rules:
    """The rules of an org as its folder declares them.

    Args:
        document: its rules.yml.
        declared: the fields of that file.
        own: the files of its own rules, relative to the mesh's root, in order.
    """

    document: Document = field(default_factory=lambda: Document(FILE))
    declared: RulesFile = field(default_factory=RulesFile)
    own: tuple[str, ...] = ()


def severity(level: Level) -> Severity | None:
    """The severity of a rule's findings; None if it is ignored."""
    return None if level == "ignore" else level
