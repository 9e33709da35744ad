"""Takes changes that failed out of a state again, so that the next plan shows them.

The SDK of the Databricks provider keeps a change in the state although the workspace refused it, and a
refresh reads only what the workspace returns. So a schedule that was refused would be in no later plan.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from mesh.errors import OutsideError
from mesh.terraform.terraform_command import TerraformCommand, json_document

_FILE = "mesh.failed-changes.tfstate"


def take_back(command: TerraformCommand, plan: str | None, failed: Collection[str]) -> str:
    """Saves a state in which changes that failed have the values from before the change.

    Args:
        command: Terraform in the stack's folder.
        plan: the plan that was applied, as `terraform show -json` prints it; None if it cannot be read.
        failed: the addresses of the resources whose change failed.

    Returns:
        A message if the state could not be saved; empty otherwise.
    """
    before = values_before(plan, failed)
    if not before:
        return ""
    file = command.folder / _FILE
    try:
        text = without_changes(json_document(command.ask("read the state of", "state", "pull")), before)
        if text is None:
            return ""
        _write(file, text)
        command.ask("save the state of", "state", "push", _FILE)
    except (OutsideError, OSError, ValueError, KeyError, TypeError) as error:
        names = ", ".join(sorted(before))
        return (
            f"the state says that {names} was changed, so the next plan may be empty ({error}); "
            "`mesh drift` shows what the workspace lacks"
        )
    finally:
        with suppress(OSError):
            file.unlink(missing_ok=True)
    return ""


def values_before(plan: str | None, failed: Collection[str]) -> dict[str, Mapping[str, Any]]:
    """The attributes before the change, by address, of the resources whose change in place failed."""
    changes = json.loads(plan).get("resource_changes", ()) if plan else ()
    return {
        one["address"]: one["change"]["before"]
        for one in changes
        if one["address"] in failed and one["change"]["actions"] == ["update"]
    }


def without_changes(state: str, before: Mapping[str, Mapping[str, Any]]) -> str | None:
    """A state in which resources have their attributes from before a change.

    Args:
        state: the state, as `terraform state pull` prints it.
        before: the attributes by address.

    Returns:
        The text of the new state; None if nothing differs.
    """
    content = json.loads(state)
    differs = False
    for resource in content["resources"]:
        attributes = before.get(f"{resource['type']}.{resource['name']}")
        if resource["mode"] != "managed" or attributes is None:
            continue
        for instance in resource["instances"]:
            now = instance.get("attributes") or {}
            # another object took its place, or Terraform will replace it
            other = now.get("id") != attributes.get("id") or "status" in instance or "deposed" in instance
            if not other and now != attributes:
                instance["attributes"] = dict(attributes)
                differs = True
    if not differs:
        return None
    content["serial"] += 1
    return json.dumps(content, indent=2)


def _write(file: Path, text: str) -> None:
    """Writes a state, which may hold secrets, for this user only."""
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    file.write_text(text, encoding="utf-8")
