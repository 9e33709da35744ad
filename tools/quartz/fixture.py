"""Runs Quartz 2.5.2 and writes what it answers; needs Java 17, Maven, and a Maven repository."""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

from tools.quartz.expressions import expressions

_ROOT = Path(__file__).resolve().parents[2]
FIXTURE = _ROOT / "tests" / "mesh" / "quartz" / "fixture.jsonl"
_ANSWERS = Path(__file__).with_name("Answers.java")
QUARTZ = "org.quartz-scheduler:quartz:2.5.2"
_SEPARATOR = "\x1f"
_COUNT = 5
# A zone and the moment from which it is asked: an ordinary day, and the days before the clock is changed
# forward and back. Their rules are the same in every edition of the zones' data of these years.
QUESTIONS: Sequence[Sequence[tuple[str, str]]] = (
    (("UTC", "2026-12-31T22:59:59Z"), ("Asia/Kolkata", "2027-02-26T06:12:30Z")),
    (
        ("Europe/Oslo", "2027-03-27T22:30:00Z"),
        ("America/New_York", "2027-03-14T04:10:00Z"),
        ("Australia/Lord_Howe", "2027-10-02T12:00:00Z"),  # half an hour
        ("America/Santiago", "2027-09-05T01:00:00Z"),  # at midnight
    ),
    (
        ("Europe/Oslo", "2026-10-24T22:30:00Z"),
        ("Europe/Oslo", "2026-10-25T00:20:00Z"),  # within the hour that comes twice
        ("America/New_York", "2027-11-07T03:30:00Z"),
        ("Australia/Lord_Howe", "2027-04-03T12:00:00Z"),
        ("America/Santiago", "2027-04-04T01:00:00Z"),
    ),
)


def ask(questions: Sequence[tuple[str, Sequence[tuple[str, str]]]]) -> Iterator[list[str]]:
    """Yields the version of Java and Quartz's last year, then the answer to each question.

    Args:
        questions: an expression, and the zones and moments from which its fires are wanted.
    """
    lines = [
        _SEPARATOR.join([text, *(part for zone, start in places for part in (zone, start, str(_COUNT)))])
        for text, places in questions
    ]
    with tempfile.TemporaryDirectory() as folder:
        jar = ["mvn", "--quiet", "--batch-mode", "dependency:copy", f"-Dartifact={QUARTZ}"]
        subprocess.run([*jar, f"-DoutputDirectory={folder}"], check=True, cwd=folder)
        (library,) = Path(folder).glob("*.jar")
        program = ["java", "-Duser.timezone=UTC", "-cp", str(library), str(_ANSWERS)]
        done = subprocess.run(
            program, input="\n".join(lines) + "\n", capture_output=True, text=True, check=True
        )
    yield from (line.split(_SEPARATOR) for line in done.stdout.splitlines())


def records(texts: Sequence[str], seed: int) -> Iterator[dict[str, object]]:
    """Yields the lines of the fixture: its origin, then one expression with Quartz's answers each.

    Args:
        texts: the expressions.
        seed: the seed for the choice of zones.
    """
    random = Random(seed)  # noqa: S311 - to be repeated, not to be secret
    questions = [(text, [random.choice(kind) for kind in QUESTIONS]) for text in texts]
    answers = ask(questions)
    java, max_year = next(answers)
    yield {"quartz": QUARTZ, "java": java, "max_year": int(max_year), "seed": seed, "expressions": len(texts)}
    for (text, places), (verdict, *rest) in zip(questions, answers, strict=True):
        if verdict == "refused":
            yield {"expression": text, "offset": int(rest[0]), "error": rest[1]}
        else:
            fires = [
                [zone, start, *map(_number, line.split())]
                for (zone, start), line in zip(places, rest, strict=True)
            ]
            yield {"expression": text, "seconds_until": fires}


def _number(text: str) -> int | str:
    return int(text) if text.lstrip("-").isdigit() else text


def main() -> None:
    """Writes the fixture, or an own choice of expressions."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--output", type=Path, default=FIXTURE)
    chosen = parser.parse_args()
    lines = records(expressions(chosen.seed, chosen.count), chosen.seed)
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
    chosen.output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
