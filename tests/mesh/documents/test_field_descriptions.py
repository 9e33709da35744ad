"""Descriptions for editors: each is of an existing field, and common fields have one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

from mesh.documents.field_descriptions import descriptions, sections
from mesh.documents.provider_fields import Shape, names, shape
from mesh.model.cluster import ClusterFile
from mesh.model.cluster_policy import ClusterPolicyFile
from mesh.model.experiment import ExperimentFile
from mesh.model.instance_pool import InstancePoolFile
from mesh.model.job import cluster_shape, job_shape
from mesh.model.sql_warehouse import SqlWarehouseFile

# Databricks sets these of a pipeline itself, though the bindings take them.
COMPUTED = {
    *("cause", "cluster_id", "creator_user_name", "expected_last_modified", "health", "last_modified"),
    *("latest_updates", "run_as_user_name", "state", "url"),
}


def fields(of: Shape) -> Iterator[tuple[str, str]]:
    """Every field at any depth, by its block and its name."""
    for field in of.fields.values():
        yield of.block, field.name
        if isinstance(field.type, Shape):
            yield from fields(field.type)


def everything() -> set[tuple[str, str]]:
    shapes = [*(shape(name) for name in names("resources")), job_shape(), cluster_shape()]
    return {field for one in shapes for field in fields(one)}


def test_each_description_is_of_an_existing_field() -> None:
    there = everything()

    orphans = [
        f"{', '.join(blocks)}: {field}"
        for blocks, texts in sections()
        for field in texts
        if not any((block, field) in there for block in blocks)
    ]
    assert orphans == []
    blocks = {block for block, _ in there}
    assert [block for named, _ in sections() for block in named if block not in blocks] == []


def test_no_field_is_described_twice() -> None:
    """The later description would silently replace the first."""
    told = [(block, field) for blocks, texts in sections() for block in blocks for field in texts]

    assert len(told) == len(descriptions()) > 300


def test_a_description_is_short_and_ends_with_a_full_stop() -> None:
    assert [
        text for text in descriptions().values() if len(text.split()) > 12 or not text.endswith(".")
    ] == []


def test_common_fields_have_a_description() -> None:
    job = job_shape()
    shapes = {
        "job": job,
        "task": job.inside("tasks"),
        "repeated task": job.inside("tasks").inside("for_each_task").inside("task"),
        "job cluster": cluster_shape(),
        "cluster": ClusterFile.shape(),
        "policy": ClusterPolicyFile.shape(),
        "pool": InstancePoolFile.shape(),
        "warehouse": SqlWarehouseFile.shape(),
        "experiment": ExperimentFile.shape(),
        "pipeline": shape("pipeline").without(*COMPUTED),
        "pipeline's cluster": shape("pipeline").inside("clusters"),
    }

    silent = [
        f"{name}: {field}"
        for name, of in shapes.items()
        for field in of.fields
        if (of.block, field) not in descriptions()
    ]
    assert silent == []


def test_only_schemas_read_the_descriptions() -> None:
    """Other commands do not read the file."""
    script = (
        "import mesh.cli.app, mesh.commands.deploy; from mesh.documents import field_descriptions; "
        "from mesh.model.job import JobFile; JobFile.shape(); print(field_descriptions.descriptions.cache_info().misses)"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout == "0\n"
