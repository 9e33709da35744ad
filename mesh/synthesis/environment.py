"""Synthesizes all stacks of an environment, as `main.py` does for `cdktf`."""

from __future__ import annotations

from mesh.deployment import production
from mesh.deployment.foundation_owner import refusals_of_foundation
from mesh.files.files import Files
from mesh.git.checkout import read_git
from mesh.load import loaded
from mesh.mesh import MeshDeployment
from mesh.synthesis.kept_synthesis import KeptSynthesis
from mesh.synthesis.synthesis import synthesis
from mesh.toolkit import toolkit
from mesh.workshop.workshop import ENVIRONMENTS, LOCAL_ENVIRONMENT
from mesh.workshop.workshop_file import read_workshop


def synthesize(kept: KeptSynthesis) -> None:
    """Writes the code of all stacks of the environment MESH_ENV, or of the workshop.

    Args:
        kept: the last synthesis; root, output folder and environment variables are taken from it.

    Raises:
        MeshError: the mesh has errors; nothing was written.
        OutsideError: something outside of the mesh is missing, or production may not be deployed.
        UsageError: there is no mesh or no such environment.
    """
    root, output, environ = kept.models.root, kept.output, kept.models.environ
    toolkit(environ).installed_version()  # fails here where it is not installed, before anything is written
    env = environ.get("MESH_ENV")
    if env in ENVIRONMENTS:
        workshop = read_workshop(root, local=env == LOCAL_ENVIRONMENT)
        synthesis(root, output, environ).write([workshop])
        return
    # Reads the folders, resolves names and commits, and reports all errors before anything is written.
    files = Files(root)
    mesh, git = loaded(files, kept.models), read_git(root, environ)
    deployed = mesh.in_environment(env, git, files=files)
    refusals: dict[str, list[str]] = {}
    # Nobody tells if cdktf deploys or only plans: commands that only plan set MESH_PLAN_ONLY.
    only_plans = bool(environ.get("MESH_PLAN_ONLY"))
    if not only_plans:
        production.require_deployable(deployed.environments, deployed.git)
        # Terraform refuses foundations, so that projects that use them can be deployed
        refusals = {one.stack: refusals_of_foundation(one, deployed.git) for one in deployed.foundations}
    code = synthesis(root, output, environ).write([*deployed.foundations, *deployed.deployments], refusals)
    if _is_repeatable(deployed, only_plans=only_plans):
        kept.keep(mesh.key, git, files, code)


def _is_repeatable(deployed: MeshDeployment, *, only_plans: bool) -> bool:
    """True if the code depends only on what a kept synthesis compares.

    It does not if files of the working tree are uploaded, which may be large, and if the rules of production
    ask git for changed files and for pushed commits.
    """
    if deployed.embedded or any(one.uploads and not one.uploads.commit for one in deployed.deployments):
        return False
    owners = [one.owning_environment for one in deployed.foundations]
    return only_plans or not any(one.production for one in (*deployed.environments, *owners))
