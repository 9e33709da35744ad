"""`mesh deploy`: deploys stacks, after checks and the user's confirmation."""

from __future__ import annotations

from collections.abc import Sequence

from mesh.commands.diff import print_diff
from mesh.commands.preflight import Preflight
from mesh.console import confirm, require_terminal
from mesh.deployment import production
from mesh.deployment.stack_order import lacks_dependencies, steps
from mesh.terraform import cdktf
from mesh.terraform.target import Target


def deploy(target: Target, names: Sequence[str], *, auto_approve: bool) -> None:
    """Deploys stacks, foundations first.

    Args:
        target: the mesh in its environment.
        names: stacks, or paths of projects; empty selects all stacks.
        auto_approve: True to deploy without confirmation.

    Raises:
        UsageError: a name matches no stack, or there is no terminal to confirm on.
        OutsideError: a check fails, data would be lost, or the deployment fails.
    """
    selected = target.select(names)
    require_terminal(auto_approve)
    production.require_deployable([stack.environment for stack in selected], target.deployed.git)
    preflight = Preflight(target)
    preflight.warn_about_code(selected)
    preflight.refuse_other_user(selected)
    target.synthesize()
    preflight.refuse_unmanaged(selected)
    preflight.refuse_data_loss(selected)
    preflight.warn_about_changes_by_hand(selected)
    # cdktf does not order stacks whose dependencies are not all deployed with them
    ordered_by_cdktf = auto_approve and not lacks_dependencies(selected)
    for step in [selected] if ordered_by_cdktf else steps(selected):
        if not auto_approve:
            print_diff(target, step)
            if not confirm(f"Deploy {', '.join(stack.stack for stack in step)}?"):
                return
        # not synthesized again: the confirmed diff is what is deployed
        cdktf.deploy(target, [stack.stack for stack in step], partial=lacks_dependencies(step))
