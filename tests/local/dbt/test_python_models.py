"""dbt models in Python, without dbt and Spark."""

import re
import traceback
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from local.dbt.python_models import PythonModel


def model(packages: list[str], written: list[str]) -> PythonModel:
    session: Any = SimpleNamespace(write=written.append)
    parsed = {"original_file_path": "models/a.py", "config": {"packages": packages}}
    return PythonModel(parsed, lambda: session, Path("/shop"))


def test_a_model_runs_with_a_session_named_spark() -> None:
    written: list[str] = []

    model(["pytest"], written).submit("def model(dbt, session):\n    session.write('t')\nmodel(None, spark)")
    assert written == ["t"]


def test_an_error_has_the_line_of_the_models_file() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        model([], []).submit("def model():\n    1 / 0\nmodel()")
    assert re.search(
        r'File "/shop/models/a.py", line 2, in model\n    1 / 0',
        "".join(traceback.format_exception(caught.value)),
    )


def test_a_package_that_is_not_here_is_named() -> None:
    with pytest.raises(LookupError, match=r"^no-such-package-x: packages of models in Python"):
        model(["no-such-package-x"], []).submit("")
