"""The tests themselves: each module has its own, and the slowest start first."""

from __future__ import annotations

from collections.abc import Mapping

import yaml

from tests.conftest import ALONE, LONGEST, TOGETHER, work_unit
from tests.support.source_files import OUR_FILES, ROOT, tracked


def mirrored(module: str) -> str:
    """The test file of a module: the same path below tests/, with `test_` before the name."""
    folder, _, name = module.replace("constructs/datamesh", "constructs", 1).rpartition("/")
    return f"tests/{folder}/test_{name}" if folder else f"tests/test_{name}"


def test_every_module_has_tests_at_the_mirrored_path_or_a_reason() -> None:
    """The reasons are in tests/untested.yml."""
    reasons: Mapping[str, str] = yaml.safe_load((ROOT / "tests" / "untested.yml").read_text(encoding="utf-8"))
    modules = {
        file.relative_to(ROOT).as_posix()
        for file in tracked(*OUR_FILES)
        if file.name not in ("__init__.py", "__main__.py")
    }
    lacking = {module for module in modules if not (ROOT / mirrored(module)).exists()}

    assert sorted(lacking) == sorted(reasons)
    assert [module for module, reason in reasons.items() if len(reason.split()) < 4] == []


def test_the_slowest_test_files_exist() -> None:
    """tests/conftest.py starts them first; a moved file would start last again."""
    assert [file for file in LONGEST if not (ROOT / file).exists()] == []


def test_a_work_unit_holds_the_tests_that_share_a_fixture() -> None:
    """Fixtures of a module stay on one worker, and so do servers of a folder."""
    for folder in (*TOGETHER, *ALONE):
        texts = [file.read_text(encoding="utf-8") for file in (ROOT / folder).glob("*.py")]
        assert any('scope="session"' in text for text in texts) == (folder in TOGETHER)
        assert folder in TOGETHER or not any("scope=" in text for text in texts)
    assert work_unit("tests/local/spark/test_libs.py::test_a") == "tests/local/spark"
    assert (
        work_unit("tests/system/deploy/test_apply.py::test_a") == "tests/system/deploy/test_apply.py::test_a"
    )
    assert work_unit("tests/test_main.py::test_a[tests/x.py::y]") == "tests/test_main.py"
