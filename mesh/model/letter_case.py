"""Names that differ in case only, which are one name in Unity Catalog."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from mesh.finding import Finding
from mesh.model.flow import Flow
from mesh.model.project import Project


def differ_in_case(one: str, other: str) -> str:
    """Returns the message about two paths that differ in case only."""
    return f"`{one}` differs from `{other}` only in case (rename one; Unity Catalog ignores case)"


def check_letter_case(project: Project) -> Iterator[Finding]:
    """Reports folders of flows, and schemas of one flow, that differ in case only."""
    folders: dict[str, tuple[str, Flow]] = {}
    for flow in project.flows:
        for path in accumulate(flow.path_in_project.split("/"), "{}/{}".format):
            first, other = folders.setdefault(path.lower(), (path, flow))
            if first != path:
                message = differ_in_case(path, first).replace(
                    " only in case", f" of {other.file} only in case"
                )
                yield Finding(flow.file, 1, 1, "differ-in-case", message)
                break
        yield from _check_schemas(flow)


def _check_schemas(flow: Flow) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for db in flow.schemas:
        if (other := first.setdefault(db.lower(), db)) != db:
            at = ("schemas", db) if db in (flow.declared.schemas or {}) else ()
            yield flow.document.finding("differ-in-case", at, differ_in_case(db, other))
