"""review.yml: how strict a review is."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from mesh.documents.checked_model import CheckedModel, FieldError, validate_document
from mesh.documents.document import Document, read
from mesh.errors import MeshError
from mesh.finding import Finding, nearest

FILE = "review.yml"

# The subject of each rule. Every rule refuses, unless the policy file relaxes it.
RULES: Mapping[str, str] = {
    "data-loss": "data will be destroyed or recreated",
    "all-privileges": "a principal gains ALL_PRIVILEGES",
    "everybody": "all users gain rights",
    "run-as": "production runs as another principal",
    "policy-loosened": "a cluster policy allows more than before",
    "sees-more": "a row filter or column mask is removed, or may hide less than before",
    "contract-broken": "a contract is broken without a new major version beside it",
    "contract-unversioned": "a contract changes without the version that it needs",
    "unknown-change": "a plan contains what a review cannot judge",
    "failed-plan": "Terraform could not plan",
    "org-rules": "a project that changes breaks rules of its org",
}
# Databricks documentation, "Manage groups": the groups that contain every user
_EVERYBODY = ("account users", "users")

Strictness = Literal["refuse", "warn", "ignore"]


def _rule(name: str) -> str:
    if name not in RULES:
        raise FieldError("unknown-rule", f"`{name}` is not a review rule ({nearest(name, RULES, 'rules')})")
    return name


Rule = Annotated[str, AfterValidator(_rule)]
Rules = Annotated[
    Mapping[Rule, Strictness],
    Field(json_schema_extra={"propertyNames": {"enum": list(RULES)}}),
]


class PolicyFile(CheckedModel):
    """The fields of review.yml, at the mesh's root."""

    rules: Rules = Field(default_factory=dict)
    """How strict each rule is: `refuse` (default), `warn` or `ignore`."""

    environments: Mapping[str, Rules] = Field(default_factory=dict)
    """Rules for one environment, or for `metastore <name>`; they override `rules`."""

    everybody: tuple[str, ...] = _EVERYBODY
    """The groups that contain every user, as grants and permissions name them."""

    def strictness(self, rule: str, where: str, environments: Sequence[str]) -> Strictness:
        """Returns how strict a rule is for one section of the report.

        Args:
            rule: the rule.
            where: the section's name in the report.
            environments: the environments of the section; the strictest setting counts.
        """
        if rule in self.environments.get(where, {}):
            return self.environments[where][rule]
        general = self.rules.get(rule, "refuse")
        settings = [self.environments.get(one, {}).get(rule, general) for one in environments]
        order: tuple[Strictness, ...] = ("refuse", "warn", "ignore")
        return min(settings or [general], key=order.index)


def declared_policy(path: Path, root: Path) -> tuple[PolicyFile, Document, list[Finding]]:
    """Reads the policy of a file, with findings for its fields.

    Args:
        path: the file; a missing file counts as empty.
        root: the folder that paths in findings are relative to.
    """
    document, findings = read(path, root)
    policy, wrong = validate_document(PolicyFile, document)
    return policy, document, [*findings, *wrong]


def check_policy(policy: PolicyFile, document: Document, places: Collection[str]) -> Iterator[Finding]:
    """Checks that the policy names existing environments.

    Args:
        policy: the file's fields.
        document: the file.
        places: the environments of the mesh, and its metastores as `metastore <name>`.
    """
    for name in policy.environments:
        if name not in places:
            message = f"environment `{name}` is not defined ({nearest(name, places, 'environments')})"
            yield document.finding("unknown-environment", ("environments", name), message, at_key=True)


def read_policy(path: Path, root: Path) -> PolicyFile:
    """Reads the policy of a file; without a file, every rule refuses.

    Args:
        path: the file.
        root: the folder that paths in findings are relative to.

    Raises:
        MeshError: the file has findings.
    """
    policy, _, wrong = declared_policy(path, root)
    if wrong:
        raise MeshError(sorted(set(wrong)))
    return policy
