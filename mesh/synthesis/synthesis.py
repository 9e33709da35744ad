"""Writes the Terraform code of stacks: kept code if its key is known, else what `stacks` writes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from mesh.deployment.fingerprint import fingerprint
from mesh.deployment.stack_order import depends_on
from mesh.errors import OutsideError
from mesh.files.whole_file import replace_file
from mesh.git.checkout import ignore_folder
from mesh.kept.forks import processes
from mesh.kept.kept_files import NO_CACHE, KeptFiles
from mesh.kept.program import PROGRAM_FOLDER
from mesh.synthesis.batch import AnyStack, Batch, batches
from mesh.synthesis.manifest import CODE, FILE, manifest
from mesh.synthesis.stack_key import program_key, stack_key
from mesh.synthesis.writing import here, in_process
from mesh.toolkit import Synthesizer, synthesizer, toolkit
from mesh.workshop.workshop import Workshop

_KEPT = Path(".mesh/synthesized")
_MOST_PROCESSES = 4
# The size of a batch in characters of fingerprints. With cdktf about 300 flows, since memory of Node grows
# with the batch; Python alone writes 1,000 flows in the time that two processes need to start. Where there
# may be forks, they write all of it.
_LARGEST: Mapping[Synthesizer, int] = {"cdktf": 900_000, "python": 14_000_000}


@dataclass(frozen=True)
class Synthesis:
    """The synthesis of stacks into one output folder.

    Args:
        root: the mesh's root.
        output: the folder of `manifest.json` and `stacks/`.
        environ: the environment variables of the processes.
        kept: the code that is kept; None to write all of it again.
        processes: how many processes write at once.
        run: writes the code of one batch, also several at once.
        alone: writes the code of the only batch; by default as `run`.
    """

    root: Path
    output: Path
    environ: Mapping[str, str]
    kept: KeptFiles | None
    processes: int
    run: Callable[[Batch, Mapping[str, str]], None]
    alone: Callable[[Batch, Mapping[str, str]], None] | None = None

    def write(
        self, stacks: Sequence[AnyStack], refusals: Mapping[str, Sequence[str]] | None = None
    ) -> dict[str, bytes]:
        """Writes the code of these stacks, and the manifest.

        Args:
            stacks: the stacks.
            refusals: the reasons against the deployment of foundations, by the stack's name.

        Returns:
            what is in the output folder now, by the path from it.

        Raises:
            OutsideError: the process failed, or a file cannot be read or written.
        """
        try:
            return self._write(stacks, refusals or {})
        except OSError as error:
            raise OutsideError(
                f"the stacks cannot be synthesized: {error.filename or self.output}: {error.strerror} "
                "(make room or get the right, then run the command again)"
            ) from error

    def _write(self, stacks: Sequence[AnyStack], refusals: Mapping[str, Sequence[str]]) -> dict[str, bytes]:
        models = {one.stack: "" if isinstance(one, Workshop) else fingerprint(one) for one in stacks}
        keys = self._keys(stacks, refusals, models)
        code = {one.stack: self._restored(one.stack, keys.get(one.stack)) for one in stacks}
        new = [one for one in stacks if code[one.stack] is None]
        self._run(new, refusals, [len(models[one.stack]) or 1 for one in new])
        for one in new:
            code[one.stack] = held = self._path(one.stack).read_bytes()
            if self.kept and one.stack in keys:
                self.kept.write(keys[one.stack], held)
        if self.kept and new:
            self.kept.shrink()
        names = {one.stack for one in stacks}
        before = {
            one.stack: [
                name for name in ([] if isinstance(one, Workshop) else depends_on(one)) if name in names
            ]
            for one in stacks
        }
        written = {f"stacks/{name}/{CODE}": held for name, held in code.items() if held is not None}
        written[FILE] = manifest(before, version(toolkit(self.environ).name)).encode()
        write_if_changed(self.output / FILE, written[FILE])
        return written

    def _keys(
        self,
        stacks: Iterable[AnyStack],
        refusals: Mapping[str, Sequence[str]],
        models: Mapping[str, str],
    ) -> dict[str, str]:
        if not self.kept:
            return {}
        program = program_key(PROGRAM_FOLDER, self.environ)
        to_root = os.path.relpath(self.root, self.output)
        return {
            one.stack: stack_key(one, program, to_root, refusals.get(one.stack, ()), models[one.stack])
            for one in stacks
            if not isinstance(one, Workshop)
        }

    def _restored(self, stack: str, key: str | None) -> bytes | None:
        """The stack's code, if it was kept; it is in the output folder then."""
        code = self.kept.read(key) if self.kept and key else None
        if code is not None:
            write_if_changed(self._path(stack), code)
        return code

    def _path(self, stack: str) -> Path:
        return self.output / "stacks" / stack / CODE

    def _run(
        self, stacks: Sequence[AnyStack], refusals: Mapping[str, Sequence[str]], sizes: Sequence[int]
    ) -> None:
        if not stacks:
            return
        chosen = synthesizer(self.environ, default="python")
        with_forks = chosen == "python" and processes() > 1
        work = [
            Batch(
                self.root,
                self.output,
                [stacks[place] for place in places],
                refusals,
                sum(sizes[place] for place in places),
            )
            for places in (
                [range(len(stacks))] if with_forks else batches(sizes, self.processes, _LARGEST[chosen])
            )
        ]
        if len(work) == 1:
            (self.alone or self.run)(work[0], self.environ)
            return
        with ThreadPoolExecutor(self.processes) as pool:
            list(pool.map(lambda batch: self.run(batch, self.environ), work))


def synthesis(root: Path, output: Path, environ: Mapping[str, str] = os.environ) -> Synthesis:
    """The synthesis of a mesh on this machine, with the code that is kept below its `.mesh`.

    Args:
        root: the mesh's root.
        output: the folder of the code.
        environ: the environment variables; MESH_NO_CACHE writes everything again.
    """
    ignore_folder(root / ".mesh")
    kept = None if environ.get(NO_CACHE) else KeptFiles(root / _KEPT)
    processes = min(_MOST_PROCESSES, os.cpu_count() or 1)
    return Synthesis(root, output, environ, kept, processes, in_process, here)


def write_if_changed(path: Path, content: bytes) -> None:
    """Writes a file at once, unless it has this content.

    Raises:
        OSError: it cannot be written.
    """
    try:
        if path.read_bytes() == content:
            return
    except OSError:
        pass
    replace_file(path, content)
