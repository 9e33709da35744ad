"""Domains of Databricks' own catalogue and governed tags: found by their tag, imported by their names."""

from __future__ import annotations

from typing import Any

from mesh.terraform.discover import domains
from mesh.terraform.state import State
from mesh.terraform.workspace import ExistingObject
from tests.mesh.terraform.test_workspace import Object, workspace

PAGES = {
    "/api/2.0/domains": [
        {"domains": [{"name": "domains/1", "tag_key": "acme"}], "next_page_token": "b"},
        {"domains": [{"name": "domains/2", "tag_key": "transport"}], "next_page_token": ""},
    ],
    "/api/2.1/tag-policies": [{"tag_policies": [{"id": "x", "tag_key": "transport"}]}],
}


def client() -> Any:
    """A client that answers page by page."""

    def do(method: str, path: str, query: dict[str, str]) -> Any:
        assert method == "GET"
        return PAGES[path][1 if query.get("page_token") == "b" else 0]

    return Object(do=do)


def test_a_domain_is_found_on_any_page_by_its_tag() -> None:
    on = workspace(api_client=client())

    assert on.find("databricks_domain", "transport") == [ExistingObject("domains/2")]
    assert on.find("databricks_tag_policy", "transport") == [ExistingObject("transport")]
    assert on.find("databricks_domain", "finance") == []


def test_an_account_without_domains_has_none() -> None:
    assert [*domains(Object(api_client=Object(do=lambda *_, query: {})))] == []  # type: ignore[arg-type]


def test_a_state_knows_both_by_the_text_that_imports_them() -> None:
    domain = {"domain_id": "2", "name": "domains/2", "tag_key": "transport"}
    tag = {"id": "x", "tag_key": "transport", "values": None}

    assert State({"databricks_domain.a": domain, "databricks_tag_policy.a": tag}).ids == {
        ("databricks_domain", "domains/2"),
        ("databricks_tag_policy", "transport"),
    }
