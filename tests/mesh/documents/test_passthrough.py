"""A model that passes the fields of a resource through, in the API's spelling."""

from __future__ import annotations

import pytest

from mesh.documents.document import Document
from mesh.documents.passthrough import PassThrough, shape_schema
from mesh.documents.provider_fields import Shape, shape


class Pool(PassThrough):
    """An instance pool, with one field of the mesh."""

    NAME = "instance_pool_name"

    node: str | None = None

    @classmethod
    def shape(cls) -> Shape:
        """The pool's fields."""
        return shape("instance_pool").optional("instance_pool_name")


def findings(data: dict[str, object]) -> list[str]:
    """The findings of a declaration, as code and message."""
    pool = Pool.model_validate(data)
    return [f"{one.code}: {one.message}" for one in pool.check(Document("compute.yml", {"p": data}), ("p",))]


def test_fields_of_the_resource_are_passed_on_and_those_of_the_mesh_are_not() -> None:
    pool = Pool.model_validate({"node": "small", "max_capacity": 3})

    assert pool.passed == {"max_capacity": 3}
    assert pool.arguments == {"max_capacity": 3}


def test_a_misspelled_field_is_reported_with_the_nearest_name() -> None:
    wrong = findings({"max_capacty": 3, "idle_instance_autotermination_minutes": 1})

    assert wrong == ["unknown-field: unknown field `max_capacty` in p (did you mean `max_capacity`?)"]


def test_the_name_is_the_key_of_the_declaration() -> None:
    wrong = findings({"instance_pool_name": "x", "idle_instance_autotermination_minutes": 1})

    assert [one.partition(":")[0] for one in wrong] == ["name-given"]


def test_a_json_schema_closes_the_fields() -> None:
    schema = Pool.model_json_schema()

    assert schema["additionalProperties"] is False
    assert {"node", "max_capacity"} <= schema["properties"].keys()
    assert shape_schema(Pool.shape())["properties"]["max_capacity"]["type"] == "number"


@pytest.mark.parametrize(
    "value",
    [
        {"fs.azure.account.key.acme.dfs.core.windows.net": "hunter2"},
        {"javax.jdo.option.ConnectionPassword": "hunter2"},
        {"PGPASSWORD": "hunter2"},
        {"clientSecret": "{{secrets/a/b}}hunter2"},
        {"passwords": ["{{secrets/a/b}}", "hunter2"]},
        {"config": '{"apiKey": "hunter2"}'},
        {"url": "jdbc:postgresql://host/db?user=ola&password=hunter2"},
        {"command": "load --password hunter2"},
        {"arguments": ["--user", "ola", "--password", "hunter2"]},
        {"pairs": [{"key": "PGPASSWORD", "value": "hunter2"}]},
        {"secret_key": "hunter2"},
        {"secret_key": "hunter2", "scope": "read"},
        {"secret_scope": "vault", "secret_key": "hunter2 with/other+characters"},
        {"secret_scope": "vault", "password": "hunter2"},
    ],
)
def test_a_secret_that_is_recognized_by_its_name_is_reported_once(value: dict[str, object]) -> None:
    wrong = findings({"idle_instance_autotermination_minutes": 1, "custom_tags": value})

    assert len([one for one in wrong if one.startswith("secret-in-yaml: ")]) == 1
    assert "hunter2" not in str(wrong)


@pytest.mark.parametrize(
    "value",
    [
        {"PGPASSWORD": "{{secrets/scope/key}}"},
        {"passwords": ["{{secrets/a/b}}"]},
        {"password_secret_name": "warehouse"},
        {"url": "jdbc:postgresql://host/db?password={{secrets/scope/key}}"},
        {"arguments": ["--token", "{{job.parameters.token}}"]},
        {"task_key": "token"},
        {"tokens": "token"},
        {"secret_scope": "vault", "secret_key": "warehouse-login"},
        {"dbSecretScope": "vault", "dbSecretKey": "warehouse-login"},
        {"config": '{"secret_scope": "vault", "secret_key": "warehouse-login"}'},
        {"command": "load --secret-scope kv --secret-key warehouse-login"},
        {"arguments": ["--secret-scope", "kv", "--secret-key", "warehouse-login"]},
    ],
)
def test_references_and_names_of_secrets_are_allowed(value: dict[str, object]) -> None:
    wrong = findings({"idle_instance_autotermination_minutes": 1, "custom_tags": value})

    assert "secret-in-yaml" not in str(wrong)
