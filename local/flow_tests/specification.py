"""What the tests of flows need to know of the mesh: the tasks of each flow and their parameters.

`mesh test` writes it as JSON for the process that runs pytest.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

VARIABLE = "MESH_FLOW_TESTS"
"""The environment variable with the path of the JSON file."""

FOLDER = "tests"
"""The folder of a flow that holds its tests."""


@dataclass(frozen=True)
class TaskSpecification:
    """A task that a test may run.

    Args:
        key: its `task_key`.
        kind: `notebook_task`, `spark_python_task`, `sql_task` or another kind.
        file: the file, relative to the mesh's root, for a notebook without suffix; "" without one.
        parameters: its own parameters: names and values, or the words of a Python file.
    """

    key: str
    kind: str
    file: str
    parameters: Mapping[str, str] | Sequence[str]


@dataclass(frozen=True)
class FlowSpecification:
    """A flow with tests.

    Args:
        path: its path in the mesh.
        folder: its folder, relative to the mesh's root.
        parameters: the parameters of its jobs, without the names of its data.
        tasks: the tasks of its jobs.
    """

    path: str
    folder: str
    parameters: Mapping[str, str]
    tasks: Sequence[TaskSpecification]


@dataclass(frozen=True)
class Specification:
    """The flows with tests.

    Args:
        root: the mesh's root.
        flows: the flows.
    """

    root: Path
    flows: Sequence[FlowSpecification]

    def flow_of(self, test: Path) -> FlowSpecification:
        """Returns the flow whose folder `tests` contains a file.

        Raises:
            LookupError: the file is in no such folder.
        """
        for flow in self.flows:
            if test.is_relative_to(self.root / flow.folder / FOLDER):
                return flow
        raise LookupError(f"{test} is not in the folder {FOLDER}/ of a flow that `mesh test` runs")


def write(specification: Specification, file: Path) -> None:
    """Writes a specification as JSON."""
    text = json.dumps(
        {"root": str(specification.root), "flows": [asdict(one) for one in specification.flows]}
    )
    file.write_text(text, encoding="utf-8")


def read(file: Path) -> Specification:
    """Reads a specification that `write` wrote."""
    declared: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    flows = []
    for one in declared["flows"]:
        tasks = [TaskSpecification(**task) for task in one["tasks"]]
        flows.append(FlowSpecification(one["path"], one["folder"], one["parameters"], tasks))
    return Specification(Path(declared["root"]), flows)
