"""Which environment of the mesh each target of a bundle is."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from mesh.commands.import_bundle.node import Node
from mesh.commands.import_bundle.references import References
from mesh.commands.import_bundle.remarks import Remarks
from mesh.commands.import_bundle.source import Bundle
from mesh.finding import nearest

# Other names of the environments that an org has unless it declares its own
_SYNONYMS = {
    "development": "dev", "develop": "dev",
    "production": "prod", "prd": "prod", "live": "prod",
    "testing": "test", "tst": "test", "staging": "test", "stage": "test", "stg": "test", "qa": "test",
}  # fmt: skip


def environments_of(
    bundle: Bundle, known: Mapping[str, Mapping[str, object]], remarks: Remarks
) -> dict[str, str]:
    """Returns the environment of each target; targets without one are left out.

    Args:
        bundle: the bundle.
        known: the environments of the org, with the fields that org.yml declares of each.
        remarks: receives targets without an environment, and settings that belong to org.yml.
    """
    targets = bundle.content.child("targets").fields
    found = {target: target for target in bundle.targets if target in known}
    for target in bundle.targets:
        environment = found.get(target) or _SYNONYMS.get(target.lower(), "")
        if target not in targets:
            continue
        place = targets[target].place
        if target not in found and (environment not in known or environment in found.values()):
            if target != bundle.targets[0]:
                near = nearest(target, known, "environments")
                what = f"target `{target}` is no environment of the org, so what differs in it is left out"
                remedy = f"add it to `environments` of org.yml and import again; {near}"
                remarks.not_taken(place, what, remedy)
            continue
        found[target] = environment
        if environment != target:
            remarks.changed(place, f"target `{target}`", f"the environment `{environment}`")
        _report_settings(bundle, target, environment, known[environment], remarks)
    return found


def _report_settings(
    bundle: Bundle, target: str, environment: str, declared: Mapping[str, object], remarks: Remarks
) -> None:
    """Records the address and the principal of a target that org.yml does not declare."""
    content = bundle.target(target)
    host = References(content, target, {}, remarks).resolved(content.child("workspace", "host"))
    if host.text and "${" not in host.text and not declared.get("workspace"):
        remedy = f"write `environments: {{{environment}: {{workspace: {host.text[:120]}}}}}` in org.yml"
        remarks.not_taken(host.place, f"the address of target `{target}`", remedy)
    mode = content.child("targets", target, "mode")
    if mode.text == "production" and declared.get("mode") != "production" and environment != "prod":
        remedy = f"write `environments: {{{environment}: {{mode: production, run_as: …}}}}` in org.yml"
        remarks.not_taken(mode.place, f"target `{target}` is production", remedy)


def report_settings_of_bundle(content: Node, taken: Collection[str], remarks: Remarks) -> None:
    """Records the settings of a bundle that have no place in a flow.

    Args:
        content: the content of the bundle.
        taken: names of presets that are taken.
        remarks: receives them.
    """
    for name, one in content.child("presets").fields.items():
        if name not in taken:
            remarks.not_taken(one.place, f"preset `{name}`", _PRESETS.get(name, "the mesh does not have it"))
    for name, one in content.child("artifacts").fields.items():
        build = one.child("build").text
        remedy = f"run `{build[:80]}` before you deploy" if build else "build it before you deploy"
        remarks.not_taken(one.place, f"artifact `{name}` is not built by the mesh", remedy)
    for name, remedy in _SECTIONS.items():
        if (section := content.get(name)) is not None and section.value not in ({}, []):
            remarks.not_taken(section.place, f"`{name}` of the bundle", remedy)


_PRESETS = {
    "name_prefix": "the naming templates in .brickopscfg/config.yml name jobs and pipelines",
    "source_linked_deployment": "the mode of the environment decides where code is",
    "artifacts_dynamic_version": "build wheels with the version that you deploy",
}
_SECTIONS = {
    "sync": "the deployment uploads the files of the project",
    "python": "write as YAML what Python code defines: `databricks bundle validate --output json` prints it",
    "scripts": "write it in the Makefile or the pipeline of your repository",
}
