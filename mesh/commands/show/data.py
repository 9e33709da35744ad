"""`mesh show`: the schemas, volumes, models and experiment of a flow, with owners and grants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mesh.commands.show.access_policy import policy_facts
from mesh.commands.show.fact_tree import Fact, Facts
from mesh.commands.show.view import DeploymentView, permission_facts, protection_fact
from mesh.deployment.catalog import Catalog
from mesh.deployment.flow import FlowDeployment
from mesh.documents.document import Document, Location
from mesh.model.catalog_function import CatalogFunction
from mesh.model.defaults import BUILT_IN_ORIGIN
from mesh.model.experiment import Experiment
from mesh.model.flow import Flow
from mesh.model.grant import Grant
from mesh.model.registered_model import RegisteredModel, RegisteredModelFile
from mesh.model.schema import DEPLOYMENT_PROPERTY, Schema
from mesh.model.table import Table
from mesh.model.volume import Volume, VolumeFile


def data_facts(view: DeploymentView, flow: FlowDeployment, declared: Flow) -> Iterator[Facts]:
    """The data objects of a flow.

    Args:
        view: the deployment.
        flow: the flow in the deployment.
        declared: the declared flow.
    """
    filled = {f"{flow.catalog}.{name}" for name in flow.schema_names}
    schemas = [one for one in view.deployment.schemas if one.full_name in filled]
    ids = {one.id for one in schemas}
    volumes = [one for one in view.deployment.volumes if one.schema in ids]
    models = [one for one in view.deployment.registered_models if one.schema in ids]
    if schemas:
        yield Facts("catalog", [catalog_facts(view, flow.catalog)])
    yield Facts("schemas", [_schema_facts(view, one, declared) for one in schemas])
    yield Facts(
        "tables",
        [_table_facts(view, one, declared) for one in view.deployment.tables if one.flow == flow.path],
    )
    functions = [one for one in view.deployment.functions if one.flow == flow.path]
    yield Facts("functions", [_function_facts(view, one, declared) for one in functions])
    policies = [one for one in view.deployment.policies if one.flow == flow.path]
    yield Facts(
        "policies", [policy_facts(one, declared.document, ("policies", one.name)) for one in policies]
    )
    yield Facts("volumes", [volume_facts(view, one) for one in volumes])
    yield Facts("registered_models", [model_facts(view, one) for one in models])
    if flow.experiment:
        yield Facts("experiment", [_experiment_facts(view, flow.experiment, declared)])


def catalog_facts(view: DeploymentView, name: str) -> Facts:
    """A catalog, which the foundation of the metastore creates."""
    template, place = view.template("catalog")
    catalogs = [(one, foundation) for foundation in view.foundations for one in foundation.catalogs]
    facts: list[Fact | Facts] = [Fact("template", template, place)]
    for one, foundation in catalogs:
        if one.name == name:
            facts.append(Fact("made_by", foundation.stack, BUILT_IN_ORIGIN))
            facts += _catalog(view, one)
    return Facts(name, facts)


def _table_facts(view: DeploymentView, table: Table, flow: Flow) -> Facts:
    """What hangs on a table; the code of the flow creates the table and its columns."""
    at: Location = ("tables", table.declared or "")
    place = flow.document.position(at) if table.declared else flow.document.position(("consumers",))
    facts: list[Fact | Facts] = [Fact("name", table.name, place)]
    facts.append(_tags(table.tags, flow.document, (*at, "tags")))
    columns = [
        _tags(tags, flow.document, (*at, "columns", column, "tags"), column)
        for column, tags in table.column_tags.items()
    ]
    return Facts(table.full_name, [*facts, Facts("columns", columns), grant_facts(view, table.grants)])


def _function_facts(view: DeploymentView, function: CatalogFunction, flow: Flow) -> Facts:
    """A function: the file that creates it, and its grants."""
    at = ("functions", function.declared or "")
    made = Fact("file", function.file, f"{function.file}:1") if function.file else None
    named = Fact("name", function.declared, flow.document.position(at)) if function.declared else None
    return Facts(function.full_name, [*filter(None, (made, named)), grant_facts(view, function.grants)])


def _tags(tags: Mapping[str, str], document: Document, at: Location, name: str = "tags") -> Facts:
    return Facts(name, [Fact(key, value, document.position((*at, key))) for key, value in tags.items()])


def volume_facts(view: DeploymentView, volume: Volume) -> Facts:
    """A volume."""
    document = view.scope.project.document
    declared = view.scope.project.declared.volumes[volume.declared_name]
    at = ("volumes", volume.declared_name)
    facts: list[Fact | Facts] = [Fact("schema", volume.schema_name, document.position((*at, "schema")))]
    facts.append(_owner(view, volume, declared, document, at))
    facts += _comment(volume.comment, document, (*at, "comment"))
    if volume.storage_location:
        field = "storage_location" if declared.storage_location else "external_location"
        facts.append(Fact("storage_location", volume.storage_location, document.position((*at, field))))
    facts += [protection_fact(view, volume.protected), grant_facts(view, volume.grants)]
    return Facts(volume.full_name, facts)


def model_facts(view: DeploymentView, model: RegisteredModel) -> Facts:
    """A registered model."""
    document = view.scope.project.document
    declared = view.scope.project.declared.registered_models[model.declared_name]
    at = ("registered_models", model.declared_name)
    facts: list[Fact | Facts] = [Fact("schema", model.schema_name, document.position((*at, "schema")))]
    facts.append(_owner(view, model, declared, document, at))
    facts += _comment(model.comment, document, (*at, "comment"))
    facts += [protection_fact(view, model.protected), grant_facts(view, model.grants)]
    return Facts(model.full_name, facts)


def _experiment_facts(view: DeploymentView, experiment: Experiment, flow: Flow) -> Facts:
    """The experiment of a flow."""
    document, at = flow.document, ("experiment",)
    facts: list[Fact | Facts] = []
    if flow.declared.renamed_from:
        facts.append(Fact("named_after", flow.data_name, document.position(("renamed_from",))))
    if location := experiment.arguments.get("artifact_location"):
        facts.append(Fact("artifact_location", location, document.position((*at, "artifact_location"))))
    tags = [_experiment_tag(tag, flow) for tag in experiment.arguments.get("tags", ())]
    facts += [Facts("tags", tags), protection_fact(view, experiment.protected)]
    facts.append(Facts("permissions", list(permission_facts(experiment.permissions))))
    return Facts(experiment.name, facts)


def _experiment_tag(tag: Mapping[str, str], flow: Flow) -> Fact:
    """A tag of an experiment; MLflow stores the description as a tag."""
    experiment, at = flow.declared.experiment, ("experiment",)
    declared = list(experiment.passed.get("tags", ())) if experiment else []
    place: Location = (
        (*at, "description") if experiment and experiment.description is not None else ("description",)
    )
    if tag in declared:
        place = (*at, "tags", declared.index(tag))
    return Fact(tag.get("key", ""), tag.get("value", ""), flow.document.position(place))


def grant_facts(view: DeploymentView, grants: tuple[Grant, ...]) -> Facts:
    """The privileges of each principal, with roles expanded."""
    run_as = f"run_as, {view.in_org('run_as')}"
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


def _catalog(view: DeploymentView, catalog: Catalog) -> Iterator[Fact | Facts]:
    level = view.levels[len(catalog.level)]
    document, declared, above = level.document, level.declared.catalog, view.levels[: len(catalog.level) + 1]
    for field, inherited in (("owner", "owner"), ("comment", "description")):
        is_set = declared is not None and getattr(declared, field)
        place = document.position(("catalog", field)) if is_set else view.nearest(inherited, above)
        if value := getattr(catalog, field):
            yield Fact(field, value, place)
        elif field == "owner":
            yield _deployer()
    for field in ("isolation_mode", "storage_root"):
        if value := getattr(catalog, field):
            yield Fact(field, value, document.position(("catalog", field)))
    yield _properties(catalog.properties, document, ("catalog", "properties"))
    at = ("catalog", "workspaces")
    yield Facts(
        "workspaces", [Fact(id, how, document.position((*at, id))) for id, how in catalog.workspaces.items()]
    )
    at = ("catalog", "policies")
    policies = [policy_facts(one, document, (*at, one.name)) for one in catalog.policies]
    yield Facts("policies", policies)
    yield protection_fact(view, catalog.protected)
    yield grant_facts(view, catalog.grants)


def _schema_facts(view: DeploymentView, schema: Schema, declared: Flow) -> Facts:
    template, place = view.template("db")
    declaration = (declared.declared.schemas or {}).get(schema.db)
    at = ("schemas", schema.db)
    document = declared.document
    facts: list[Fact | Facts] = [Fact("template", template, place)]
    if declared.declared.renamed_from:
        facts.append(Fact("named_after", declared.data_name, document.position(("renamed_from",))))
    facts.append(_schema_owner(view, schema, declared))
    facts += _comment(
        schema.comment,
        document,
        (*at, "comment") if declaration and declaration.comment else ("description",),
    )
    if schema.storage_root:
        facts.append(Fact("storage_root", schema.storage_root, document.position((*at, "storage_root"))))
    facts.append(_properties(schema.properties, document, (*at, "properties")))
    if schema.domain_tag:
        facts.append(Fact("discover", schema.domain_tag, view.nearest("discover", view.levels[:2])))
    facts += [protection_fact(view, schema.protected), grant_facts(view, schema.grants)]
    return Facts(schema.full_name, facts)


def _schema_owner(view: DeploymentView, schema: Schema, flow: Flow) -> Fact:
    """The owner of a schema: declared for the schema, or inherited from the nearest level."""
    if schema.owner is None:
        return _deployer()
    declaration = (flow.declared.schemas or {}).get(schema.db)
    if declaration and declaration.owner:
        return Fact("owner", schema.owner, flow.document.position(("schemas", schema.db, "owner")))
    return Fact("owner", schema.owner, view.nearest("owner", (*view.levels, flow)))


def _owner(
    view: DeploymentView,
    data_object: Volume | RegisteredModel,
    declared: VolumeFile | RegisteredModelFile,
    document: Document,
    at: Location,
) -> Fact:
    """The owner of a volume or model: declared for it, or the owner of its schema."""
    if data_object.owner and declared.owner:
        return Fact("owner", data_object.owner, document.position((*at, "owner")))
    schemas = {schema.id: (schema, flow.path) for flow in view.deployment.flows for schema in flow.schemas}
    schema, path = schemas[data_object.schema]
    return _schema_owner(view, schema, next(one for one in view.scope.project.flows if one.path == path))


def _comment(comment: str | None, document: Document, at: Location) -> Iterator[Fact]:
    if comment:
        yield Fact("comment", comment, document.position(at))


def _deployer() -> Fact:
    return Fact("owner", "the deployer", BUILT_IN_ORIGIN)


def _properties(properties: Mapping[str, str], document: Document, at: Location) -> Facts:
    return Facts(
        "properties",
        [
            Fact(key, value, BUILT_IN_ORIGIN if key == DEPLOYMENT_PROPERTY else document.position((*at, key)))
            for key, value in properties.items()
        ],
    )
