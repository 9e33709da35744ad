"""Grants on tables and functions that do not exist yet, so that no plan contains them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mesh.model.grant import Grant
from mesh.review.access import declared_in
from mesh.review.inherited_access import find_securable
from mesh.review.mesh_index import MeshIndex
from mesh.review.plan import StackPlan, resources_of
from mesh.review.sentence import Name, Sentence, counted, listed


@dataclass(frozen=True)
class WaitingTable:
    """The grants of one principal on tables or functions that do not exist yet.

    Args:
        stack: the stack of the plan.
        called: the principal's display name.
        privileges: what it will be granted.
        kind: `table` or `function`.
        names: the full names of the tables or functions.
        origins: the declarations of the grants.
    """

    stack: str
    called: str
    privileges: tuple[str, ...]
    kind: str
    names: tuple[str, ...]
    origins: tuple[str, ...]

    area = "access"

    @property
    def sentence(self) -> Sentence:
        """The grants as a sentence."""
        count = counted(len(self.names), self.kind)
        waits = f" on {count} that {'does' if len(self.names) == 1 else 'do'} not exist yet: "
        return (Name.of(self.called), " will gain ", *listed(self.privileges), waits, *listed(self.names))

    @property
    def details(self) -> tuple[Sentence, ...]:
        """When it happens, and the declarations."""
        return ((f"the first deployment after the {self.kind} exists grants it",), *declared_in(self.origins))


def waiting_tables(plans: Sequence[StackPlan], index: MeshIndex) -> Iterator[WaitingTable]:
    """Yields the grants on tables and functions that plans leave out; none if a plan only destroys.

    Args:
        plans: all plans.
        index: the index of the mesh.
    """
    for plan in plans:
        deployment = index.deployments.get(plan.stack)
        if deployment is None or plan.error is not None or plan.only_destroys:
            continue
        there = {find_securable(one.arguments) for _, one in resources_of([plan], "databricks_grants")}
        objects = (("table", deployment.tables), ("function", deployment.functions))
        waiting: dict[tuple[str, Grant], list[str]] = {}
        for kind, one in ((kind, one) for kind, each in objects for one in each):
            if (kind, one.full_name) not in there:
                for grant in one.grants:
                    waiting.setdefault((kind, grant), []).append(one.full_name)
        for (kind, grant), names in waiting.items():
            called = index.display_name(grant.principal)
            yield WaitingTable(plan.stack, called, grant.privileges, kind, tuple(names), grant.origins)
