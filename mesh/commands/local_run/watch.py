"""`mesh local run --watch`: runs again at each save, what the save makes outdated."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from mesh.commands.local_run.checkout_files import FileChanges
from mesh.commands.local_run.flow_run import FlowRunner, RunOptions, SelectedFlow
from mesh.commands.local_run.stale_tasks import Stale, all_tasks, stale_tasks
from mesh.errors import MeshError, OutsideError, UsageError

_DONE = ("SUCCESS", "EXCLUDED")


class Watch:
    """Runs flows, and again what changes make outdated.

    A task is outdated if it has not succeeded since its file, or that of a task it depends on, changed. A
    flow is outdated if a flow that it reads has run.

    Args:
        runner: runs the flows.
        load: returns the flows as the checkout declares them now; each after those that it reads.
        options: the options of the runs.
        everything: True to run all tasks at each save.
    """

    def __init__(
        self,
        runner: FlowRunner,
        load: Callable[[], list[SelectedFlow]],
        options: RunOptions,
        everything: bool = False,
    ) -> None:
        self._runner, self._load, self._options, self._everything = runner, load, options, everything
        self._outdated: dict[str, Stale] = {}

    def run(self, saves: Iterable[object]) -> bool:
        """Runs at each save.

        Args:
            saves: yields at once, and whenever files of the mesh were saved.

        Returns:
            True if the last run succeeded.

        Raises:
            KeyboardInterrupt: Ctrl-C.
        """
        succeeded = True
        for _ in saves:
            succeeded = self._once()
        return succeeded

    def _once(self) -> bool:
        """Runs what is outdated; errors are shown, because the next save may repair them."""
        try:
            succeeded = self._run_outdated()
        except (MeshError, OutsideError, UsageError) as error:
            self._runner.display.print(str(error))
            succeeded = False
        self._runner.display.print("waiting for a save (Ctrl-C ends)")
        return succeeded

    def _run_outdated(self) -> bool:
        flows = self._load()
        self._bring(flows)
        for selected in flows:
            outdated = self._outdated.get(selected.flow.path, {})
            if outdated and self._everything:
                self._add(selected, all_tasks(selected))
            if not outdated:
                continue
            for one in flows:
                if selected.flow.path in one.reads:
                    self._add(one, all_tasks(one))
            for id, result in self._runner.run(selected, self._options, dict(outdated)):
                if not result.succeeded:
                    outdated[id] -= {key for key, ended in result.tasks.items() if ended in _DONE}
                    return False
                del outdated[id]
        return True

    def _bring(self, flows: Sequence[SelectedFlow]) -> None:
        """Puts changed files into the workspace, and notes what they make outdated in any of the flows."""
        brought: dict[str, FileChanges] = {}
        for selected in flows:
            stack = selected.deployment.stack
            brought[stack] = brought.get(stack, FileChanges()) + self._runner.bring_files(selected)
        for selected in flows:
            first = selected.flow.path not in self._outdated
            changes = brought[selected.deployment.stack]
            self._add(selected, all_tasks(selected) if first else stale_tasks(selected, changes))

    def _add(self, selected: SelectedFlow, stale: Stale) -> None:
        outdated = self._outdated.setdefault(selected.flow.path, {})
        for id, tasks in stale.items():
            chosen = tasks & {self._options.task} if self._options.task else tasks
            if chosen or not tasks:  # a pipeline has no tasks
                outdated[id] = outdated.get(id, set()) | chosen
