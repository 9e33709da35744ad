"""Expressions to ask Quartz about: what people write, what they get wrong, and what nobody would write."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from mesh.quartz.field import MONTHS, WEEKDAYS

# Per field: least and largest value, and the names
_FIELDS: Sequence[tuple[int, int, Sequence[str]]] = (
    (0, 59, ()),
    (0, 59, ()),
    (0, 23, ()),
    (1, 31, ()),
    (1, 12, tuple(MONTHS)),
    (1, 7, tuple(WEEKDAYS)),
    (2026, 2031, ()),
)
_DAY, _MONTH, _WEEKDAY, _YEAR = 3, 4, 5, 6
_MISTAKES = (
    "60",
    "99",
    "98",
    "-1",
    "W",
    "L",
    "LW",
    "?",
    "*5",
    "5X",
    "1-",
    "/",
    "*/",
    "*/0",
    "*/61",
    "0",
    "32",
    ",",
    "x",
    "3-1",
    "#2",
    "+5",
    "1/",
)


def expressions(seed: int, count: int) -> list[str]:
    """Returns different expressions, the same for the same seed.

    Args:
        seed: the seed of the random numbers.
        count: their number.
    """
    random = Random(seed)  # noqa: S311 - to be repeated, not to be secret
    found: dict[str, None] = {}
    while len(found) < count:
        found[_expression(random)] = None
    return list(found)


def _expression(random: Random) -> str:
    """Four of five are what people write; the others have a mistake or unusual spaces."""
    fields = _plausible(random)
    if random.random() < 0.12:
        number = random.randrange(len(fields))
        fields[number] = random.choice((*_MISTAKES, _part(random, number) + random.choice(_MISTAKES)))
    if random.random() < 0.03:
        del fields[random.randrange(len(fields))]
    if random.random() < 0.02:
        fields.insert(random.randrange(len(fields)), "*")
    space = random.choice((" ",) * 30 + ("  ", "\t", ", "))
    text = space.join(fields)
    return random.choice((str, str, str, str.lower))(text)


def _plausible(random: Random) -> list[str]:
    second = random.choice(("0", "0", "0", "30", "*/10", _part(random, 0)))
    minute = random.choice(("0", "*", _part(random, 1), _steps(random, 1)))
    hour = random.choice(("*", "2", _part(random, 2), _part(random, 2), _steps(random, 2)))
    month = random.choice(("*", "*", "*", _part(random, _MONTH)))
    day, weekday = random.choice(
        (("*", "?"), ("?", "*"), (_list(random, _DAY), "?"), ("?", _list(random, _WEEKDAY)))
    )
    if random.random() < 0.05:
        day, weekday = random.choice((("*", "*"), ("?", "?"), (day, day), ("1", "MON")))
    year = random.choice(
        ((), (), (), (), ("*",), (_part(random, _YEAR),), (str(random.randint(2020, 2050)),))
    )
    return [second, minute, hour, day, month, weekday, *year]


def _list(random: Random, number: int) -> str:
    return ",".join(_part(random, number) for _ in range(random.choice((1, 1, 1, 2, 3))))


def _part(random: Random, number: int) -> str:
    """A value, name, range or step of a field; for days also those with L, W and #."""
    least, most, names = _FIELDS[number]
    one, other = random.randint(least, most), random.randint(least, most)
    choices = [f"{one}", f"{one}", f"{one}-{other}", f"{min(one, other)}-{max(one, other)}", f"{one},{other}"]
    choices += [f"{one:02}", f"{one}-{other}/{random.randint(0, 9)}", _steps(random, number)]
    if names:
        name, last = random.choice(names), random.choice(names)
        choices += [
            name,
            name,
            f"{name}-{last}",
            f"{name}/{random.randint(1, 4)}",
            f"{name},{last}",
            f"{name}DAY",
        ]
    if number == _DAY:
        choices += ["L", "LW", f"L-{random.randint(0, 32)}", f"L-{one}W", f"{one}W", f"{one}W", "31", "29"]
    if number == _WEEKDAY:
        choices += [f"{one}#{random.randint(0, 6)}", f"{random.choice(names)}#{other}", f"{one}L"]
        choices += ["L", f"{random.choice(names)}L", "MON-FRI", "*"]
    return random.choice(choices)


def _steps(random: Random, number: int) -> str:
    least, most, _ = _FIELDS[number]
    usual = [step for step in (1, 2, 3, 5, 7, 10, 15, 20, 30) if step <= most - least]
    step = random.choice((*usual, random.randint(0, most + 1)))
    return random.choice((f"*/{step}", f"0/{step}", f"{random.randint(least, most)}/{step}", f"/{step}"))
