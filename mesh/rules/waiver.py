"""Waivers: permissions to break a rule for some time."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from mesh.finding import Finding, Severity, nearest
from mesh.model.rules_file import Rules, WaiverFile


@dataclass
class Waivers:
    """The waivers of an org; it remembers which of them were used.

    Args:
        rules: the rules of the org.
        today: the present day.
    """

    rules: Rules
    today: date
    _used: dict[int, Severity] = field(default_factory=dict)

    def covers(self, rule: str, path: str, severity: Severity) -> bool:
        """True if a waiver permits to break a rule at a path.

        Args:
            rule: the name of the rule.
            path: the path of the domain, project, flow, job or grant.
            severity: the severity of the rule.
        """
        matches = [
            index
            for index, waiver in enumerate(self.rules.declared.waivers)
            if waiver.rule == rule and f"{path}/".startswith(f"{waiver.path.strip('/')}/")
        ]
        self._used |= dict.fromkeys(matches, severity)
        return any(self._in_force(self.rules.declared.waivers[index]) for index in matches)

    def findings(self, known: Collection[str], ran: Collection[str]) -> Iterator[Finding]:
        """The findings about the waivers themselves, after all violations were compared with them.

        Args:
            known: the names of all rules, built in and own.
            ran: the names of the rules that ran.
        """
        document = self.rules.document
        for index, waiver in enumerate(self.rules.declared.waivers):
            at = ("waivers", index)
            if waiver.rule not in known:
                message = f"`{waiver.rule}` is not a rule ({nearest(waiver.rule, known, 'rules')})"
                yield document.finding("unknown-rule", (*at, "rule"), message)
            elif index in self._used and not self._in_force(waiver):
                message = f"the waiver of `{waiver.rule}` for {waiver.path} ended on {waiver.until}"
                remedy = f"{waiver.owner} removes the cause, or agrees on another date"
                found = document.finding("waiver-expired", (*at, "until"), f"{message} ({remedy})")
                yield replace(found, severity=self._used[index])
            elif index not in self._used and waiver.rule in ran:
                message = f"nothing at {waiver.path} breaks `{waiver.rule}` (remove the waiver)"
                yield document.finding("waiver-unused", at, message).as_warning

    def _in_force(self, waiver: WaiverFile) -> bool:
        return self.today <= date.fromisoformat(waiver.until)
