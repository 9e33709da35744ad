"""SQL on the Spark server of the local workspace, with a fake session."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from local.home import Home
from mesh.errors import OutsideError
from mesh.workshop.data import spark
from mesh.workshop.data.spark import SparkEngine
from mesh.workshop.data.tables import SOURCE_PROPERTY

STATUS: Any = SimpleNamespace(spark_remote="sc://127.0.0.1:1")


class Session:
    """A Spark session with one table.

    Args:
        properties: the properties of the table's last change.
    """

    def __init__(self, properties: dict[str, str]) -> None:
        self.properties = properties
        self.stopped = False
        self.catalog = SimpleNamespace(tableExists=lambda name: name == "c.s.t")

    def sql(self, statement: str) -> Any:
        last = {"operationParameters": {"properties": json.dumps(self.properties)}}
        return SimpleNamespace(first=lambda: last, collect=lambda: [(1, "a")])

    def stop(self) -> None:
        self.stopped = True


def engine(tmp_path: Path, status: Any = STATUS) -> SparkEngine:
    return SparkEngine(Home(tmp_path), status, lambda name: {})


def connect(monkeypatch: pytest.MonkeyPatch, properties: dict[str, str]) -> Session:
    session = Session(properties)
    monkeypatch.setattr(spark, "connect", lambda remote: session)
    return session


def test_the_source_is_the_property_of_the_last_change(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    connect(monkeypatch, {SOURCE_PROPERTY: "abc"})

    assert engine(tmp_path).source("c.s.t") == "abc"
    assert engine(tmp_path).source("c.s.other") is None


def test_a_table_that_was_written_to_since_has_no_source(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    connect(monkeypatch, {})

    assert engine(tmp_path).source("c.s.t") is None


def test_one_session_runs_all_statements(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    session = connect(monkeypatch, {})
    spark_engine = engine(tmp_path)

    assert spark_engine.run("SELECT 1") == [(1, "a")]
    assert not session.stopped
    spark_engine.stop()
    assert session.stopped


def test_without_a_spark_server_the_error_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(OutsideError, match="Spark is not up: start it with `mesh local up`"):
        engine(tmp_path, SimpleNamespace(spark_remote=None)).run("SELECT 1")


def test_an_engine_that_ran_nothing_stops_without_a_session(tmp_path: Path) -> None:
    engine(tmp_path).stop()
