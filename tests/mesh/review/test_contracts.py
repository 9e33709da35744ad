"""Contracts in a review."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath

import pytest

from mesh.model.contract_change import ContractChange
from mesh.model.contract_difference import ContractDifference, Verdict
from mesh.model.contract_reads import Reader
from mesh.model.review_policy import PolicyFile
from mesh.review.contracts import ContractComparison, contract_rulings, details, sentence
from mesh.review.review import review
from mesh.review.sentence import plain

FOLDER = PurePosixPath("orgs/acme/x")
READER = Reader("acme/x", "x-team", FOLDER, "x.yml:2", "1", (), {"amount": ("x.py:3", "x.py:9")})
BEHIND = Reader("acme/y", None, FOLDER, "y.yml:4", None, ("acme/x",))


def difference(
    verdict: Verdict = "broken", before: str | None = "1.0.0", after: str | None = "1.1.0"
) -> ContractDifference:
    change = ContractChange("major", "column `amount` of `t` is gone", "c.yaml:7", ("amount",))
    remedy = "keep `1.0.0`" if verdict in ("broken", "unversioned") else ""
    return ContractDifference(
        verdict, "acme/p", "p-team", "revenue", before, after, "c.yaml:5", (change,), remedy, (READER, BEHIND)
    )


def compared(*verdicts: Verdict) -> ContractComparison:
    return ContractComparison("5bd01c2f", tuple(map(difference, verdicts)))


def test_a_broken_contract_names_changes_flows_owners_and_lines() -> None:
    assert plain(sentence(difference())) == "version `1.0.0` of contract `revenue` of `acme/p` is broken"
    assert [plain(one) for one in details(difference())] == [
        "in `c.yaml:5`, which belongs to `p-team`",
        "column `amount` of `t` is gone (`c.yaml:7`)",
        "`acme/x` of `x-team` reads version `1` (`x.yml:2`)",
        "`acme/y` reads it through `acme/x` (`y.yml:4`)",
        "`acme/x` names `amount` in `x.py:3`, `x.py:9`",
        "ask the owners of these flows: `x-team`",
        "to correct it: keep `1.0.0`",
    ]


def test_lines_that_read_a_column_are_told_from_lines_that_only_name_it() -> None:
    changed = replace(difference().changes[0], readers=("acme/x", "acme/z"))
    known, idle = replace(READER, is_known=True), replace(READER, flow="acme/i", is_known=True, mentions={})
    found = replace(difference(), changes=(changed,), readers=(known, idle))

    said = [plain(one) for one in details(found)]

    assert "column `amount` of `t` is gone (`c.yaml:7`); 2 flows read it: `acme/x`, `acme/z`" in said
    assert "`acme/x` reads `amount` in `x.py:3`, `x.py:9`" in said
    assert "no code of `acme/i` reads what is broken" in said


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (difference(after=None), "version `1.0.0` of contract `revenue` of `acme/p` is no longer provided"),
        (difference("removed", after=None), "version `1.0.0` of contract `revenue` of `acme/p` is no longer provided, as was announced"),
        (difference("new", before=None), "version `1.1.0` of contract `revenue` of `acme/p` is new"),
        (difference("unversioned"), "contract `revenue` of `acme/p` changes without the version that it needs: it is `1.1.0`"),
        (difference("compatible"), "contract `revenue` of `acme/p` is `1.1.0` instead of `1.0.0`, and breaks no reader"),
    ],
)  # fmt: skip
def test_each_verdict_has_a_sentence(found: ContractDifference, text: str) -> None:
    assert plain(sentence(found)) == text


def test_broken_and_unversioned_contracts_are_refused() -> None:
    everything: tuple[Verdict, ...] = ("broken", "unversioned", "removed", "compatible", "new")
    found = list(contract_rulings(compared(*everything), PolicyFile(), frozenset()))
    assert [(one.rule, one.refused) for one in found] == [
        ("contract-broken", True),
        ("contract-unversioned", True),
    ]


def test_consent_allows_it_and_a_policy_may_warn_or_ignore() -> None:
    policy = PolicyFile(rules={"contract-unversioned": "ignore"})
    [found] = contract_rulings(compared("broken", "unversioned"), policy, frozenset({"contract-broken"}))
    assert (found.rule, found.approved, found.refused) == ("contract-broken", True, False)


def test_contracts_that_cannot_be_compared_are_refused() -> None:
    unknown = ContractComparison("5bd01c2f", (), "the mesh had errors")
    [found] = contract_rulings(unknown, PolicyFile(), frozenset())
    assert (found.rule, found.refused) == ("unknown-change", True)
    assert plain(found.sentence) == "the contracts at `5bd01c2f` are not known: `the mesh had errors`"


def test_a_review_of_plans_holds_the_contracts() -> None:
    with_contracts = review((), None, PolicyFile(), contracts=compared("broken"))
    without = review((), None, PolicyFile())
    assert (with_contracts.refused, with_contracts.empty, len(with_contracts.contract_changes)) == (
        True,
        False,
        1,
    )
    assert (without.refused, without.empty, without.contract_changes) == (False, True, ())


def test_very_many_changes_are_counted() -> None:
    changes = tuple(ContractChange("major", f"table `t{number}` is gone", "c.yaml:7") for number in range(60))
    found = ContractDifference("broken", "p", None, "r", "1.0.0", "1.0.0", "c:1", changes, "", ())
    assert [plain(one) for one in details(found)][-2:] == [
        "table `t49` is gone (`c.yaml:7`)",
        "and 10 changes more",
    ]


def test_a_hostile_name_stays_a_name() -> None:
    change = ContractChange("major", "column `a` b` of `t` is gone", "c.yaml:7", ("a",))
    found = ContractDifference("broken", "p", None, "r", "1.0.0", "1.0.0", "c:1", (change,), "", ())
    assert plain(details(found)[1]) == "`column a b of t is gone` (`c.yaml:7`)"
