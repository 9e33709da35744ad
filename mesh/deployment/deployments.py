"""The deployments of a mesh, of which those that are the same at another commit are made once.

A deployment is a function of its scope, of the flows of its org that read its contracts, of the names of
other flows that it asks for, and of files. If all of them are equal at two commits, so are the deployments.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from mesh.deployment.committed_files import CommittedFiles
from mesh.deployment.data_objects import DataNames
from mesh.deployment.deployment import Deployment, deployment
from mesh.deployment.flow_references import RunnableEntries
from mesh.deployment.scope import Scope
from mesh.files.commit_files import CommitFiles
from mesh.files.files import Files
from mesh.finding import Finding
from mesh.model.code import code_files
from mesh.model.consumer import ContractRead
from mesh.model.domain import Domain
from mesh.model.org import Org

V = TypeVar("V")


class Asked(Mapping[str, V]):
    """Looks up values by name, and records what was asked.

    Args:
        held: the values.
    """

    def __init__(self, held: Mapping[str, V]) -> None:
        self._held = held
        self._answers: dict[str, V | None] = {}
        self._whole = False

    def __getitem__(self, name: str) -> V:
        self._answers[name] = found = self._held.get(name)
        if found is None:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        self._whole = True
        return iter(self._held)

    def __len__(self) -> int:
        self._whole = True
        return len(self._held)

    def is_answered_by(self, others: Mapping[str, Any]) -> bool:
        """True if other values give the same answers; nothing is known if all names were asked for."""
        return not self._whole and all(others.get(name) == found for name, found in self._answers.items())


@dataclass(frozen=True)
class Names:
    """The names of all flows of a mesh.

    Args:
        data: the data names of every flow, by path of the flow.
        endings: these paths by each of their endings, such as `prep/revenue`.
        runnable: the jobs and pipelines of every flow, by their paths.
        runnable_endings: these paths by each of their endings.
    """

    data: Mapping[str, DataNames]
    endings: Mapping[str, Sequence[str]]
    runnable: Mapping[str, Any]
    runnable_endings: Mapping[str, Sequence[str]]

    def asked(self) -> AskedNames:
        """The same names, which record what is asked."""
        return AskedNames(
            Asked(self.data), Asked(self.endings), Asked(self.runnable), Asked(self.runnable_endings)
        )


@dataclass(frozen=True)
class AskedNames:
    """The names that a deployment asked for."""

    data: Asked[DataNames]
    endings: Asked[Sequence[str]]
    runnable: Asked[Any]
    runnable_endings: Asked[Sequence[str]]

    def are(self, names: Names) -> bool:
        """True if other names give the same answers."""
        return (
            self.data.is_answered_by(names.data)
            and self.endings.is_answered_by(names.endings)
            and self.runnable.is_answered_by(names.runnable)
            and self.runnable_endings.is_answered_by(names.runnable_endings)
        )


@dataclass(frozen=True)
class MadeDeployment:
    """A deployment with everything that it was made of, apart from files.

    Args:
        scope: its scope.
        foundations: the stacks to deploy before it.
        asked: the names of flows that it asked for.
        deployment: the deployment.
        findings: its findings.
    """

    scope: Scope
    foundations: Sequence[str]
    asked: AskedNames
    deployment: Deployment
    findings: Sequence[Finding]


@dataclass(frozen=True)
class MadeDeployments:
    """The deployments of a mesh in an environment.

    Args:
        made: by path of the project.
        files: the files that they were made of.
    """

    made: Mapping[str, MadeDeployment] = field(default_factory=dict)
    files: Files | None = None


def make_deployments(
    scopes: Iterable[Scope],
    foundations: Mapping[str | None, Sequence[str]],
    names: Names,
    committed: CommittedFiles,
    files: Files,
    known: MadeDeployments,
) -> MadeDeployments:
    """Makes the deployments of projects.

    Args:
        scopes: the projects, each with its environment and identity.
        foundations: the stacks to deploy before those of an org.
        names: the names of all flows.
        committed: the files of the mesh at source commits.
        files: the files of the mesh now.
        known: deployments of the working tree, taken where nothing differs at the commit of `files`.
    """
    same = _Same(known, names, files)
    made: dict[str, MadeDeployment] = {}
    for scope in scopes:
        before = foundations[scope.org.name]
        if found := same.find(scope, before):
            made[scope.project.path] = found
            continue
        asked = names.asked()
        runnable = RunnableEntries(asked.runnable, asked.runnable_endings)
        built, findings = deployment(scope, before, asked.data, asked.endings, runnable, committed, files)
        made[scope.project.path] = MadeDeployment(scope, before, asked, built, findings)
    return MadeDeployments(made, files)


class _Same:
    """Finds deployments that are the same at a commit."""

    def __init__(self, known: MadeDeployments, names: Names, files: Files) -> None:
        self._known = known
        self._names = names
        self._files = files
        self._levels: dict[tuple[int, int], bool] = {}

    def find(self, scope: Scope, foundations: Sequence[str]) -> MadeDeployment | None:
        """The known deployment of the same project, if everything that it was made of is equal."""
        made = self._known.made.get(scope.project.path)
        if made is None or made.findings or not isinstance(self._files, CommitFiles):
            return None
        equal = (
            made.scope.commit == scope.commit
            and made.foundations == foundations
            and self._is_same_scope(made.scope, scope)
            and made.asked.are(self._names)
            and self._has_same_files(made.deployment, self._files)
        )
        return made if equal else None

    def _is_same_scope(self, one: Scope, other: Scope) -> bool:
        # the commit of the checkout is no part of a deployment, and paths below the root are those of files
        git = replace(other.git, root=one.git.root, head=one.git.head)
        return (
            git == one.git
            and one.environment == other.environment
            and one.project == other.project
            and self._is_same_level(one.domain, other.domain)
            and self._is_same_level(one.org, other.org)
            and all(
                _readers(flow.path, one.org) == _readers(flow.path, other.org) for flow in one.project.flows
            )
        )

    def _is_same_level(self, one: Org | Domain, other: Org | Domain) -> bool:
        """True if a level is equal, apart from the levels below it."""
        key = id(one), id(other)
        if key not in self._levels:
            self._levels[key] = _alone(one) == _alone(other)
        return self._levels[key]

    def _has_same_files(self, made: Deployment, then: CommitFiles) -> bool:
        now = self._known.files
        for place in made.inputs if now else ():
            assert now is not None
            paths = set(code_files(place, then))
            if paths != set(code_files(place, now)) or not all(map(then.is_in_working_tree, paths)):
                return False
        return now is not None


def _readers(flow: str, org: Org) -> Sequence[ContractRead]:
    """The reads of contracts of a flow by other projects, which get grants on its tables."""
    return org.contract_reads.get(flow, ())


def _alone(level: Org | Domain) -> Org | Domain:
    return replace(level, domains=()) if isinstance(level, Org) else replace(level, projects=())
