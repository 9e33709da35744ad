"""The changes of contracts in a review: what they break, whom they affect, and who owns that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mesh.model.contract_change import ContractChange
from mesh.model.contract_difference import ContractDifference, Verdict
from mesh.model.contract_reads import Reader
from mesh.model.review_policy import PolicyFile
from mesh.review.policy import Ruling
from mesh.review.sentence import Name, Sentence, counted, listed, quoted

_MOST = 50  # changes, flows and names in the details of one contract; JSON has all
# A contract is the same in all environments, and so is the ruling
WHERE = "all environments"
_RULES: Mapping[Verdict, str] = {"broken": "contract-broken", "unversioned": "contract-unversioned"}


@dataclass(frozen=True)
class ContractComparison:
    """The contracts of a mesh, compared with those at another commit.

    Args:
        base: the other commit, shortened.
        differences: the differences; those that break readers first.
        unknown: why the contracts at the other commit are unknown; "" if they are known.
    """

    base: str
    differences: tuple[ContractDifference, ...]
    unknown: str = ""


def contract_rulings(
    comparison: ContractComparison, policy: PolicyFile, approved: frozenset[str]
) -> Iterator[Ruling]:
    """Yields the rulings on contracts, without ignored rules.

    Args:
        comparison: the contracts.
        policy: the policy file.
        approved: the approved rules.
    """
    found = [
        (_RULES[one.verdict], sentence(one), details(one))
        for one in comparison.differences
        if one.verdict in _RULES
    ]
    if comparison.unknown:
        text: Sentence = (
            "the contracts at ",
            Name.of(comparison.base),
            " are not known: ",
            Name.of(comparison.unknown),
        )
        found.append(("unknown-change", text, ()))
    for rule, text, points in found:
        strictness = policy.strictness(rule, WHERE, ())
        if strictness != "ignore":
            yield Ruling(rule, "", WHERE, strictness, rule in approved, text, points)


def sentence(one: ContractDifference) -> Sentence:
    """The difference as a sentence."""
    contract: Sentence = ("contract ", Name.of(one.name), " of ", Name.of(one.flow))
    before, after = Name.of(one.before), Name.of(one.after)
    match one.verdict:
        case "broken" if one.after is None:
            return ("version ", before, " of ", *contract, " is no longer provided")
        case "broken":
            return ("version ", before, " of ", *contract, " is broken")
        case "unversioned":
            return (*contract, " changes without the version that it needs: it is ", after)
        case "removed":
            return ("version ", before, " of ", *contract, " is no longer provided, as was announced")
        case "new":
            return ("version ", after, " of ", *contract, " is new")
        case _:
            return (*contract, " is ", after, " instead of ", before, ", and breaks no reader")


def details(one: ContractDifference) -> tuple[Sentence, ...]:
    """The changes with their lines, the flows that rely on the contract with their owners, and the remedy."""
    points: list[Sentence] = [("in ", Name.of(one.place), *_owned(one.owner, ", which belongs to "))]
    points += [_change(change) for change in one.changes[:_MOST]]
    points += _more(len(one.changes), "change")
    points += [_reader(reader) for reader in one.readers[:_MOST]]
    points += _more(len(one.readers), "flow")
    for reader in one.readers[:_MOST]:
        points += _lines(reader)
    if one.verdict == "broken":
        owners = dict.fromkeys(reader.owner for reader in one.readers if reader.owner)
        points += [("ask the owners of these flows: ", *listed(owners))] if owners else []
    if one.remedy:
        points.append(("to correct it: ", *quoted(one.remedy)))
    return tuple(points)


def _change(change: ContractChange) -> Sentence:
    said: Sentence = (*quoted(change.text), " (", Name.of(change.place), ")")
    if not change.readers:
        return said
    verb = "reads" if len(change.readers) == 1 else "read"
    flows = listed(change.readers[:_MOST])
    return (*said, f"; {counted(len(change.readers), 'flow')} {verb} it: ", *flows)


def _lines(reader: Reader) -> list[Sentence]:
    """The lines that break in the code of a flow; those that only name a column, if its code hides more."""
    verb = " reads " if reader.is_known else " names "
    found: list[Sentence] = [
        (Name.of(reader.flow), verb, Name.of(name), " in ", *listed(places))
        for name, places in [*reader.mentions.items()][:_MOST]
    ]
    if reader.is_known and not found:
        found.append(("no code of ", Name.of(reader.flow), " reads what is broken"))
    return found


def _reader(reader: Reader) -> Sentence:
    owned = _owned(reader.owner, " of ")
    if reader.through:
        return (
            Name.of(reader.flow),
            *owned,
            " reads it through ",
            *listed(reader.through),
            " (",
            Name.of(reader.place),
            ")",
        )
    how: Sentence = (
        ("version ", Name.of(reader.version)) if reader.version else ("the data without a contract",)
    )
    return (Name.of(reader.flow), *owned, " reads ", *how, " (", Name.of(reader.place), ")")


def _more(number: int, noun: str) -> list[Sentence]:
    return [(f"and {counted(number - _MOST, noun)} more",)] if number > _MOST else []


def _owned(owner: str | None, text: str) -> Sentence:
    return (text, Name.of(owner)) if owner else ()
