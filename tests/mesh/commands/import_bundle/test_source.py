"""databricks.yml is read with the files that it includes."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.commands.import_bundle.bundle_folder import bundle_folder
from mesh.commands.import_bundle.node import plain
from mesh.commands.import_bundle.remarks import Remarks
from mesh.commands.import_bundle.source import Bundle, read_bundle
from mesh.errors import UsageError
from tests.mesh.commands.import_bundle.conftest import JOB, Importer, Refused

OTHER = "resources: {jobs: {other: {tasks: [{task_key: load, notebook_task: {notebook_path: ../load}}]}}}"


def bundle(text: str, tmp_path: Path) -> Bundle:
    (tmp_path / "databricks.yml").write_text(text)
    return read_bundle(bundle_folder(tmp_path), None, Remarks("."))


def test_included_files_are_read_by_their_patterns(imported: Importer) -> None:
    made = imported(
        JOB + "include: [resources/*.yml, 'more/**/*.yml']",
        {
            "resources/a.yml": OTHER,
            "more/deep/b.yml": OTHER.replace("other", "deep").replace("../", "../../"),
        },
    )

    assert [name for name in ("load", "other", "deep") if made.task(name)["notebook_task"]] == [
        "load", "other", "deep",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("include", "message"),
    [
        ("../../../../*.yml", "`include` names `../../../../*.yml`, which is too far above the bundle (move the file into the bundle)"),
        ("missing.yml", "included file `missing.yml` does not exist (correct the path)"),
    ],
)  # fmt: skip
def test_an_included_file_must_be_in_the_bundle(refused: Refused, include: str, message: str) -> None:
    assert refused(JOB + f"include: ['{include}']") == [f"6: bundle-invalid: {message}"]


def test_a_pattern_without_files_is_fine(imported: Importer) -> None:
    assert imported(JOB + "include: [resources/*.yml]").remarks == []


def test_a_resource_that_two_files_declare_is_an_error(refused: Refused) -> None:
    [error] = refused(JOB + "include: [a.yml]", {"a.yml": OTHER.replace("other", "load")})

    assert error.endswith("`resources.jobs.load` is declared in databricks.yml:4, too (keep one)")


def test_every_error_of_every_file_is_told_at_once(refused: Refused) -> None:
    found = refused("include: [a.yml]\na: {", {"a.yml": "b: ["})

    assert [error.split(": ")[1] for error in found] == ["not-yaml"]


def test_the_default_target_is_first(tmp_path: Path) -> None:
    text = "targets: {prod: {}, dev: {default: true}, test: {}}"

    assert bundle(text, tmp_path).targets == ("dev", "prod", "test")
    assert bundle("targets: {b: {}, a: {}}", tmp_path).targets == ("b", "a")
    assert bundle("bundle: {name: x}", tmp_path).targets == ("default",)


def test_a_value_of_a_target_replaces_the_default_of_a_variable(tmp_path: Path) -> None:
    text = """\
variables: {a: {default: {x: 1}}, b: {lookup: {cluster: c}}, c: {default: 1}}
targets: {t: {variables: {a: {y: 2}, b: {default: id}, c: {lookup: {warehouse: w}}}}}
"""

    assert plain(bundle(text, tmp_path).target("t").child("variables")) == {
        "a": {"default": {"y": 2}},
        "b": {"default": "id"},
        "c": {"lookup": {"warehouse": "w"}},
    }


def test_an_unknown_target_is_wrong_usage(imported: Importer) -> None:
    with pytest.raises(UsageError, match="no target `pord` \\(did you mean `prod`\\?\\)"):
        imported(JOB + "targets: {prod: {}}", target="pord")
