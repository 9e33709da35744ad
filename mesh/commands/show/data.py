"""The data of a flow, as `mesh show` tells it: what it fills, where it tracks, and who may do what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mesh.commands.show.fact_tree import Fact, Facts
from mesh.commands.show.view import Shown, permission_facts, protection_fact
from mesh.deployment.catalog import Catalog
from mesh.deployment.deployment import DeployedFlow
from mesh.deployment.job_settings import BUILT_IN
from mesh.documents.document import Document, Location
from mesh.model.experiment import Experiment
from mesh.model.flow import Flow
from mesh.model.grant import Grant
from mesh.model.registered_model import RegisteredModel, RegisteredModelFile
from mesh.model.schema import DEPLOYMENT_PROPERTY, Schema
from mesh.model.volume import Volume, VolumeFile


def data_facts(shown: Shown, flow: DeployedFlow, declared: Flow) -> Iterator[Facts]:
    """The data that a flow fills.

    Args:
        shown: the deployment.
        flow: the flow as it is deployed.
        declared: the flow as its folder declares it.
    """
    filled = {f"{flow.catalog}.{name}" for name in flow.schema_names}
    schemas = [one for one in shown.deployment.schemas if one.full_name in filled]
    ids = {one.id for one in schemas}
    volumes = [one for one in shown.deployment.volumes if one.schema in ids]
    models = [one for one in shown.deployment.registered_models if one.schema in ids]
    if schemas:
        yield Facts("catalog", [catalog_facts(shown, flow.catalog)])
    yield Facts("schemas", [_schema_facts(shown, one, declared) for one in schemas])
    yield Facts("volumes", [volume_facts(shown, one) for one in volumes])
    yield Facts("registered_models", [model_facts(shown, one) for one in models])
    if flow.experiment:
        yield Facts("experiment", [_experiment_facts(shown, flow.experiment, declared)])


def catalog_facts(shown: Shown, name: str) -> Facts:
    """A catalog, which the foundation of the metastore makes."""
    template, place = shown.template("catalog")
    made = [(one, foundation) for foundation in shown.foundations for one in foundation.catalogs]
    facts: list[Fact | Facts] = [Fact("template", template, place)]
    for one, foundation in made:
        if one.name == name:
            facts.append(Fact("made_by", foundation.stack, BUILT_IN))
            facts += _catalog(shown, one)
    return Facts(name, facts)


def volume_facts(shown: Shown, volume: Volume) -> Facts:
    """A volume."""
    document = shown.scope.project.document
    declared = shown.scope.project.declared.volumes[volume.name]
    at = ("volumes", volume.name)
    facts: list[Fact | Facts] = [Fact("schema", volume.schema_name, document.place((*at, "schema")))]
    facts.append(_owner(shown, volume, declared, document, at))
    facts += _comment(volume.comment, document, (*at, "comment"))
    if volume.storage_location:
        field = "storage_location" if declared.storage_location else "external_location"
        facts.append(Fact("storage_location", volume.storage_location, document.place((*at, field))))
    facts += [protection_fact(shown, volume.protected), grant_facts(shown, volume.grants)]
    return Facts(volume.full_name, facts)


def model_facts(shown: Shown, model: RegisteredModel) -> Facts:
    """A registered model."""
    document = shown.scope.project.document
    declared = shown.scope.project.declared.registered_models[model.name]
    at = ("registered_models", model.name)
    facts: list[Fact | Facts] = [Fact("schema", model.schema_name, document.place((*at, "schema")))]
    facts.append(_owner(shown, model, declared, document, at))
    facts += _comment(model.comment, document, (*at, "comment"))
    facts += [protection_fact(shown, model.protected), grant_facts(shown, model.grants)]
    return Facts(model.full_name, facts)


def _experiment_facts(shown: Shown, experiment: Experiment, flow: Flow) -> Facts:
    """The experiment that a flow declares."""
    document, at = flow.document, ("experiment",)
    facts: list[Fact | Facts] = []
    if flow.declared.renamed_from:
        facts.append(Fact("named_after", flow.data_name, document.place(("renamed_from",))))
    if location := experiment.arguments.get("artifact_location"):
        facts.append(Fact("artifact_location", location, document.place((*at, "artifact_location"))))
    tags = [_experiment_tag(tag, flow) for tag in experiment.arguments.get("tags", ())]
    facts += [Facts("tags", tags), protection_fact(shown, experiment.protected)]
    facts.append(Facts("permissions", list(permission_facts(experiment.permissions))))
    return Facts(experiment.name, facts)


def _experiment_tag(tag: Mapping[str, str], flow: Flow) -> Fact:
    """A tag of an experiment: as declared, or the description, which MLflow keeps as one."""
    said, at = flow.declared.experiment, ("experiment",)
    declared = list(said.passed.get("tags", ())) if said else []
    place: Location = ("description",) if not said or said.description is None else (*at, "description")
    if tag in declared:
        place = (*at, "tags", declared.index(tag))
    return Fact(tag.get("key", ""), tag.get("value", ""), flow.document.place(place))


def grant_facts(shown: Shown, grants: tuple[Grant, ...]) -> Facts:
    """What each principal may do, with roles expanded."""
    run_as = f"run_as, {shown.in_org('run_as')}"
    return Facts(
        "grants",
        [
            Fact(
                one.principal,
                list(one.privileges),
                "; ".join(run_as if origin == "run_as" else origin for origin in one.origins),
            )
            for one in grants
        ],
    )


def _catalog(shown: Shown, one: Catalog) -> Iterator[Fact | Facts]:
    level = shown.levels[len(one.level)]
    document, declared, above = level.document, level.declared.catalog, shown.levels[: len(one.level) + 1]
    for field, inherited in (("owner", "owner"), ("comment", "description")):
        said = declared is not None and getattr(declared, field)
        place = document.place(("catalog", field)) if said else shown.nearest(inherited, above)
        if value := getattr(one, field):
            yield Fact(field, value, place)
        elif field == "owner":
            yield _deployer()
    for field in ("isolation_mode", "storage_root"):
        if value := getattr(one, field):
            yield Fact(field, value, document.place(("catalog", field)))
    yield _properties(one.properties, document, ("catalog", "properties"))
    at = ("catalog", "workspaces")
    yield Facts(
        "workspaces", [Fact(id, how, document.place((*at, id))) for id, how in one.workspaces.items()]
    )
    yield protection_fact(shown, one.protected)
    yield grant_facts(shown, one.grants)


def _schema_facts(shown: Shown, schema: Schema, declared: Flow) -> Facts:
    template, place = shown.template("db")
    said = (declared.declared.schemas or {}).get(schema.db)
    at = ("schemas", schema.db)
    document = declared.document
    facts: list[Fact | Facts] = [Fact("template", template, place)]
    if declared.declared.renamed_from:
        facts.append(Fact("named_after", declared.data_name, document.place(("renamed_from",))))
    facts.append(_schema_owner(shown, schema, declared))
    facts += _comment(
        schema.comment, document, (*at, "comment") if said and said.comment else ("description",)
    )
    if schema.storage_root:
        facts.append(Fact("storage_root", schema.storage_root, document.place((*at, "storage_root"))))
    facts.append(_properties(schema.properties, document, (*at, "properties")))
    facts += [protection_fact(shown, schema.protected), grant_facts(shown, schema.grants)]
    return Facts(schema.full_name, facts)


def _schema_owner(shown: Shown, schema: Schema, flow: Flow) -> Fact:
    """The owner of a schema: its own, else that of the nearest level."""
    if schema.owner is None:
        return _deployer()
    said = (flow.declared.schemas or {}).get(schema.db)
    if said and said.owner:
        return Fact("owner", schema.owner, flow.document.place(("schemas", schema.db, "owner")))
    return Fact("owner", schema.owner, shown.nearest("owner", (*shown.levels, flow)))


def _owner(
    shown: Shown,
    thing: Volume | RegisteredModel,
    declared: VolumeFile | RegisteredModelFile,
    document: Document,
    at: Location,
) -> Fact:
    """The owner of a volume or model: its own, else that of its schema."""
    if thing.owner and declared.owner:
        return Fact("owner", thing.owner, document.place((*at, "owner")))
    made = {schema.id: (schema, flow.path) for flow in shown.deployment.flows for schema in flow.schemas}
    schema, path = made[thing.schema]
    return _schema_owner(shown, schema, next(one for one in shown.scope.project.flows if one.path == path))


def _comment(comment: str | None, document: Document, at: Location) -> Iterator[Fact]:
    if comment:
        yield Fact("comment", comment, document.place(at))


def _deployer() -> Fact:
    return Fact("owner", "whoever deploys", BUILT_IN)


def _properties(properties: Mapping[str, str], document: Document, at: Location) -> Facts:
    return Facts(
        "properties",
        [
            Fact(key, value, BUILT_IN if key == DEPLOYMENT_PROPERTY else document.place((*at, key)))
            for key, value in properties.items()
        ],
    )
