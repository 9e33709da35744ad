"""The distribution of the tests to the workers of pytest-xdist: which tests stay together, and what starts first."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, settings

# A busy machine is no fault of a test: nothing is judged by how long it takes.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

# By wall time, longest first; each takes half a minute or more. All others keep their order behind them.
LONGEST = (
    "tests/course/test_tasks.py",
    "tests/system/test_end_to_end.py",
    "tests/local/spark/test_revenue_flow.py",
    # A worker receives its second file when it starts: short ones, or a long one would wait behind a long one.
    "tests/test_main.py",
    "tests/test_house.py",
    "tests/constructs/test_bindings.py",
    "tests/local/spark/test_pipeline.py",
    "tests/local/spark/test_workshop_data.py",
    "tests/local/spark/test_catalog.py",
    "tests/local/spark/test_libs.py",
    "tests/system/test_kills.py",
    "tests/system/test_terminal.py",
    "tests/system/deploy/test_adopt.py",
    "tests/system/deploy/test_interrupted.py",
    "tests/system/deploy/test_pull_request.py",
    "tests/system/deploy/test_postgresql.py",
    "tests/system/deploy/test_production.py",
    "tests/system/deploy/test_cdktf.py",
    "tests/system/deploy/test_workshop.py",
    "tests/system/deploy/test_reap.py",
    "tests/system/deploy/test_apply.py",
    "tests/system/deploy/test_changes_by_hand.py",
    "tests/system/deploy/test_everything.py",
    "tests/system/deploy/test_drift.py",
    "tests/system/deploy/test_refused_change.py",
    "tests/system/deploy/test_capitals.py",
    "tests/golden/review/test_plans.py",
    "tests/stacks/test_affected.py",
    "tests/stacks/test_synthesized.py",
)
# Folders whose files share one server: on one worker, so that it starts once.
TOGETHER = ("tests/local/spark", "tests/local/provider")
# Folders whose tests share nothing: each may run on any worker.
ALONE = ("tests/system/deploy",)


def work_unit(nodeid: str) -> str:
    """The tests of one work unit run on one worker: those of a file, of a folder, or a single test."""
    file = nodeid.partition("::")[0]
    if any(file.startswith(f"{folder}/") for folder in ALONE):
        return nodeid
    return next((folder for folder in TOGETHER if file.startswith(f"{folder}/")), file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Distributes work units in the order of the tests, whatever `--dist` says."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduler(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return work_unit(nodeid)

    # otherwise units of many tests would start first, and not those that take long
    config.option.loadscopereorder = False
    return Scheduler(config, log)


@pytest.fixture(scope="session", autouse=True)
def state_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Kept models of large meshes are authenticated by a secret, which is not that of the person who tests."""
    with patch.dict(os.environ, {"XDG_STATE_HOME": str(tmp_path_factory.mktemp("state"))}):
        yield


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Collects thousands of tests, which all stay, and so are no garbage that Python would look for again and again."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Sorts the tests by their files; the sort is stable, so tests of one file keep their order."""
    rank = {config.rootpath / file: position for position, file in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(Path(item.path), len(rank)))
