"""Backends in org.yml, and the state of each deployment in them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesh.deployment.identity import segment
from mesh.documents.document import read
from mesh.documents.provider_fields import names, shape
from mesh.model.backend import FROM_ENVIRONMENT, SECRETS, Backend, backend

KEY = f"acme/transport/taxinyc/dev/ola@acme.example/feature%2Ftips/{'5bd01c2f' * 5}"
READABLE = f"acme/transport/taxinyc/dev/ola@acme.example/feature!2Ftips/{'5bd01c2f' * 5}"
# What each kind has to be told, and what keeps one state from another there.
LEAST: dict[str, Any] = {
    "azurerm": {"storage_account_name": "a", "container_name": "b"},
    "cloud": {},
    "consul": {},
    "cos": {"bucket": "a"},
    "gcs": {"bucket": "a"},
    "http": {"address": "https://a.example/{state}"},
    "local": {},
    "oss": {"bucket": "a"},
    "pg": {},
    "remote": {"organization": "a"},
    "s3": {"bucket": "a"},
}


def declared(tmp_path: Path, text: str) -> tuple[Backend | None, list[str]]:
    (tmp_path / "org.yml").write_text(f"backend: {text}\n")
    document, wrong = read(tmp_path / "org.yml", tmp_path)
    found, findings = backend(document.data["backend"], document, ("backend",))
    return found, [f"{one.line}:{one.column}: {one.message} [{one.code}]" for one in wrong + findings]


def test_a_backend_is_its_name_and_its_arguments(tmp_path: Path) -> None:
    assert declared(tmp_path, "{s3: {bucket: acme-terraform, region: eu-west-1, use_lockfile: true}}") == (
        Backend("s3", {"bucket": "acme-terraform", "region": "eu-west-1", "use_lockfile": True}),
        [],
    )
    assert declared(tmp_path, "{pg: }") == (Backend("pg", {}), [])


@pytest.mark.parametrize("kind", names("backends"))
def test_arguments_from_the_mesh_or_the_environment_need_not_be_declared(tmp_path: Path, kind: str) -> None:
    found, wrong = backend({kind: LEAST[kind]}, *nowhere(tmp_path))

    assert wrong == []
    assert found == Backend(kind, LEAST[kind])
    required = {field.name for field in shape(kind, "backends").fields.values() if field.required}
    assert required <= found.at(KEY).arguments.keys() | set(FROM_ENVIRONMENT.get(kind, ()))


def nowhere(tmp_path: Path) -> Any:
    return read(tmp_path / "org.yml", tmp_path)[0], ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "[s3]",
            "1:10: `backend` should be a mapping of a backend's name to its arguments (backends: "
            "azurerm, cloud, consul, cos, gcs, http, local, oss, pg, remote, s3) [wrong-type]",
        ),
        (
            "{s3: {bucket: a}, gcs: {bucket: a}}",
            "1:10: `backend` names 2 backends: s3, gcs (keep one of: azurerm, cloud, consul, cos, gcs, "
            "http, local, oss, pg, remote, s3) [one-backend]",
        ),
        ("{postgres: {}}", "1:11: backend `postgres` is unknown (backends: azurerm, cloud, consul, cos, gcs, http, local, oss, pg, remote, s3) [unknown-backend]"),
        ("{azure: {}}", "1:11: backend `azure` is unknown (did you mean `azurerm`?) [unknown-backend]"),
        ("{s3: [a]}", "1:15: `s3` is a list: should be a mapping of fields to values [wrong-type]"),
        ("{s3: {}}", "1:15: `bucket` is missing in s3 (add it) [missing-field]"),
        ("{s3: {bucket: a, regoin: b}}", "1:27: unknown field `regoin` in s3 (did you mean `region`?) [unknown-field]"),
        ("{s3: {bucket: a, encrypt: 'yes'}}", '1:36: `encrypt` is `"yes"`: should be true or false [wrong-type]'),
        ("{gcs: {bucket: a, storeage_custom_endpoint: b}}", "1:28: unknown field `storeage_custom_endpoint` in gcs (did you mean `storage_custom_endpoint`?) [unknown-field]"),
        ("{cloud: {workspaces: {tags: [a]}}}", "1:32: unknown field `tags` in workspaces (fields: name, project) [unknown-field]"),
        ("{http: {address: 'https://a.example/x', lock_address: 'https://a.example/{state}'}}", "1:27: `address` is the same for every deployment (put `{state}` in the place of its name) [backend-without-state]"),
        ("{http: {address: 'https://a.example/{state}', unlock_address: 'https://a.example/x'}}", "1:72: `unlock_address` is the same for every deployment (put `{state}` in the place of its name) [backend-without-state]"),
        ("{http: {}}", "1:17: `address` is missing in http (add it) [missing-field]"),
        ("{local: {path: ../state}}", "1:25: state at `../state` would be outside the repository (write a folder inside it) [state-outside]"),
        ("{local: {path: /state}}", "1:25: state at `/state` would be outside the repository (write a folder inside it) [state-outside]"),
        (f"{{pg: {{schema_name: {'a' * 40}}}}}", "1:29: `schema_name` leaves too few of 63 characters for a deployment's name (shorten it) [state-name-too-long]"),
    ],
)  # fmt: skip
def test_errors_of_a_backend_are_reported_with_their_positions(tmp_path: Path, text: str, said: str) -> None:
    assert declared(tmp_path, text) == (None, [said])


SECRET = "hunter2"


@pytest.mark.parametrize(
    ("text", "argument", "variable"),
    [
        *((f"{{{kind}: {{{name}: {SECRET}}}}}", name, variable)
          for kind, secrets in SECRETS.items() for name, variable in secrets.items()
          if name in shape(kind, "backends").fields and not re.search("address|conn_str|credentials|proxy", name)),
        ("{s3: {bucket: a, token: 12342}}", "token", "AWS_SESSION_TOKEN"),
        (f"{{s3: {{bucket: a, assume_role_with_web_identity: {{web_identity_token: {SECRET}}}}}}}", "web_identity_token", "AWS_WEB_IDENTITY_TOKEN_FILE"),
        (f"{{pg: {{conn_str: 'postgres://db.example/state?password={SECRET}'}}}}", "conn_str", "PG_CONN_STR or PGPASSWORD"),
        (f"{{pg: {{conn_str: 'host=db.example password = {SECRET}'}}}}", "conn_str", "PG_CONN_STR or PGPASSWORD"),
        (f"{{gcs: {{bucket: a, credentials: '{{\"private_key\": \"{SECRET}\"}}'}}}}", "credentials", "GOOGLE_BACKEND_CREDENTIALS"),
        (f"{{http: {{address: 'https://a.example/{{state}}?private_token={SECRET}'}}}}", "address", "TF_HTTP_USERNAME and TF_HTTP_PASSWORD"),
    ],
)  # fmt: skip
def test_a_secret_is_refused_with_the_variable_that_may_hold_it(
    tmp_path: Path, text: str, argument: str, variable: str
) -> None:
    """Its value is in no message."""
    found, said = declared(tmp_path, text)

    assert found is None
    assert [one for one in said if one.endswith("[secret-in-yaml]")] == [
        f"1:{text.index(argument) + 10 + len(argument) + 2}: `{argument}` is a secret, which may not be in "
        f"a file (remove it and set {variable} in the environment) [secret-in-yaml]"
    ]
    assert SECRET not in str(said) and "12342" not in str(said)


@pytest.mark.parametrize(
    "text",
    [
        f"{{s3: {{bucket: a, https_proxy: 'http://a:{SECRET}@proxy.example'}}}}",
        f"{{pg: {{conn_str: 'postgres://mesh:{SECRET}@db.example/state'}}}}",
        f"{{http: {{address: 'https://mesh:{SECRET}@a.example/{{state}}'}}}}",
    ],
)
def test_an_address_with_a_password_is_refused(tmp_path: Path, text: str) -> None:
    _, said = declared(tmp_path, text)

    assert said[0].startswith("1:") and said[0].endswith("[secret-in-yaml]")
    assert SECRET not in str(said)


@pytest.mark.parametrize(
    "text",
    [
        "{pg: {conn_str: 'postgres://mesh@db.example/state?sslmode=verify-full'}}",
        "{gcs: {bucket: a, credentials: /etc/mesh/account.json, prefix: '{state}'}}",
        "{http: {address: 'https://a.example/{state}?ref=main'}}",
        "{s3: {bucket: a, kms_key_id: 'arn:aws:kms:eu-west-1:1:key/2', https_proxy: 'http://proxy.example'}}",
    ],
)
def test_a_reference_to_a_secret_is_not_a_secret(tmp_path: Path, text: str) -> None:
    assert declared(tmp_path, text)[1] == []


def test_every_argument_named_like_a_secret_is_classified() -> None:
    """Newer bindings may add arguments: add them to one of the two lists."""
    sound = re.compile("pass|secret|token|private|credential|key|auth|pem")
    harmless = {
        *(
            "key",
            "kms_key_id",
            "kms_encryption_key",
            "workspace_key_prefix",
            "key_file",
            "transitive_tag_keys",
        ),
        *("oidc_request_url", "oidc_token_file_path", "web_identity_token_file", "use_azuread_auth"),
        *("shared_credentials_file", "shared_credentials_files", "skip_credentials_validation"),
        *("client_ca_certificate_pem", "client_certificate_pem"),
    }

    for kind in names("backends"):
        fields = shape(kind, "backends").fields
        inner = {n for f in fields.values() if not isinstance(f.type, str) for n in f.type.fields}
        unknown = {name for name in fields.keys() | inner if sound.search(name)} - harmless
        assert unknown - SECRETS.get(kind, {}).keys() == set()


@pytest.mark.parametrize(
    ("arguments", "place"),
    [
        (Backend("local", {}), {"path": f".mesh/state/{KEY}/mesh.tfstate"}),
        (Backend("local", {"path": ".mesh/local/state/"}), {"path": f".mesh/local/state/{KEY}/mesh.tfstate"}),
        (Backend("s3", {"bucket": "a"}), {"bucket": "a", "key": f"{READABLE}/mesh.tfstate"}),
        (Backend("s3", {"key": "terraform/"}), {"key": f"terraform/{READABLE}/mesh.tfstate"}),
        (Backend("s3", {"key": "{state}.tfstate"}), {"key": f"{READABLE}.tfstate"}),
        (Backend("s3", {"key": "a", "profile": "{state}"}), {"key": "a", "profile": READABLE}),
        (Backend("azurerm", {"key": "a"}), {"key": f"a/{READABLE}/mesh.tfstate"}),
        (Backend("gcs", {"prefix": "a"}), {"prefix": f"a/{READABLE}"}),
        (Backend("consul", {}), {"path": READABLE}),
        (Backend("cos", {}), {"key": f"{READABLE}/mesh.tfstate"}),
        (Backend("oss", {}), {"key": f"{READABLE}/mesh.tfstate"}),
        (Backend("pg", {}), {"schema_name": "acme_transport_taxinyc_dev_ola_acme_example_fe_e157e6fa2c923b99"}),
        (Backend("pg", {"schema_name": "mesh"}), {"schema_name": "mesh_acme_transport_taxinyc_dev_ola_acme_examp_e157e6fa2c923b99"}),
        (Backend("pg", {"schema_name": "{state}_tf"}), {"schema_name": "acme_transport_taxinyc_dev_ola_acme_example_e157e6fa2c923b99_tf"}),
        (
            Backend("cloud", {"workspaces": {"name": "mesh-", "project": "b"}}),
            {"workspaces": {"name": "mesh-acme-transport-taxinyc-dev-ola-acme-example-feature-tips-5bd01c2f5bd-e157e6fa2c923b99", "project": "b"}},
        ),
        (Backend("remote", {}), {"workspaces": {"name": "acme-transport-taxinyc-dev-ola-acme-example-feature-tips-5bd01c2f5bd01c2f-e157e6fa2c923b99"}}),
        (
            Backend("http", {"address": "https://a.example/{state}", "lock_address": "https://a.example/{state}/lock"}),
            {
                "address": "https://a.example/acme-transport-taxinyc-dev-ola-acme-example-feature-tips-5bd01c2f5bd01c2f-e157e6fa2c923b99",
                "lock_address": "https://a.example/acme-transport-taxinyc-dev-ola-acme-example-feature-tips-5bd01c2f5bd01c2f-e157e6fa2c923b99/lock",
            },
        ),
    ],
)  # fmt: skip
def test_the_state_of_a_deployment_has_a_readable_path_below_the_declared_one(
    arguments: Backend, place: dict[str, Any]
) -> None:
    assert arguments.at(KEY) == Backend(arguments.kind, place)


def test_a_prefix_of_workspaces_comes_before_the_deployment_s_name(tmp_path: Path) -> None:
    found, wrong = declared(tmp_path, "{remote: {organization: a, workspaces: {prefix: mesh-}}}")

    assert wrong == [] and found is not None
    assert found.at("acme/prod").arguments["workspaces"] == {"name": "mesh-acme-prod-df9891e3242af85b"}


PARTS = st.lists(st.text(min_size=1, max_size=80), min_size=1, max_size=5)


@given(
    first=PARTS, second=PARTS, kind=st.sampled_from(names("backends")), prefix=st.sampled_from(["", "mesh"])
)
def test_two_deployments_never_share_a_state_and_every_name_is_short_enough(
    first: list[str], second: list[str], kind: str, prefix: str
) -> None:
    keys = ["/".join(map(segment, parts)) for parts in (first, second)]
    argument = {"pg": "schema_name", "s3": "key", "azurerm": "key", "gcs": "prefix"}.get(kind, "none")
    declared = Backend(kind, {**LEAST[kind], **({argument: prefix} if prefix and argument != "none" else {})})

    one, other = (declared.at(key) for key in keys)

    assert (one == other) == (first == second)
    if kind == "pg":
        assert len(one.arguments["schema_name"].encode()) <= 63
        assert (
            one.arguments["schema_name"].lower() != other.arguments["schema_name"].lower() or first == second
        )
    if kind in ("remote", "cloud"):
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,90}", one.arguments["workspaces"]["name"])
