"""The order of test files: the slowest files start first, so no worker runs one alone at the end."""

from __future__ import annotations

from pathlib import Path

import pytest

# By wall time, longest first; each takes half a minute or more. All others keep their order behind them.
LONGEST = (
    "tests/course/test_whole_course.py",
    "tests/system/test_end_to_end.py",
    "tests/system/deploy/test_interrupted.py",
    "tests/system/deploy/test_adopt.py",
    "tests/local/spark/test_revenue_flow.py",
    "tests/system/deploy/test_pull_request.py",
    "tests/system/deploy/test_postgresql.py",
    "tests/system/deploy/test_production.py",
    "tests/system/deploy/test_workshop.py",
    "tests/system/deploy/test_reap.py",
    "tests/system/deploy/test_apply.py",
    "tests/local/spark/test_pipeline.py",
    "tests/local/spark/test_workshop_data.py",
    "tests/local/spark/test_catalog.py",
    "tests/local/spark/test_libs.py",
    "tests/system/deploy/test_changes_by_hand.py",
    "tests/system/deploy/test_everything.py",
    "tests/system/deploy/test_drift.py",
    "tests/golden/test_golden.py",
    "tests/stacks/test_affected.py",
    "tests/stacks/test_synthesized.py",
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Sorts the tests by their files; the sort is stable, so tests of one file keep their order."""
    rank = {config.rootpath / file: position for position, file in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(Path(item.path), len(rank)))
