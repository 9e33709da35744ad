"""Row filters and column masks that wait for a function: no plan contains them, or their change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mesh.deployment.deployment import Deployment
from mesh.model.access_policy import AccessPolicy
from mesh.model.naming import stored_name
from mesh.review.access_policies import PolicyChange
from mesh.review.mesh_index import MeshIndex
from mesh.review.plan import StackPlan, resources_of
from mesh.review.sentence import Name, Sentence, joined, listed
from mesh.terraform.policies import TYPE, function_of


@dataclass(frozen=True)
class WaitingPolicies:
    """Row filters and column masks that no plan contains, because their function does not exist yet.

    Args:
        stack: the stack of the plan.
        policies: their kind and name.
        functions: the functions.
        makers: the flow whose job creates each function; "" if unknown.
    """

    stack: str
    policies: tuple[str, ...]
    functions: tuple[str, ...]
    makers: tuple[str, ...]

    area = "access"

    @property
    def sentence(self) -> Sentence:
        """What is not protected yet."""
        number = len(self.policies)
        subject = "1 policy waits" if number == 1 else f"{number} policies wait"
        return (f"{subject} for functions that do not exist yet: ", *listed(self.policies))

    @property
    def details(self) -> tuple[Sentence, ...]:
        """What is seen until then, and the remedy."""
        seen = ("until then, whoever may read the tables sees all rows and values",)
        return (seen, *_remedies(dict(zip(self.functions, self.makers, strict=True))))


def _remedies(functions: Mapping[str, str]) -> Iterator[Sentence]:
    """What lets functions exist: a run of the flow that creates them."""
    for flow in dict.fromkeys(functions.values()):
        names = listed([name for name, maker in functions.items() if maker == flow])
        made: Sentence = ("run ", Name.of(flow), ", whose job creates ") if flow else ("create ",)
        yield (*made, *names, ", then deploy again")


def left_out(stack: str, policies: Sequence[AccessPolicy], makers: Mapping[str, str]) -> WaitingPolicies:
    """Returns the policies of a stack that do not exist yet.

    Args:
        stack: the stack.
        policies: the policies, as declared.
        makers: the flows whose jobs create functions, by the functions' full names in lower case.
    """
    names = tuple(f"{one.kind} {one.full_name}" for one in policies)
    functions = tuple(dict.fromkeys(one.function_name for one in policies))
    return WaitingPolicies(
        stack, names, functions, tuple(makers.get(stored_name(one), "") for one in functions)
    )


def function_makers(deployments: Iterable[Deployment]) -> Mapping[str, str]:
    """Returns the flows whose jobs create functions from files, by their full names in lower case."""
    return {
        stored_name(one.full_name): one.flow for each in deployments for one in each.functions if one.file
    }


@dataclass(frozen=True)
class WaitingChange:
    """The change of a row filter or column mask that waits for a function, so that no plan contains it.

    Args:
        stack: the stack of the plan.
        policy: its kind and name.
        function: the function that is declared.
        former: the function that is deployed.
        points: what differs.
        maker: the flow whose job creates the function; "" if unknown.
    """

    stack: str
    policy: str
    function: str
    former: str
    points: tuple[Sentence, ...]
    maker: str = ""

    area = "access"

    @property
    def sentence(self) -> Sentence:
        """What stays, and until when."""
        kept: Sentence = (" keeps function ", Name.of(self.former))
        stays: Sentence = kept if self.former != self.function else (" stays as it is",)
        return (Name.of(self.policy), *stays, " until ", Name.of(self.function), " exists")

    @property
    def details(self) -> tuple[Sentence, ...]:
        """What the next deployment changes, and the remedy."""
        remedies = _remedies({self.function: self.maker})
        return (("changed by the first deployment afterwards: ", *joined(self.points)), *remedies)


def waiting_change(
    stack: str,
    policy: AccessPolicy,
    deployed: Mapping[str, Any],
    called: Mapping[str, str],
    makers: Mapping[str, str],
) -> WaitingChange | None:
    """The change of a policy that a plan leaves as it is; None if it is deployed as declared.

    Args:
        stack: the stack.
        policy: the policy as declared.
        deployed: its arguments in the plan or the state.
        called: the display names of principals.
        makers: the flows whose jobs create functions, by the functions' full names in lower case.
    """
    points = tuple(PolicyChange(stack, "", deployed, _arguments(policy), called).edits())
    name, former = f"{policy.kind} {policy.full_name}", function_of(deployed)
    function, maker = policy.function_name, makers.get(stored_name(policy.function_name), "")
    return WaitingChange(stack, name, function, former, points, maker) if points else None


def _arguments(policy: AccessPolicy) -> Mapping[str, Any]:
    """The arguments of a declared policy, as a plan has them."""
    arguments = policy.declared.model_dump(mode="json", exclude_none=True)
    for field in ("column_mask", "row_filter"):
        if field in arguments:
            arguments[field]["function_name"] = policy.function_name
    return {
        **arguments,
        "on_securable_fullname": policy.securable,
        "to_principals": list(policy.to_principals),
        "except_principals": list(policy.except_principals),
    }


def waiting_policies(
    plans: Sequence[StackPlan], index: MeshIndex
) -> Iterator[WaitingPolicies | WaitingChange]:
    """Yields the policies that plans with changes leave out, by stack, and those that plans do not change.

    Args:
        plans: all plans.
        index: the index of the mesh.
    """
    makers = function_makers(index.deployments.values())
    for plan in plans:
        if plan.error is not None:
            continue
        there = {one.id: one for _, one in resources_of([plan], TYPE)}
        waiting = []
        for policy in index.policies.get(plan.stack, ()):
            planned = there.get(policy.id)
            if planned is None:
                waiting.append(policy)
            elif planned.action in ("import", "move", "no-op") and (
                change := waiting_change(plan.stack, policy, planned.arguments, index.principals, makers)
            ):
                yield change
        if waiting and not plan.only_destroys:
            yield left_out(plan.stack, waiting, makers)
