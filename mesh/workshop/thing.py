"""What is there in a workspace, as far as a workshop may have to do with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from mesh.identity import segment
from mesh.naming import short_ref

WORDS: Mapping[str, str] = {
    "databricks_catalog": "catalog",
    "databricks_schema": "schema",
    "databricks_job": "job",
    "databricks_pipeline": "pipeline",
    "databricks_cluster": "cluster",
    "databricks_sql_endpoint": "SQL warehouse",
    "databricks_mlflow_experiment": "experiment",
    "databricks_directory": "folder",
    "databricks_repo": "Git folder",
    "databricks_service_principal": "service principal",
    "databricks_user": "user",
    "databricks_group": "group",
}


@dataclass(frozen=True)
class Thing:
    """Something in the workspace.

    Args:
        type: its Terraform type.
        id: what Terraform's state would know it by.
        name: what people know it by.
        owner: who owns it.
        creator: who made it.
        marks: its properties or tags.
        place: of jobs and pipelines, the full name of the schema that they say they fill; of schemas, their
            catalog.
        policies: the ids of the cluster policies that its clusters take.
        experiment: of jobs, the experiment that they are told to track in.
    """

    type: str
    id: str
    name: str
    owner: str | None = None
    creator: str | None = None
    marks: Mapping[str, str] = field(default_factory=dict)
    place: str | None = None
    policies: frozenset[str] = frozenset()
    experiment: str | None = None

    def __str__(self) -> str:
        return f"{WORDS.get(self.type, self.type)} {self.name}"

    @property
    def catalog(self) -> str | None:
        """The catalog that it lies in, or fills."""
        return self.place.partition(".")[0] if self.place else None


@dataclass(frozen=True)
class Key:
    """A state key of a deployment, as a schema says it.

    Args:
        text: the key.
        project: where its project is in the mesh; None where the key is nobody's work.
        environment: the environment.
        user: whose deployment it is, in lower case; None where everybody shares it.
        rest: what follows the user: branch and commit, as far as names hold them.
    """

    text: str
    project: str | None
    environment: str = ""
    user: str | None = None
    rest: tuple[str, ...] = ()

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders of the workspace that it puts files and experiments into.

        Source: `mesh.scope.Scope.home` and `folder_name`, `mesh.tracking`.
        """
        if not self.project or not self.user:
            return ()
        last = [short_ref(one) if re.fullmatch(r"[0-9a-f]{40,64}", one) else one for one in self.rest]
        name = "-".join([*self.project.split("/"), self.environment, *map(segment, last)])
        user = unquote(self.text.split("/")[self.project.count("/") + 2])
        return f"/Users/{user}/mesh/{name}", f"/Users/{user}/mesh/experiments/{name}"


def parsed(key: str) -> Key:
    """What a state key says; it may be anybody's text.

    A key begins with org, domain and project, or with the latter two; then follow the environment and the
    e-mail of who deploys, where names hold it. Folders have no `@` in their names.

    Args:
        key: as a schema says it.
    """
    segments = key.split("/")
    if any(not one or one != segment(unquote(one)) for one in segments):
        return Key(key, None)
    plain = [unquote(one) for one in segments]
    person = next((place for place, one in enumerate(plain) if "@" in one), None)
    if any("/" in one for one in plain[:person]):  # no folder is called so
        return Key(key, None)
    if person is None:
        shared = len(plain) in (3, 4)
        return Key(key, "/".join(plain[:-1]), plain[-1]) if shared else Key(key, None)
    if person not in (3, 4):
        return Key(key, None)
    return Key(
        key,
        "/".join(plain[: person - 1]),
        plain[person - 1],
        plain[person].lower(),
        tuple(plain[person + 1 :]),
    )
