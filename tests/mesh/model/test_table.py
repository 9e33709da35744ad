"""Tables in deployment.yml."""

from __future__ import annotations

import pytest

from tests.mesh.conftest import FLOW, Findings

JOB = "tasks: [{task_key: a, serverless: true}]\n"


@pytest.mark.parametrize("wrong", ["'a b': x", "'': x", 'a: "x\\ny"'])
def test_tags_have_plain_keys_and_one_line(wrong: str, findings: Findings) -> None:
    [found] = findings(
        {f"{FLOW}/deployment.yml": f"tables: {{trips: {{tags: {{{wrong}}}}}}}\n{JOB}"}, env="local"
    )
    assert found.startswith("wrong-value: ")
