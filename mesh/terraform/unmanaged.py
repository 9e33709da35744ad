"""Unmanaged objects: objects that exist in a workspace under a stack's names, but outside its state.

They exist after an interrupted deployment, if another program or a person created them, or if another
identity has the same short name. Terraform would fail at some of them and create the others twice.
`mesh adopt` takes them into the state if they belong to the deployment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import unquote

from mesh.deployment.identity import Identity
from mesh.git.renames import RenamesSince, no_renames
from mesh.model.naming import CONFIG_FILE
from mesh.terraform.plan import DeclaredResource
from mesh.terraform.rename_evidence import find_project_renames
from mesh.terraform.state import State
from mesh.terraform.terraform import Terraform
from mesh.terraform.workspace import RESOURCE_KINDS, ExistingObject, ObjectLookup

_PARALLEL_REQUESTS = 8

# Tags that distinguish deployments, and the field of the identity that must be set for it.
_TAGS = {"git_url": None, "git_branch": "branch", "git_commit": "commit"}

# resource types of personal deployments; catalogs and compute are shared
_PERSONAL = frozenset(
    f"databricks_{one}" for one in ("schema", "volume", "registered_model", "job", "pipeline")
)


@dataclass(frozen=True)
class StackOwner:
    """The deployment that owns a stack's objects.

    Args:
        stack: the stack.
        state_key: the state key, which the stack's schemas carry as a property.
        identity: the identity of a personal deployment; empty for a shared deployment.
        project_file: the project.yml of the stack; None for foundations.
        declared: the state keys of all stacks that the mesh declares.
        renames: the renames of files since a commit.
    """

    stack: str
    state_key: str
    identity: Identity = Identity()  # noqa: RUF009
    project_file: str | None = None
    declared: frozenset[str] = frozenset()
    renames: RenamesSince = no_renames


@dataclass(frozen=True)
class UnmanagedObject:
    """An object that exists outside the state of the stack that declares it.

    Args:
        resource: the declared resource with the name of the object.
        name: its name in messages.
        object: the existing object.
        owner: the deployment that declares the resource.
        objection: the reason why the deployment must not adopt it; None if it may.
    """

    resource: DeclaredResource
    name: str
    object: ExistingObject
    owner: StackOwner
    objection: str | None = None

    @property
    def title(self) -> str:
        """The object's type and name."""
        return f"{RESOURCE_KINDS[self.resource.type].label} `{self.name}`"

    def __str__(self) -> str:
        if self.objection:
            return f"{self.title} {self.objection}"
        where = f"{self.resource.address}, id {self.object.id}"
        return f"{self.title} exists outside this deployment's state ({where})"


def find_unmanaged(
    owner: StackOwner, resources: Iterable[DeclaredResource], state: State, workspace: ObjectLookup
) -> Iterator[UnmanagedObject]:
    """Finds objects that exist under the names of a stack's resources, but outside its state.

    Args:
        owner: the deployment that owns the stack.
        resources: the resources that the stack declares.
        state: the stack's state.
        workspace: the workspace to search.
    """
    named: dict[tuple[str, str], list[DeclaredResource]] = {}
    for one in resources:
        if one.type in RESOURCE_KINDS:
            named.setdefault((one.type, RESOURCE_KINDS[one.type].full_name(one.arguments)), []).append(one)
    kinds = list(RESOURCE_KINDS)
    keys = sorted(named, key=lambda one: (kinds.index(one[0]), one))
    with ThreadPoolExecutor(_PARALLEL_REQUESTS) as pool:
        answers = pool.map(lambda one: workspace.find(*one), keys)
        for (type, name), matches in zip(keys, answers, strict=True):
            declared = named[type, name]
            if RESOURCE_KINDS[type].distinguished_by and declared[0].address in state.held:
                continue  # the state names the object; others may have the same name
            ambiguous = _ambiguity(declared, matches, state)
            for match in matches:
                if (type, match.id) not in state.ids:
                    objection = _foreign_owner(owner, declared[0], match) or ambiguous
                    yield UnmanagedObject(declared[0], name, match, owner, objection)


