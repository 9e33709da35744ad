"""Domains of Databricks' own catalogue and governed tags, as a workspace lists them.

Source: Databricks REST API, "List domains" and "List tag policies"; older SDKs do not have them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient


def domains(on: WorkspaceClient) -> Iterator[Any]:
    """Yields the domains of the account, each with `tag_key` and `name`, by which Terraform imports it."""
    return _pages(on, "/api/2.0/domains", "domains")


def governed_tags(on: WorkspaceClient) -> Iterator[Any]:
    """Yields the governed tags of the account, each with `tag_key`, by which Terraform imports it."""
    return _pages(on, "/api/2.1/tag-policies", "tag_policies")


def _pages(on: WorkspaceClient, path: str, field: str) -> Iterator[Any]:
    query: dict[str, str] = {}
    while True:
        answer = on.api_client.do("GET", path, query=query)
        page: Mapping[str, Any] = answer if isinstance(answer, Mapping) else {}
        yield from (SimpleNamespace(**one) for one in page.get(field) or ())
        if not page.get("next_page_token"):
            return
        query = {"page_token": str(page["next_page_token"])}
