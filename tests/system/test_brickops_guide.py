"""docs/brickops.md: its files are a repository of brickops, and its commands answer as the page says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest
from brickops.databricks.context import DbContext
from brickops.datamesh import cfg, naming

from tests.support.command_line import run_mesh

PAGE = Path(__file__).resolve().parents[2] / "docs" / "brickops.md"
PROJECT = "orgs/acme/domains/transport/projects/taxinyc"
REVENUE = f"{PROJECT}/flows/prep/revenue"
COMMIT = "5bd01c2f" * 5
ENVIRON = {
    "MESH_USER": "ola.nordmann@acme.example",
    "MESH_GIT_URL": "https://github.com/acme/taxi",
    "MESH_GIT_BRANCH": "main",
    "MESH_GIT_COMMIT": COMMIT,
    "COLUMNS": "200",
}
BLOCK = re.compile(r"^(?P<indent> *)```(?P<kind>\w*)\n(?P<text>.*?)^ *```$", re.DOTALL | re.MULTILINE)


def blocks() -> Iterator[tuple[str, str]]:
    """The code blocks of the page, as kind and text."""
    for found in BLOCK.finditer(PAGE.read_text(encoding="utf-8")):
        yield found["kind"], dedent(found["text"])


def written(root: Path) -> list[str]:
    """Writes the files of the page; returns their paths."""
    files = []
    for kind, text in blocks():
        if kind and (named := re.search(r"^# (\S+/\S+\.(?:yml|py))$", text, re.MULTILINE)):
            path = root / named[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.replace(named[0] + "\n", ""))
            files.append(named[1])
    return files


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """The repository of the page; its org.yml comes later."""
    assert len(written(tmp_path)) == 5
    for name in (f"{REVENUE}/report.py", f"{PROJECT}/flows/trips/trips.py"):
        (tmp_path / name).write_text("# Databricks notebook source\n")
    (tmp_path / "orgs/acme/org.yml").rename(tmp_path / "later.yml")
    return tmp_path


def test_the_commands_answer_as_the_page_says(repository: Path) -> None:
    """Between the first and the second command, the reader adds compute; before the third, org.yml."""
    asked = [text for kind, text in blocks() if not kind]
    assert len(asked) == 3
    for step, text in enumerate(asked):
        command, _, expected = text.partition("\n")
        done = run_mesh(command.removeprefix("$ mesh ").split(), repository, ENVIRON)
        assert done.stdout + done.stderr == expected
        if step == 0:
            file = repository / REVENUE / "deployment.yml"
            task = "  notebook_task: {notebook_path: report}\n"
            file.write_text(file.read_text().replace(task, f"{task}  serverless: true\n"))
        if step == 1:
            (repository / "later.yml").rename(repository / "orgs/acme/org.yml")


def test_the_names_of_the_page_are_those_of_brickops(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = DbContext(
        api_url="",
        api_token="",
        notebook_path=f"/Repos/ola/taxi/{REVENUE}/revenue_by_borough",
        username=ENVIRON["MESH_USER"],
        widgets={"git_url": "x", "git_branch": "main", "git_commit": COMMIT},
    )
    monkeypatch.chdir(repository / REVENUE)
    cfg.read_config.cache_clear()
    try:
        catalog = naming.catname_from_path(db_context=context, env="prod")
        names = [
            naming.jobname(context, "prod"),
            catalog,
            naming.dbname("revenue", catalog, context, env="prod"),
        ]
    finally:
        cfg.read_config.cache_clear()

    page = PAGE.read_text(encoding="utf-8")
    assert names == ["transport_taxinyc_prod_revenue", "transport", "transport.revenue"]
    assert f"job      {names[0]}\n" in page
