"""Plans without changes that are kept, as long as everything that Terraform would read is as it was.

A plan is a function of the code, of the state, of the program, of the environment variables, and of what the
provider reads from the workspace. The workspace on this machine has a revision, which changes with everything
in it. If all of them are equal, Terraform would find no changes again. Other workspaces have no revision, so
their plans are not kept.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from mesh.kept.kept_files import NO_CACHE, KeptFiles
from mesh.kept.kept_objects import is_ours
from mesh.kept.secret import user_secret
from mesh.kept.shell_variables import without_shells
from mesh.terraform.plan import Plan
from mesh.terraform.run_folder import CONFIG
from mesh.terraform.terraform import Terraform
from mesh.terraform.terraform_command import SILENT, Reporter

FOLDER = Path(".mesh/local/planned")
_MOMENT = re.compile(r'"timestamp":"[^"\\]*"')


@dataclass(frozen=True)
class KeptPlans:
    """The kept plans of a mesh.

    Args:
        files: the files; they contain values of states.
        revision: asks the workspace for its revision; None if it is unknown.
        unchanged: the hashes of the plans without changes that this command made.
        moments: the revision that all stacks of a round share.
    """

    files: KeptFiles
    revision: Callable[[], str | None]
    unchanged: set[str] = field(default_factory=set, compare=False)
    moments: list[str | None] = field(default_factory=list, compare=False)

    @contextmanager
    def one_moment(self) -> Iterator[None]:
        """Asks for the revision once for all plans within it: they hold for the moment of its beginning."""
        self.moments.append(self.revision())
        try:
            yield
        finally:
            self.moments.clear()

    def read(self, key: str) -> bytes | None:
        """The plan with a key; None if it is not kept."""
        return self.files.read(key)

    def keep(self, key: str, plan: bytes) -> None:
        """Keeps a plan without changes."""
        self.unchanged.add(sha256(plan).hexdigest())
        self.files.write(key, plan)
        self.files.shrink()

    def text(self, key: str, plan: str, show: Callable[[], str | None]) -> str | None:
        """The output of `terraform show -json` for a plan, with the present time as that of the plan.

        Args:
            key: the key of the text.
            plan: the hash of the plan.
            show: runs Terraform.
        """
        if held := self.files.read(key):
            text = zlib.decompress(held).decode()
            *_, moment = [None, *_MOMENT.finditer(text)]
            now = f'"timestamp":"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"'
            return text if moment is None else text[: moment.start()] + now + text[moment.end() :]
        text = show() or ""
        if text and plan in self.unchanged:
            self.files.write(key, zlib.compress(text.encode(), 1))
        return text or None


@dataclass(frozen=True)
class KeptPlanTerraform(Terraform):
    """Terraform for one stack, which need not plan again where it would find no changes again.

    Args:
        kept: the kept plans; None plans always.
    """

    kept: KeptPlans | None = None

    def plan(
        self,
        targets: Iterable[str] = (),
        imports: Mapping[str, str] | None = None,
        *,
        refresh_only: bool = False,
        destroy: bool = False,
        reporter: Reporter = SILENT,
    ) -> Plan:
        """Plans, or takes the kept plan of the same question."""
        targets = tuple(targets)
        whole = not (targets or imports or destroy)
        self.init()
        key = self._key(refresh_only=refresh_only, since=True) if whole else None
        if self.kept and key and (held := self.kept.read(key)):
            self.load_plan(held)
            self.kept.unchanged.add(self.plan_hash or "")
            return Plan((), file_hash=self.plan_hash)
        plan = super().plan(targets, imports, refresh_only=refresh_only, destroy=destroy, reporter=reporter)
        unchanged = plan.error is None and plan.text is None and self.planned
        # what changed meanwhile, the plan may have read before or after
        if self.kept and key and unchanged and key == self._key(refresh_only=refresh_only):
            self.kept.keep(key, unchanged)
        return plan

    def show(self) -> str | None:
        """The output of `terraform show -json` for the last plan; None without a plan."""
        plan = self.plan_hash
        if self.kept is None or plan is None:
            return super().show()
        return self.kept.text(self._hash("text", plan), plan, super().show)

    def _key(self, *, refresh_only: bool, since: bool = False) -> str | None:
        """The hash of everything that a plan depends on; None if that is unknown.

        Args:
            refresh_only: True to compare only the state with the workspace.
            since: True if the revision at the beginning of the round counts.
        """
        state = self.local_state
        if self.kept is None or state is None or state.with_name(f".{state.name}.lock.info").exists():
            return None  # who holds the lock is about to write the state
        revision = self.kept.moments[0] if since and self.kept.moments else self.kept.revision()
        if revision is None:
            return None
        held = sha256(state.read_bytes()).hexdigest() if state.exists() else None
        code = sha256((self.folder / CONFIG).read_bytes()).hexdigest()
        return self._hash("plan", refresh_only, code, held, self.lock, revision)

    def _hash(self, *facts: object) -> str:
        variables = without_shells(self._command.environ)
        all_facts = [*facts, self.stack, self._command.program, self.program, variables]
        return sha256(json.dumps(all_facts).encode()).hexdigest()


def kept_plans(
    root: Path, environ: Mapping[str, str], revision: Callable[[], str | None]
) -> KeptPlans | None:
    """The kept plans of a mesh; None if none may be kept.

    Args:
        root: the mesh's root.
        environ: the environment variables; MESH_NO_CACHE keeps nothing.
        revision: asks the workspace for its revision.
    """
    if environ.get(NO_CACHE) or not is_ours(root, FOLDER):
        return None
    secret = user_secret(root, environ, create=True)
    return KeptPlans(KeptFiles(root / FOLDER, secret=secret), revision) if secret else None
