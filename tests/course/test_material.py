"""The course's pages: complete, short, with valid commands, links and changes."""

from __future__ import annotations

import ast
import re
import shlex
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import typer.main
from typer.core import TyperGroup

from mesh.cli.app import app
from tests.course.mistakes import MISTAKES
from tests.course.pages import (
    COURSE,
    PARTS,
    ROOT,
    STUDENT_PREP,
    WORKSPACE,
    Page,
    answer,
    every_page,
    folder_of,
    page,
    tasks,
)

SECTIONS = ["Purpose", "Steps", "What to look for", "A question", "Check"]
OWN_MACHINE = "On your own machine"
# tasks whose steps are nearly the same in a workspace
SAME_STEPS = ("05-redeploy", "10-deploy-pipeline")
# pages with a change of files
CHANGING = ("01-Student-Prep", "05-redeploy", "09-expectations", "10-deploy-pipeline", "11-pipeline-to-prod", "13-quality")
# two printed pages
MAX_WORDS = 950
_INLINE = re.compile(r"`(mesh [^`]+)`")


def test_the_index_lists_the_folders_in_order() -> None:
    linked = re.findall(r"^\| \[(\d\d-[\w-]+)\]\((\d\d-[\w/-]+)/README\.md\) \| .* \d+ \|$", index().text, re.MULTILINE)
    assert [COURSE / folder for _, folder in linked] == [folder_of(task) for task in tasks()]
    assert [name for name, _ in linked] == tasks()


def test_tasks_are_numbered_through_all_parts() -> None:
    assert [int(task[:2]) for task in tasks()] == list(range(1, len(tasks()) + 1))
    assert sorted({file.parts[-3] for file in COURSE.glob("*/*/check.py")}) == list(PARTS)


@pytest.mark.parametrize("task", tasks())
def test_a_task_has_all_sections_and_a_separate_answer(task: str) -> None:
    one = page(task)
    assert one.sections == SECTIONS
    assert one.text.startswith(f"# {int(task[:2])}. ")
    assert "answer.md" in one.links
    assert answer(task).text.startswith("# Answer\n")
    assert f"mesh course check {task}\n" in one.text
    headings = re.findall(r"^### (.+)$", one.prose, re.MULTILINE)
    assert task in SAME_STEPS or headings == [WORKSPACE, OWN_MACHINE]


def test_each_task_has_mistakes() -> None:
    assert list(MISTAKES) == tasks()
    assert all(MISTAKES.values())


@pytest.mark.parametrize("one", every_page(), ids=lambda one: one.file.relative_to(COURSE).as_posix())
def test_a_page_is_short_and_its_links_have_targets(one: Page) -> None:
    assert len(one.text.split()) <= MAX_WORDS
    for link in one.links:
        name, _, heading = link.partition("#")
        target = one.file.parent / unquote(name) if name else one.file
        assert target.exists(), link
        assert not heading or heading in anchors(target), link


@pytest.mark.parametrize("one", every_page(), ids=lambda one: one.file.relative_to(COURSE).as_posix())
def test_every_command_of_a_page_exists(one: Page) -> None:
    wrong = [f"{' '.join(words)}: {why}" for words in commands(one) if (why := unknown(words))]
    assert wrong == []


@pytest.mark.parametrize("one", [Page(STUDENT_PREP), *map(page, tasks())], ids=lambda one: one.file.parent.name)
def test_the_first_change_on_a_page_applies(one: Page) -> None:
    changes = [block.text for block in one.steps() if block.language == "diff"]
    if not changes:
        assert one.file.parent.name not in CHANGING
        return
    check = ["git", "-C", str(ROOT), "apply", "--unidiff-zero", "--check", "-"]
    done = subprocess.run(check, input=changes[0], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("file", sorted(COURSE.rglob("*.py")), ids=str)
def test_a_notebook_is_in_source_format_and_compiles(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    if file.name == "check.py":
        ast.parse(text)
        return
    first, second, third, *_ = text.splitlines()
    assert (first, second) == ("# Databricks notebook source", "# MAGIC %md")
    assert third.startswith("# MAGIC # ")
    assert "\n\n# COMMAND ----------\n\n" in text
    ast.parse(text)
    assert file.name in (file.parent / "README.md").read_text()


def index() -> Page:
    return Page(COURSE / "README.md")


def anchors(file: Path) -> set[str]:
    """The anchors of a page's headings, by GitHub's rule."""
    headings = re.findall(r"^#+ (.+)$", Page(file).prose, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def commands(one: Page) -> Iterator[list[str]]:
    """Every `mesh …` command of a page, in code and in text, split into words."""
    lines = [
        line.strip()
        for block in one.blocks()
        if block.language in ("", "bash")
        for line in block.text.splitlines()
    ]
    typed = [line for line in lines if line.startswith("mesh ")]
    for line in [*typed, *_INLINE.findall(one.prose)]:
        yield shlex.split(line, comments=True)[1:]


def unknown(words: list[str]) -> str | None:
    """The error in a command, if any."""
    command: Any = cli()
    rest = list(words)
    while isinstance(command, TyperGroup) and rest:
        found = command.commands.get(rest[0])
        if found is None:
            return f"there is no `{rest[0]}`"
        command, rest = found, rest[1:]
    known = {option for parameter in command.params for option in parameter.opts}
    return next((f"there is no {word}" for word in rest if word.startswith("-") and word not in known), None)


@cache
def cli() -> TyperGroup:
    """The command line in Typer's form."""
    command = typer.main.get_command(app)
    assert isinstance(command, TyperGroup)
    return command
