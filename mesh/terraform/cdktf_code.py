"""The code that `npx cdktf` is about to deploy: without what hangs on tables that do not exist yet.

`mesh` leaves this out when it plans, and keeps the code whole. cdktf plans the code as it is, so `main.py`
leaves it out of the code.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mesh.errors import OutsideError, UsageError

if TYPE_CHECKING:
    from mesh.terraform.missing_tables import TableLookup

# A stack without these texts has nothing that hangs on a table or function, and need not be parsed
_SIGNS = (b'"table":', b'"function":', b'"entity_type":', b'"databricks_policy_info":')


def _databricks(host: str | None) -> TableLookup:
    from mesh.terraform.loopback import reach_directly
    from mesh.terraform.workspace import DatabricksWorkspace

    reach_directly()
    return DatabricksWorkspace(**({"host": host} if host else {}))


def leave_out_missing_tables(
    output: Path, workspace: Callable[[str | None], TableLookup] = _databricks
) -> Iterator[str]:
    """Leaves out what hangs on tables that do not exist, and yields what could not be found out.

    Args:
        output: the folder of the synthesized code, with the manifest of its stacks.
        workspace: opens the workspace at an address; None is the address in DATABRICKS_HOST.
    """
    stacks, opened = json.loads((output / "manifest.json").read_bytes())["stacks"], _opened_once(workspace)
    for name, stack in stacks.items():
        file = output / stack["synthesizedStackPath"]
        text = file.read_bytes()
        if not any(sign in text for sign in _SIGNS):
            continue
        # imports the classes of models, which unchanged code without such resources does not need
        from mesh.files.whole_file import replace_file
        from mesh.terraform.missing_tables import without_missing_tables

        config = json.loads(text)
        try:
            code = without_missing_tables(config, partial(opened, provider_host(config)))
        except (OutsideError, UsageError) as error:
            kept = f"grants, tags and policies of all tables stay in the code of {name}"
            yield f"{kept}; Terraform fails where a table or function does not exist yet ({error})"
            continue
        if code is not config:
            replace_file(file, json.dumps(code, indent=2, ensure_ascii=False).encode())


def _opened_once(workspace: Callable[[str | None], TableLookup]) -> Callable[[str | None], TableLookup]:
    """The same, but asks no workspace again that did not answer, which takes seconds for each stack."""
    answers: dict[str | None, TableLookup | OutsideError | UsageError] = {}

    def opened(host: str | None) -> TableLookup:
        if host not in answers:
            try:
                answers[host] = workspace(host)
            except (OutsideError, UsageError) as error:
                answers[host] = error
        answer = answers[host]
        if isinstance(answer, OutsideError | UsageError):
            raise answer
        return answer

    return opened


def provider_host(config: Mapping[str, Any]) -> str | None:
    """The address of the workspace in the code of a stack; None means DATABRICKS_HOST."""
    from mesh.documents.terraform_text import unescape

    providers = config.get("provider", {})
    host = next((one.get("host") for one in providers.get("databricks", ())), None)
    return unescape(host) if isinstance(host, str) else None