def _ambiguity(
    declared: Sequence[DeclaredResource], matches: Sequence[ExistingObject], state: State
) -> str | None:
    """The reason why resource and object cannot be matched; None if they can."""
    if len(declared) > 1:
        addresses = " and ".join(one.address for one in declared)
        return f"is declared more than once, as {addresses} (rename one of them)"
    held = state.held.get(declared[0].address)
    ids = dict.fromkeys([*([str(held.get("id"))] if held else []), *(one.id for one in matches)])
    if len(ids) > 1:
        distinct = RESOURCE_KINDS[declared[0].type].distinguished_by
        remedy = f"set `{distinct}`, or " if distinct else ""
        return f"exists more than once: ids {' and '.join(ids)} ({remedy}remove or rename all but one)"
    return None


def _foreign_owner(owner: StackOwner, resource: DeclaredResource, match: ExistingObject) -> str | None:
    """The reason why an object belongs to another deployment; None if it may belong to this deployment."""
    if match.deployment:
        return None if match.deployment == owner.state_key else _other_deployment(owner, match.deployment)
    tags = resource.arguments.get("tags")
    declared = tags if isinstance(tags, Mapping) else {}  # an experiment has a list of tags, without git tags
    for tag, field in _TAGS.items():
        theirs, ours = match.tags.get(tag), declared.get(tag)
        distinguishes = field is None or getattr(owner.identity, field)
        if distinguishes and theirs and ours and theirs != ours:
            source = tag.removeprefix("git_").replace("url", "repository")
            return f"(id {match.id}) was deployed from {source} {theirs}; {source} {ours} uses the same name"
    user = owner.identity.user
    if user and resource.type in _PERSONAL and match.people and user not in match.people:
        people = " and ".join(sorted(match.people))
        return f"(id {match.id}) belongs to {people}; this deployment, of {user}, uses the same name"
    return None


def _other_deployment(owner: StackOwner, theirs: str) -> str:
    """Names the owning deployment and how to avoid the clash."""
    message = f"belongs to deployment {theirs}; this deployment, {owner.state_key}, uses the same name"
    other_names = f"set different names in `{CONFIG_FILE}`"
    former = None if theirs in owner.declared else _former_project(owner, theirs)
    if former and owner.project_file:
        remedy = f"{_rename_remedy(owner, former, owner.project_file)}; if it was not, {other_names}"
    elif owner.identity.fields == ("branch",):
        remedy = "rename the branch: names contain only its letters and digits"
    elif owner.identity.key:
        remedy = "deploy as another user or from another branch"
    else:
        remedy = other_names
    return f"{message} ({remedy})"


def _rename_remedy(owner: StackOwner, former: str, file: str) -> str:
    """The line that keeps the data of a renamed project; its file is named only if git sees the rename."""
    *domain, name = map(unquote, former.split("/"))
    value = "/".join([*domain, name])
    above, own_domain, projects, _ = (folder := file.rpartition("/")[0]).rsplit("/", 3)
    old = "/".join([above, *(domain or [own_domain]), projects, name])
    proof = find_project_renames(owner.renames(None)).get(old)
    if proof and proof.path == folder:
        return f"{proof}: add `renamed_from: {value}` to {file}"
    return f"if the project was renamed, set `renamed_from: {value}` in its project.yml"


def _former_project(owner: StackOwner, theirs: str) -> str | None:
    """The former name of this project, if another state key differs only in the project.

    A state key consists of the levels down to the project, the environment and the identity.
    """
    if not owner.project_file:
        return None
    old, new = theirs.split("/"), owner.state_key.split("/")
    project = len(new) - len(owner.identity.key) - 2
    if (
        len(old) != len(new)
        or old[: project - 1] + old[project + 1 :] != new[: project - 1] + new[project + 1 :]
    ):
        return None
    return old[project] if old[project - 1] == new[project - 1] else f"{old[project - 1]}/{old[project]}"


@dataclass(frozen=True)
class UnmanagedSearch:
    """The search for unmanaged objects of one stack.

    Args:
        owner: the deployment that owns the stack.
        terraform: Terraform in the stack's folder.
        workspace: the stack's workspace.
    """

    owner: StackOwner
    terraform: Terraform
    workspace: ObjectLookup

    def objects(self) -> list[UnmanagedObject]:
        """Objects that exist under the names of the stack's resources, but outside its state."""
        terraform = self.terraform
        return list(find_unmanaged(self.owner, terraform.resources, terraform.state(), self.workspace))
