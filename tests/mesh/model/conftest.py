"""A job of one deployment.yml."""

from __future__ import annotations

from typing import Any

import pytest

from mesh.deployment.job import Job
from tests.mesh.conftest import FLOW, Deployed

FILE = f"{FLOW}/deployment.yml"
# Files that tasks of these tests run
BESIDE = {f"{FLOW}/load.py": "", f"{FLOW}/sql/load.sql": "", f"{FLOW}/models/dbt_project.yml": ""}


@pytest.fixture
def job(deployed: Deployed) -> Any:
    """The job of one deployment.yml, with other files."""

    def of(text: str, env: str = "prod", **files: str) -> Job:
        made = deployed({FILE: text, **files}, env).flow("prep/revenue").job
        assert made is not None
        return made

    return of
