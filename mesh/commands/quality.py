"""`mesh quality`: the rules of a flow's quality.yml, as checks of `databricks-labs-dqx`."""

from __future__ import annotations

import yaml

from mesh.errors import UsageError
from mesh.finding import nearest
from mesh.mesh import Mesh, resolve_path
from mesh.model.quality import QualityTable
from mesh.model.quality_file import dqx_checks


def quality_checks(mesh: Mesh, path: str, table: str | None = None) -> str:
    """Returns the checks of one table as YAML, in the format of dqx's files.

    Args:
        mesh: the mesh.
        path: the path of a flow, or the end of it.
        table: the table; may be left out if quality.yml has one.

    Raises:
        UsageError: no single flow has this path, or no single table this name.
    """
    flows = {flow.path: flow for _, project in mesh.projects for flow in project.flows}
    found = flows[resolve_path(path, flows, mesh, "local")].quality
    if found is None:
        raise UsageError(f"flow `{path}` has no quality.yml (docs/quality.md shows how to write one)")
    names = {one.full_name: one for one in found.tables}
    if table is None and len(names) > 1:
        raise UsageError(f"{found.file} has several tables (add --table: {', '.join(names)})")
    chosen: QualityTable | None = names.get(table) if table else found.tables[0]
    if chosen is None:
        raise UsageError(f"table `{table}` is not in {found.file} ({nearest(str(table), names, 'tables')})")
    return yaml.safe_dump(list(dqx_checks(chosen.rules)), sort_keys=False, allow_unicode=True).rstrip()
