"""A student of a class, and the names that are derived from the student's address."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain, count, islice

from mesh.model.naming import identifier, short_user

CATALOG = "training"

# The last words of branch names. Only append: a branch depends on the positions in this list.
TOWNS = (
    *("aarhus", "accra", "agadir", "alta", "amman", "ankara", "antwerp", "apia", "athens", "auckland"),
    *("bamako", "basel", "bergen", "bilbao", "boston", "bremen", "brno", "busan", "cadiz", "cairo"),
    *("calgary", "chennai", "cork", "cusco", "dakar", "darwin", "delhi", "dijon", "dublin", "durban"),
    *("edmonton", "faro", "fargo", "genoa", "ghent", "gdansk", "hanoi", "havana", "helsinki", "hobart"),
    *("hilo", "izmir", "jaipur", "kigali", "kobe", "kyoto", "lagos", "leipzig", "lima", "lisbon"),
    *("lyon", "malmo", "manila", "mumbai", "nairobi", "nantes", "odense", "osaka", "oslo", "quito"),
)
_NUMBERS = range(1000, 10_000)
_MAX_TRIES = 1000  # branch names to choose from

# How a Terraform name spells special characters of an address. No spelling is a prefix of another, so two
# addresses never have the same name.
_SPELLINGS = {".": "_", "@": "-at-", "-": "--", "_": "-u-", "+": "-p-", "'": "-q-"}


@dataclass(frozen=True)
class Student:
    """A participant of a workshop.

    Args:
        email: the user name in Databricks, in lower case.
        name: the display name; untrusted text, to be escaped wherever it is shown.
        team: the student's team; None without one.
        branch: the student's git branch; does not contain the name.
    """

    email: str
    name: str
    team: str | None
    branch: str

    @property
    def user(self) -> str:
        """The short user name in names of schemas and jobs; brickops' `get_username`."""
        return short_user(self.email)

    @property
    def schema_name(self) -> str:
        """The name of the student's schema, which needs no quotes in SQL."""
        return schema_name(self.email)

    @property
    def schema(self) -> str:
        """The full name of the student's schema."""
        return f"{CATALOG}.{self.schema_name}"

    @property
    def id(self) -> str:
        """The Terraform name of the student's resources; it does not depend on other students."""
        return identifier("".join(_SPELLINGS.get(letter, letter) for letter in self.email))

    @property
    def home(self) -> str:
        """The student's home folder in the workspace."""
        return f"/Users/{self.email}"


def schema_name(email: str) -> str:
    """The name of the schema of the student with this address."""
    name = re.sub(r"\W", "_", short_user(email))
    return f"_{name}" if name[:1].isdigit() else name


def assign_branches(students: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Assigns each address a branch `feat-gh<number>-<town>`, derived from a hash of the address.

    If two addresses would get the same branch, the later one in alphabetical order gets its next
    candidate. So a student's branch depends on other students only in this case.

    Args:
        students: address and name of each student.
    """
    taken: set[str] = set()
    assigned: dict[str, str] = {}
    for email, name in sorted(students):
        assigned[email] = _branch(email, name, taken)
        taken.add(assigned[email])
    return assigned


def _branch(email: str, name: str, taken: Collection[str]) -> str:
    words = _identifying_words(email, name)
    free = (branch for branch in _candidates(email) if branch not in taken)
    first = next(free)
    anonymous = (branch for branch in chain([first], islice(free, _MAX_TRIES)) if not _reveals(branch, words))
    # a name that contains all towns gets the first candidate
    return next(anonymous, first)


def _reveals(branch: str, words: Collection[str]) -> bool:
    return any(word in branch.removeprefix("feat-") for word in words)


def _candidates(email: str) -> Iterator[str]:
    for attempt in count():
        digest = sha256(f"{email}+{attempt}".encode() if attempt else email.encode()).digest()
        number = _NUMBERS[int.from_bytes(digest[:8], "big") % len(_NUMBERS)]
        town = TOWNS[int.from_bytes(digest[8:16], "big") % len(TOWNS)]
        yield f"feat-gh{number}-{town}"


def _identifying_words(email: str, name: str) -> set[str]:
    """Words of three letters or more in a student's name and address."""
    words = {short_user(email), *re.split(r"[\W\d_]+", f"{email.partition('@')[0]} {name}".lower())}
    return {word for word in words if len(word) > 2}
