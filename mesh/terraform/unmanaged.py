"""What a workspace already has under the names that a stack would use, outside its state.

It is there after a deployment was cut off, when it was deployed by other means or made by hand, or when
another identity's short name is the same. Terraform would fail at some of it half way, and make the rest
twice. `mesh adopt` takes it into the state, unless it is somebody else's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from mesh.deployment.identity import Identity
from mesh.model.naming import CONFIG_FILE
from mesh.terraform.plan import Resource
from mesh.terraform.state import State
from mesh.terraform.terraform import Terraform
from mesh.terraform.workspace import KINDS, Found, Workspace

_AT_ONCE = 8  # questions to the workspace

# by which field of an identity a tag tells one deployment from another; the repository always does
_TAGS = {"git_url": None, "git_branch": "branch", "git_commit": "commit"}

# what a stack of one's own makes; catalogs and compute are everybody's
_PERSONAL = frozenset(
    f"databricks_{one}" for one in ("schema", "volume", "registered_model", "job", "pipeline")
)


@dataclass(frozen=True)
class Claim:
    """Who a stack is deployed for, which decides what is its own.

    Args:
        stack: the stack.
        state_key: what its schemas say of whose they are.
        identity: whose deployment it is; of nobody in particular where it shares its names.
        project_file: the project.yml that it is made from, where it is a project's.
    """

    stack: str
    state_key: str
    identity: Identity = Identity()  # noqa: RUF009
    project_file: str | None = None


@dataclass(frozen=True)
class Unclaimed:
    """One thing that exists outside the state.

    Args:
        resource: what the stack declares under its name.
        name: what people call it.
        found: what is there.
        claim: who the stack is deployed for.
        objection: why it is not theirs to take; None when it is.
    """

    resource: Resource
    name: str
    found: Found
    claim: Claim
    objection: str | None = None

    @property
    def title(self) -> str:
        """What it is, and its name."""
        return f"{KINDS[self.resource.type].word} `{self.name}`"

    def __str__(self) -> str:
        if self.objection:
            return f"{self.title} {self.objection}"
        where = f"{self.resource.address}, id {self.found.id}"
        return f"{self.title} exists, but not in this deployment's state ({where})"


def unclaimed(
    claim: Claim, resources: Iterable[Resource], state: State, workspace: Workspace
) -> Iterator[Unclaimed]:
    """All that the workspace has under the names of a stack, and its state does not.

    Args:
        claim: who the stack is deployed for.
        resources: what it declares.
        state: what its state holds.
        workspace: where to look.
    """
    named: dict[tuple[str, str], list[Resource]] = {}
    for one in resources:
        if one.type in KINDS:
            named.setdefault((one.type, KINDS[one.type].full_name(one.arguments)), []).append(one)
    kinds = list(KINDS)
    wanted = sorted(named, key=lambda one: (kinds.index(one[0]), one))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        there = pool.map(lambda one: workspace.find(*one), wanted)
        for (type, name), found in zip(wanted, there, strict=True):
            declared = named[type, name]
            ambiguous = _ambiguous(declared, found, state)
            for thing in found:
                if (type, thing.id) not in state.ids:
                    objection = _somebody_elses(claim, declared[0], thing) or ambiguous
                    yield Unclaimed(declared[0], name, thing, claim, objection)


def _ambiguous(declared: Sequence[Resource], found: Sequence[Found], state: State) -> str | None:
    """Why it cannot be told which thing is meant; None when it can."""
    if len(declared) > 1:
        addresses = " and ".join(one.address for one in declared)
        return f"is declared more than once, as {addresses} (name one of them otherwise)"
    held = state.held.get(declared[0].address)
    there = dict.fromkeys([*([str(held.get("id"))] if held else []), *(one.id for one in found)])
    if len(there) > 1:
        return f"is there more than once: ids {' and '.join(there)} (remove or rename all but one)"
    return None


def _somebody_elses(claim: Claim, resource: Resource, found: Found) -> str | None:
    """Why something is not the deployment's own; None when nothing says so."""
    if found.deployment:
        return None if found.deployment == claim.state_key else _of_deployment(claim, found.deployment)
    tags = resource.arguments.get("tags")
    declared = tags if isinstance(tags, Mapping) else {}  # an experiment's are a list, and say nothing of it
    for tag, field in _TAGS.items():
        theirs, ours = found.tags.get(tag), declared.get(tag)
        distinguishes = field is None or getattr(claim.identity, field)
        if distinguishes and theirs and ours and theirs != ours:
            word = tag.removeprefix("git_").replace("url", "repository")
            return f"(id {found.id}) was deployed from the {word} {theirs}; yours, {ours}, gets the same name"
    user = claim.identity.user
    if user and resource.type in _PERSONAL and found.people and user not in found.people:
        owners = " and ".join(sorted(found.people))
        return f"(id {found.id}) is of {owners}; yours, deployed as {user}, gets the same name"
    return None


def _of_deployment(claim: Claim, theirs: str) -> str:
    """Whose it is, and how not to meet."""
    message = f"belongs to the deployment {theirs}; yours, {claim.state_key}, gets the same name"
    if former := _former_project(claim, theirs):
        line = f"`renamed_from: {former}` to {claim.project_file}"
        remedy = f"if the project was called `{former}` before, add {line}"
    elif claim.identity.fields == ("branch",):
        remedy = "rename the branch: names hold its letters and digits alone"
    elif claim.identity.key:
        remedy = "deploy as another user or from another branch"
    else:
        remedy = f"tell them apart in `{CONFIG_FILE}`"
    return f"{message} ({remedy})"


def _former_project(claim: Claim, theirs: str) -> str | None:
    """What this project may have been called, when another's key differs in that alone.

    Keys are the levels down to the project, then the environment, then the identity.
    """
    if not claim.project_file:
        return None
    old, new = theirs.split("/"), claim.state_key.split("/")
    project = len(new) - len(claim.identity.key) - 2
    if (
        len(old) != len(new)
        or old[: project - 1] + old[project + 1 :] != new[: project - 1] + new[project + 1 :]
    ):
        return None
    return old[project] if old[project - 1] == new[project - 1] else f"{old[project - 1]}/{old[project]}"


@dataclass(frozen=True)
class Adopter:
    """A stack that may take things over.

    Args:
        claim: who it is deployed for.
        terraform: Terraform in its folder.
        workspace: the workspace that it is deployed to.
    """

    claim: Claim
    terraform: Terraform
    workspace: Workspace

    def outside(self) -> list[Unclaimed]:
        """What the workspace has of what the stack declares, outside its state."""
        terraform = self.terraform
        return list(unclaimed(self.claim, terraform.resources, terraform.state(), self.workspace))
