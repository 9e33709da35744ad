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

# What each rule is about; all of them refuse, unless the policy file says less.
RULES: Mapping[str, str] = {
    "data-loss": "data is destroyed, or destroyed and made anew",
    "all-privileges": "somebody gains ALL_PRIVILEGES",
    "everybody": "everybody gains rights",
    "run-as": "production runs as somebody else",
    "policy-loosened": "a cluster policy allows more than before",
    "failed-plan": "Terraform could not plan",
}
# Databricks documentation, "Manage groups": the groups that everybody is in
_EVERYBODY = ("account users", "users")

Strictness = Literal["refuse", "warn", "ignore"]


def _rule(name: str) -> str:
    if name not in RULES:
        raise FieldError("unknown-rule", f"`{name}` is no rule of reviews ({nearest(name, RULES, 'rules')})")
    return name


Rule = Annotated[str, AfterValidator(_rule)]
Rules = Annotated[
    Mapping[Rule, Strictness],
    Field(json_schema_extra={"propertyNames": {"enum": list(RULES)}}),
]


class PolicyFile(CheckedModel):
    """What review.yml may say, at the mesh's root."""

    rules: Rules = Field(default_factory=dict)
    """How strict each rule is: `refuse`, as all are by themselves, `warn` or `ignore`."""

    environments: Mapping[str, Rules] = Field(default_factory=dict)
    """The same for single environments, or for `metastore <name>`; wins over `rules`."""

    everybody: tuple[str, ...] = _EVERYBODY
    """The groups that everybody is in, as grants and permissions name them."""

    def strictness(self, rule: str, where: str, environments: Sequence[str]) -> Strictness:
        """How strict a rule is somewhere.

        Args:
            rule: the rule.
            where: what the report calls the place.
            environments: those that it is for; of several, the strictest counts.
        """
        if rule in self.environments.get(where, {}):
            return self.environments[where][rule]
        general = self.rules.get(rule, "refuse")
        said = [self.environments.get(one, {}).get(rule, general) for one in environments]
        order: tuple[Strictness, ...] = ("refuse", "warn", "ignore")
        return min(said or [general], key=order.index)


def declared_policy(path: Path, root: Path) -> tuple[PolicyFile, Document, list[Finding]]:
    """The policy of a file, and what is wrong with its fields.

    Args:
        path: the file; one that does not exist says nothing.
        root: the folder that findings name it from.
    """
    document, findings = read(path, root)
    policy, wrong = validate_document(PolicyFile, document)
    return policy, document, [*findings, *wrong]


def check_policy(policy: PolicyFile, document: Document, places: Collection[str]) -> Iterator[Finding]:
    """Whether the environments that it names are some.

    Args:
        policy: what the file says.
        document: the file.
        places: the environments of the mesh, and its metastores as `metastore <name>`.
    """
    for name in policy.environments:
        if name not in places:
            message = f"environment `{name}` is not defined ({nearest(name, places, 'environments')})"
            yield document.finding("unknown-environment", ("environments", name), message, at_key=True)


def read_policy(path: Path, root: Path) -> PolicyFile:
    """The policy of a file; without one, everything is refused that a rule is about.

    Args:
        path: the file.
        root: the folder that findings name it from.

    Raises:
        MeshError: with everything that is wrong in it.
    """
    policy, _, wrong = declared_policy(path, root)
    if wrong:
        raise MeshError(sorted(set(wrong)))
    return policy
