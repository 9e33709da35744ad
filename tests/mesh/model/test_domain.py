"""A domain."""

from __future__ import annotations

from pathlib import Path

from tests.support.one_org import FILES, read_org


def test_flows_have_the_fields_of_the_environment(tmp_path: Path) -> None:
    [domain] = read_org(tmp_path, FILES).domains
    descriptions = [
        domain.in_environment(name).projects[0].flows[0].declared.description for name in ("dev", "prod")
    ]
    assert descriptions == [None, "production"]


def test_projects_are_in_order_of_their_names(tmp_path: Path) -> None:
    more = {f"domains/transport/projects/{name}/project.yml": "" for name in ("z", "a")}
    [domain] = read_org(tmp_path, {**FILES, **more}).domains
    assert [project.name for project in domain.projects] == ["a", "taxinyc", "z"]
