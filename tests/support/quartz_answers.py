"""What Quartz answers: the fixture that `make quartz` writes, and the file of the work's reference data."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

from mesh.quartz.zone import zone

_ROOT = Path(__file__).resolve().parents[2]
FIXTURE = _ROOT / "tests" / "mesh" / "quartz" / "fixture.jsonl"
REFERENCE = _ROOT.parent / "shared" / "data" / "quartz-2.5.2.jsonl"


@dataclass(frozen=True)
class Question:
    """A zone, a moment, and the fires that follow it.

    Args:
        zone: the zone.
        after: the moment.
        fires: the first fires after it.
        over: true if no other fire follows.
    """

    zone: tzinfo
    after: datetime
    fires: Sequence[datetime]
    over: bool


@dataclass(frozen=True)
class Answer:
    """Quartz's answer to an expression.

    Args:
        expression: the expression.
        error: Quartz's message; None if it accepts the expression.
        offset: the position of the error; None where it is not known.
        questions: the fires.
    """

    expression: str
    error: str | None
    offset: int | None
    questions: Sequence[Question] = ()


def header() -> dict[str, Any]:
    """The origin of the fixture."""
    with FIXTURE.open(encoding="utf-8") as lines:
        first: dict[str, Any] = json.loads(next(lines))
    return first


MAX_YEAR: int = header()["max_year"]


def answers() -> Iterator[Answer]:
    """The answers of the fixture, then those of the reference."""
    _, *lines = FIXTURE.read_text(encoding="utf-8").splitlines()
    yield from map(_of_fixture, map(json.loads, lines))
    yield from map(_of_reference, map(json.loads, REFERENCE.read_text(encoding="utf-8").splitlines()))


def _of_fixture(line: dict[str, Any]) -> Answer:
    questions = [_question(*entry) for entry in line.get("seconds_until", ())]
    return Answer(line["expression"], line.get("error"), line.get("offset"), questions)


def _question(name: str, start: str, *seconds: int | str) -> Question:
    known, after = zone(name), datetime.fromisoformat(start)
    assert known is not None
    fires = [after + timedelta(seconds=one) for one in seconds if isinstance(one, int)]
    return Question(known, after, fires, over=len(fires) < len(seconds))


def _of_reference(line: dict[str, Any]) -> Answer:
    if not line["accepted"]:
        return Answer(line["expression"], line["error"], None)
    known = zone(line["zone"]) or UTC  # Java takes an unknown zone for GMT
    after = datetime.fromisoformat(line["from"]).replace(tzinfo=known)
    fires = [datetime.fromisoformat(fire) for fire in line["fires"]]
    question = Question(known, after, fires, over=line.get("never_again", False))
    return Answer(line["expression"], None, None, [question])
