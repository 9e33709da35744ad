"""The course's data: samples, reference files and tables."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from mesh.datasets import taxi_sample
from mesh.workshop.data.course_data import POPULATION, CourseData, build_course_data
from tests.support.reference_revenue import FLOW


@pytest.fixture(scope="module")
def default_data() -> CourseData:
    """The default data."""
    return build_course_data()


def test_trips_are_the_local_workspaces_sample_by_month(default_data: CourseData, tmp_path: Path) -> None:
    whole = tmp_path / "sample.csv"
    taxi_sample.write_sample(whole)
    months = default_data.tables[2].files

    rows = [row for part in months for row in part.open().read().decode().splitlines()[1:]]

    assert [part.name[-11:-4] for part in months] == ["2019-01", "2019-02", "2019-03"]
    assert sorted(rows) == sorted(whole.read_text().splitlines()[1:])


def test_boroughs_have_the_same_inhabitants_as_in_the_flow() -> None:
    with (FLOW / "borough_population.csv").open(newline="") as stream:
        assert {row["borough"]: int(row["population"]) for row in csv.DictReader(stream)} == POPULATION


def test_another_seed_gives_other_samples_and_the_same_tables(default_data: CourseData) -> None:
    other = build_course_data(seed=7)

    assert [one.name for one in default_data.tables] == [one.name for one in other.tables]
    assert [one.source == two.source for one, two in zip(default_data.tables, other.tables, strict=True)] == [
        True,
        True,
        False,
        False,
    ]
