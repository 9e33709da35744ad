"""The rules of a review, and their approval."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mesh.errors import MeshError
from mesh.model.review_policy import RULES, PolicyFile, read_policy
from mesh.review.access import AccessChange
from mesh.review.mesh_index import MeshIndex
from mesh.review.policy import rulings
from mesh.review.runs import RunChange
from mesh.review.stack_location import StackLocation

PROD = ("prod", ("prod",))
SHARED = ("metastore main", ("dev", "prod"))


def test_without_a_policy_file_every_rule_refuses(tmp_path: Path) -> None:
    policy = read_policy(tmp_path / "review.yml", tmp_path)

    assert {policy.strictness(rule, *PROD) for rule in RULES} == {"refuse"}
    assert policy.everybody == ("account users", "users")


def test_resources_that_environments_share_follow_the_strictest_environment() -> None:
    policy = PolicyFile.model_validate({"environments": {"dev": {"data-loss": "ignore"}}})
    assert policy.strictness("data-loss", *SHARED) == "refuse"
    both = {"dev": {"data-loss": "ignore"}, "prod": {"data-loss": "warn"}}
    assert PolicyFile.model_validate({"environments": both}).strictness("data-loss", *SHARED) == "warn"
    own = {"metastore main": {"data-loss": "ignore"}}
    assert PolicyFile.model_validate({"environments": own}).strictness("data-loss", *SHARED) == "ignore"


def test_an_environment_overrides_the_general_rules() -> None:
    policy = PolicyFile.model_validate(
        {"rules": {"data-loss": "ignore"}, "environments": {"prod": {"data-loss": "warn"}}}
    )
    assert policy.strictness("data-loss", *PROD) == "warn"


def test_all_findings_of_a_policy_file_are_reported_at_once(tmp_path: Path) -> None:
    (tmp_path / "review.yml").write_text("rules: {dataloss: refuse, run-as: never}\nrule: {}\n")

    with pytest.raises(MeshError) as caught:
        read_policy(tmp_path / "review.yml", tmp_path)

    assert [(one.line, one.column, one.code) for one in caught.value.findings] == [
        (1, 19, "unknown-rule"),
        (1, 35, "wrong-value"),
        (2, 1, "unknown-field"),
    ]
    assert "did you mean `data-loss`?" in caught.value.findings[0].message


LOCATIONS = {name: StackLocation(name, "project", "acme/sales", (name,)) for name in ("prod", "dev")}
INDEX = MeshIndex(run_as={"prod": frozenset({"sp"}), "dev": frozenset({"sp"})})
JOB = RunChange("prod", "created", "job", "nightly", principal="sp")


def refused_rules(change: RunChange | AccessChange, policy: PolicyFile | None = None) -> list[str]:
    """The rules that refuse a change."""
    result = rulings([], [change], LOCATIONS, policy or PolicyFile(), INDEX, frozenset())
    return [one.rule for one in result if one.refused]


@pytest.mark.parametrize(
    ("change", "rules"),
    [
        (JOB, []),
        (replace(JOB, principal="ada"), ["run-as"]),
        (replace(JOB, principal=""), ["run-as"]),
        (replace(JOB, principal="ada", stack="dev"), []),
        (replace(JOB, happens="changed", principal="ada"), []),
        (replace(JOB, happens="changed", principal="ada", run_as=("sp", "ada")), ["run-as"]),
        (replace(JOB, happens="changed", principal="", run_as=("sp", "")), ["run-as"]),
        (replace(JOB, happens="removed", principal=""), []),
    ],
)
def test_production_must_keep_its_run_as_principal(change: RunChange, rules: list[str]) -> None:
    assert refused_rules(change) == rules


def test_the_policy_file_names_the_groups_with_everybody() -> None:
    gains = AccessChange("dev", "Account Users", "Account Users", "schema", ("main.sales",), ("SELECT",), ())
    assert refused_rules(gains) == ["everybody"]
    assert refused_rules(replace(gains, gained=("ALL_PRIVILEGES",))) == ["all-privileges", "everybody"]
    assert refused_rules(replace(gains, gained=(), lost=("SELECT",))) == []
    assert refused_rules(gains, PolicyFile(everybody=("staff",))) == []
