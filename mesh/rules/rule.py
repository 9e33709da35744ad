"""A rule with its name, its subjects and its settings, and the packs of built-in rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from mesh.finding import Severity
from mesh.model.rules_file import (
    ClassificationFile,
    HasDescriptionFile,
    HasOwnerFile,
    HasTagsFile,
    JobRetriesFile,
    JobTimeoutFile,
    Level,
    NameStyleFile,
    NoGrantsToEverybodyFile,
    PackName,
    RuleFile,
    RulesFile,
    severity,
)
from mesh.rules.builtin.classification import classification
from mesh.rules.builtin.has_description import has_description
from mesh.rules.builtin.has_owner import has_owner
from mesh.rules.builtin.has_tags import has_tags
from mesh.rules.builtin.job_failure_notification import job_failure_notification
from mesh.rules.builtin.job_retries import job_retries
from mesh.rules.builtin.job_timeout import job_timeout
from mesh.rules.builtin.name_style import name_style
from mesh.rules.builtin.no_all_privileges import no_all_privileges
from mesh.rules.builtin.no_grants_to_everybody import no_grants_to_everybody
from mesh.rules.subject import (
    DomainSubject,
    FlowSubject,
    GrantSubject,
    JobSubject,
    ProjectSubject,
    Subject,
    Violation,
)

Subjects = tuple[type[Subject], ...]
Check = Callable[[Any], Iterable[Violation]]

_LEVELS: Subjects = (DomainSubject, ProjectSubject, FlowSubject)


@dataclass(frozen=True)
class Rule:
    """A rule that is on.

    Args:
        name: its name, which is the code of its findings.
        severity: the severity of its findings.
        subjects: what it is about.
        check: yields the violations of one subject.
    """

    name: str
    severity: Severity
    subjects: Subjects
    check: Check


@dataclass(frozen=True)
class BuiltIn:
    """A built-in rule.

    Args:
        pack: the pack that it belongs to.
        subjects: what it is about.
        settings: the model of its settings, which holds the defaults.
        check: yields the violations of one subject.
    """

    pack: PackName
    subjects: Subjects
    settings: type[RuleFile]
    check: Callable[[Any, Any], Iterator[Violation]]


BUILT_IN: Mapping[str, BuiltIn] = {
    "name-style": BuiltIn("names", _LEVELS, NameStyleFile, name_style),
    "has-owner": BuiltIn("owners", (ProjectSubject,), HasOwnerFile, has_owner),
    "has-description": BuiltIn("descriptions", _LEVELS, HasDescriptionFile, has_description),
    "has-tags": BuiltIn("tags", (JobSubject,), HasTagsFile, has_tags),
    "classification": BuiltIn("tags", (JobSubject,), ClassificationFile, classification),
    "no-all-privileges": BuiltIn("access", (GrantSubject,), RuleFile, no_all_privileges),
    "no-grants-to-everybody": BuiltIn(
        "access", (GrantSubject,), NoGrantsToEverybodyFile, no_grants_to_everybody
    ),
    "job-timeout": BuiltIn("jobs", (JobSubject,), JobTimeoutFile, job_timeout),
    "job-retries": BuiltIn("jobs", (JobSubject,), JobRetriesFile, job_retries),
    "job-failure-notification": BuiltIn("jobs", (JobSubject,), RuleFile, job_failure_notification),
}
PACKS: tuple[PackName, ...] = get_args(PackName)


def built_in_rules(declared: RulesFile) -> Iterator[Rule]:
    """The built-in rules that are on, in the order of `BUILT_IN`.

    A rule that `rules` names is on; its level is its own, else that of its pack, else `error`.

    Args:
        declared: the fields of a rules.yml.
    """
    for name, rule in BUILT_IN.items():
        settings: RuleFile | None = getattr(declared.rules, name.replace("-", "_"))
        of_pack: Level = declared.packs.get(rule.pack, "ignore")
        if settings is None:
            level, settings = of_pack, rule.settings()
        else:
            level = settings.level or (of_pack if of_pack != "ignore" else "error")
        if told := severity(level):
            yield Rule(name, told, rule.subjects, _with(rule, settings))


def _with(rule: BuiltIn, settings: RuleFile) -> Check:
    """The check with its settings."""
    return lambda subject: rule.check(subject, settings)
