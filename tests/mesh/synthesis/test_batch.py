"""Work is distributed over processes by its size."""

from __future__ import annotations

import pytest

from mesh.synthesis.batch import batches


@pytest.mark.parametrize(
    ("sizes", "processes", "expected"),
    [
        pytest.param([5, 5], 2, [[0, 1]], id="a second process is not worth its start"),
        pytest.param([30, 30], 2, [[0], [1]], id="each process gets a half"),
        pytest.param([30, 30], 1, [[0, 1]], id="one processor"),
        pytest.param([10, 60, 20, 30], 2, [[1], [0, 2, 3]], id="the processes get equal work"),
        pytest.param([60, 60, 60], 1, [[0, 2], [1]], id="no batch grows without limit"),
        pytest.param([500], 4, [[0]], id="a stack is not divided"),
        pytest.param([], 4, [], id="no work"),
    ],
)
def test_work_is_divided(sizes: list[int], processes: int, expected: list[list[int]]) -> None:
    assert batches(sizes, processes, largest=100) == expected


def test_each_stack_is_in_one_batch() -> None:
    divided = batches([(7 * one) % 90 + 1 for one in range(200)], 4, largest=100)

    assert sorted(one for batch in divided for one in batch) == list(range(200))
    assert len(divided) == 92  # as many in each round
