"""The workspace that data is loaded into."""

from __future__ import annotations

import pytest

from mesh.errors import OutsideError
from mesh.workshop.data.warehouse import WarehouseEngine
from mesh.workshop.data.workspace import WorkspaceTarget
from tests.support.sql_workspace import VOLUME, SqlWorkspace, client


def test_missing_schemas_and_volumes_have_their_full_names() -> None:
    workspace = SqlWorkspace()
    target = WorkspaceTarget(client(workspace), WarehouseEngine(client(workspace), "workshop-a"))

    missing = target.missing({VOLUME: (), "/Volumes/training/data/gone": ()}, frozenset({"training.gone"}))

    assert missing == ["schema training.gone", "volume training.data.gone"]
    with pytest.raises(OutsideError, match=r"the workspace refuses: no USE SCHEMA \(check DATABRICKS_HOST"):
        target.missing({"/Volumes/training/data/denied": ()}, frozenset())
