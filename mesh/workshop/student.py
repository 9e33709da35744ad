"""A student of a class, and what is called after them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain, count, islice

from mesh.model.naming import identifier, short_user

CATALOG = "training"

# Towns that end branches. Only ever append: a branch is chosen by its place in this list.
PLACES = (
    *("aarhus", "accra", "agadir", "alta", "amman", "ankara", "antwerp", "apia", "athens", "auckland"),
    *("bamako", "basel", "bergen", "bilbao", "boston", "bremen", "brno", "busan", "cadiz", "cairo"),
    *("calgary", "chennai", "cork", "cusco", "dakar", "darwin", "delhi", "dijon", "dublin", "durban"),
    *("edmonton", "faro", "fargo", "genoa", "ghent", "gdansk", "hanoi", "havana", "helsinki", "hobart"),
    *("hilo", "izmir", "jaipur", "kigali", "kobe", "kyoto", "lagos", "leipzig", "lima", "lisbon"),
    *("lyon", "malmo", "manila", "mumbai", "nairobi", "nantes", "odense", "osaka", "oslo", "quito"),
)
_NUMBERS = range(1000, 10_000)
_TRIES = 1000  # branches to choose from

# How a Terraform name spells what an address holds; no spelling is the beginning of another, so that two
# addresses never share one.
_SPELLED = {".": "_", "@": "-at-", "-": "--", "_": "-u-", "+": "-p-", "'": "-q-"}


@dataclass(frozen=True)
class Student:
    """Who takes part in a workshop.

    Args:
        email: the address that Databricks knows them by, in lower case.
        name: what people call them; text of a stranger's, to be escaped wherever it is shown.
        team: the team that they work in; None without one.
        branch: the git branch that they work on; holds nothing of their name.
    """

    email: str
    name: str
    team: str | None
    branch: str

    @property
    def user(self) -> str:
        """The short form that names of schemas and jobs hold; brickops' `get_username`."""
        return short_user(self.email)

    @property
    def schema_name(self) -> str:
        """The name of their own schema, which needs no quotes in SQL."""
        return schema_name(self.email)

    @property
    def schema(self) -> str:
        """The full name of their own schema."""
        return f"{CATALOG}.{self.schema_name}"

    @property
    def id(self) -> str:
        """The Terraform name of what is theirs: another student never changes it."""
        return identifier("".join(_SPELLED.get(letter, letter) for letter in self.email))

    @property
    def home(self) -> str:
        """The folder in the workspace that Databricks gives them."""
        return f"/Users/{self.email}"


def schema_name(email: str) -> str:
    """What the own schema of an address is called."""
    name = re.sub(r"\W", "_", short_user(email))
    return f"_{name}" if name[:1].isdigit() else name


def branches(people: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The branch of each address: `feat-gh<number>-<place>`, chosen by a hash of the address alone.

    Who comes later in the order of addresses takes the next one where two would have the same, so that
    of a class only these two depend on each other.

    Args:
        people: address and name of each.
    """
    taken: set[str] = set()
    chosen: dict[str, str] = {}
    for email, name in sorted(people):
        chosen[email] = _branch(email, name, taken)
        taken.add(chosen[email])
    return chosen


def _branch(email: str, name: str, taken: Collection[str]) -> str:
    words = _words(email, name)
    free = (one for one in _candidates(email) if one not in taken)
    first = next(free)
    silent = (one for one in chain([first], islice(free, _TRIES)) if not _tells(one, words))
    # a name that holds all these towns gets the first one; whose it is, everybody knows then
    return next(silent, first)


def _tells(branch: str, words: Collection[str]) -> bool:
    return any(word in branch.removeprefix("feat-") for word in words)


def _candidates(email: str) -> Iterator[str]:
    for attempt in count():
        digest = sha256(f"{email}+{attempt}".encode() if attempt else email.encode()).digest()
        number = _NUMBERS[int.from_bytes(digest[:8], "big") % len(_NUMBERS)]
        place = PLACES[int.from_bytes(digest[8:16], "big") % len(PLACES)]
        yield f"feat-gh{number}-{place}"


def _words(email: str, name: str) -> set[str]:
    """What would give somebody away: words of three letters or more in their name and address."""
    words = {short_user(email), *re.split(r"[\W\d_]+", f"{email.partition('@')[0]} {name}".lower())}
    return {word for word in words if len(word) > 2}
