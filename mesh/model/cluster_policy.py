"""Cluster policies: rules for clusters."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mesh.documents.document import Document, Location
from mesh.documents.field_rules import BlockRules, Needs, check_rules
from mesh.documents.passthrough import named_secrets
from mesh.documents.provider_fields import Shape, shape
from mesh.finding import Finding
from mesh.model.cluster import LIBRARY, set_fields
from mesh.model.compute_object import ComputeObject, ComputeObjectFile

_DEFINITIONS = ("definition", "policy_family_definition_overrides")

# Databricks SDK, `compute.CreatePolicy`
_RULES: Mapping[str, BlockRules] = {
    "cluster_policy": BlockRules(ranges={"max_clusters_per_user": (0, None)}),
    "libraries": BlockRules(rules=(LIBRARY,)),
}
# Terraform provider 1.99.0, `databricks_cluster_policy`
_OVERRIDES = Needs(_DEFINITIONS[1:], ("policy_family_id",))


class ClusterPolicyFile(ComputeObjectFile):
    """A cluster policy in compute.yml; the key is its name."""

    NAME = "name"

    definition: Mapping[str, Any] | None = None
    """Rules by cluster attribute; Databricks documentation, "Compute policy reference"."""

    policy_family_definition_overrides: Mapping[str, Any] | None = None
    """Rules that differ from those of the policy family."""

    @classmethod
    def shape(cls) -> Shape:
        """The fields of Terraform's `databricks_cluster_policy`."""
        return (
            shape("cluster_policy")
            .without(cls.NAME, "policy_id", "provider_config", *_DEFINITIONS)
            .ruled(_RULES)
        )

    @property
    def arguments(self) -> dict[str, Any]:
        """The resource's arguments; rules are JSON text in a fixed order, so that the plan stays empty."""
        rules = {name: value for name in _DEFINITIONS if (value := getattr(self, name)) is not None}
        texts = {name: json.dumps(value, sort_keys=True, ensure_ascii=False) for name, value in rules.items()}
        return super().arguments | texts

    def check(self, document: Document, at: Location) -> Iterator[Finding]:
        """Checks the fields of the policy, which needs either its own rules or a policy family."""
        yield from super().check(document, at)
        for name in _DEFINITIONS:
            yield from named_secrets(getattr(self, name), document, (*at, name))
        yield from check_rules((_OVERRIDES,), document, at)
        given = set_fields(document, at)
        if ("definition" in given) == ("policy_family_id" in given):
            message = f"policy `{at[-1]}` needs a definition or a policy_family_id (one of the two)"
            yield document.finding("policy-without-rules", at, message)


@dataclass(frozen=True)
class ClusterPolicy(ComputeObject):
    """A cluster policy."""
