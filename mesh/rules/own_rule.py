"""The own rules of an org: Python functions, one per file in `rules/` beside its org.yml.

They run with the rights of whoever runs the command. Source of the decision: docs/adr/0026.
"""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from mesh.documents.file_text import read_text
from mesh.finding import Finding, nearest
from mesh.model.rules_file import Rules, severity
from mesh.rules.resource_subject import ResourceSubject
from mesh.rules.rule import Rule, Subjects
from mesh.rules.subject import (
    DomainSubject,
    FlowSubject,
    GrantSubject,
    JobSubject,
    ProjectSubject,
    Subject,
    Violation,
)

SUBJECTS: Mapping[str, type[Subject]] = {
    "domain": DomainSubject,
    "project": ProjectSubject,
    "flow": FlowSubject,
    "job": JobSubject,
    "grant": GrantSubject,
    "resource": ResourceSubject,
}


class OwnRuleError(Exception):
    """An own rule failed, or returned something other than violations.

    Args:
        finding: the finding that says so.
    """

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


def rule_name(file: str) -> str:
    """The name of an own rule: its file without folders and suffix."""
    return Path(file).stem


def own_rules(rules: Rules, root: Path) -> tuple[list[Rule], list[Finding]]:
    """Loads the own rules of an org, which runs their files, and the findings.

    Args:
        rules: the rules of the org.
        root: the mesh's root.
    """
    loaded: list[Rule] = []
    findings: list[Finding] = []
    for file in rules.own:
        name = rule_name(file)
        setting = rules.declared.own.get(name)
        told = severity((setting.level if setting else None) or "error")
        if told is None:
            continue
        text, wrong = read_text(root / file, root)
        findings += wrong
        if text is None:
            continue
        try:
            function, subjects = _function(file, text)
        except OwnRuleError as error:
            findings.append(error.finding)
        else:
            loaded.append(Rule(name, told, subjects, _guarded(file, function)))
    return loaded, findings


def _function(file: str, text: str) -> tuple[Callable[[Any], Any], Subjects]:
    """The function of a rule's file, and what it is about.

    Raises:
        OwnRuleError: the file cannot be run, or has no such function.
    """
    name = rule_name(file)
    module = ModuleType(f"mesh_own_rules.{name}")
    module.__file__ = file
    try:
        # not imported, which would write byte code beside the file
        exec(compile(text, file, "exec"), module.__dict__)  # noqa: S102 - the user asked to run it
    except (Exception, SystemExit) as error:
        raise OwnRuleError(_failure(file, error)) from error
    function = getattr(module, name, None)
    if not inspect.isfunction(function):
        message = f"defines no function `{name}` (name the function after the file)"
        raise OwnRuleError(Finding(file, 1, 1, "no-rule-function", message))
    parameters = list(inspect.signature(function).parameters)
    if len(parameters) != 1 or parameters[0] not in SUBJECTS:
        line = function.__code__.co_firstlineno
        shown = parameters[0] if len(parameters) == 1 else f"{len(parameters)} parameters"
        message = f"`{name}` should take one parameter, not `{shown}` ({nearest('', SUBJECTS, 'parameters')})"
        raise OwnRuleError(Finding(file, line, 1, "no-rule-function", message))
    return function, (SUBJECTS[parameters[0]],)


def _guarded(file: str, function: Callable[[Any], Any]) -> Callable[[Any], Iterable[Violation]]:
    """The function; its errors become findings."""

    def check(subject: Subject) -> list[Violation]:
        try:
            found = list(function(subject) or ())
        except (Exception, SystemExit) as error:
            raise OwnRuleError(_failure(file, error, subject)) from error
        for one in found:
            if not isinstance(one, Violation):
                kind = type(one).__name__
                message = f"yields a {kind} (yield `{_parameter(subject)}.violation(message, …)`)"
                line = function.__code__.co_firstlineno
                raise OwnRuleError(Finding(file, line, 1, "rule-failed", message))
        return found

    return check


def _parameter(subject: Subject) -> str:
    return next(name for name, kind in SUBJECTS.items() if isinstance(subject, kind))


def _failure(file: str, error: BaseException, subject: Subject | None = None) -> Finding:
    """A finding at the line of the file that failed last."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    line = error.lineno if isinstance(error, SyntaxError) else frames[-1].lineno if frames else 1
    about = f" for {subject.path}" if subject else ""
    why = f"{type(error).__name__}: {error}"[:500]
    return Finding(file, line or 1, 1, "rule-failed", f"fails{about}: {why} (correct the rule)")
