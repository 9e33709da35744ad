"""Rule `name-style`."""

from __future__ import annotations

import pytest

from tests.mesh.rules.conftest import TASKS, Found

FLOW = "orgs/acme/domains/sales/projects/{}/flows/prep/{}"


def files(project: str, flow: str) -> dict[str, str]:
    folder = FLOW.format(project, flow)
    return {f"{folder}/deployment.yml": TASKS, f"{folder}/a.py": ""}


def test_names_in_style_are_fine(found: Found) -> None:
    assert found("rules: {name-style: {}}", files("web_shop2", "net_orders")) == []


@pytest.mark.parametrize(
    ("style", "project", "wrong"),
    [
        ("snake_case", "web-shop", True),
        ("snake_case", "WebShop", True),
        ("snake_case", "web__shop", True),
        ("snake_case", "2shop", True),
        ("kebab-case", "web-shop", False),
        ("kebab-case", "web_shop", True),
        ("lowercase", "webshop", False),
        ("lowercase", "web_shop", True),
        ("snake_case", "ølsalg", False),
    ],
)
def test_each_style_has_its_separator(style: str, project: str, wrong: bool, found: Found) -> None:
    message = f"project.yml:1: the name `{project}` is not in {style} (rename the folder) [name-style]"

    assert found(f"rules: {{name-style: {{style: {style}}}}}", files(project, "items")) == [message] * wrong


def test_long_names_are_found(found: Found) -> None:
    (message,) = found("rules: {name-style: {longest: 6}}", files("shop", "monthly"))

    assert message == (
        "deployment.yml:1: the name `monthly` has more than 6 characters (shorten it) [name-style]"
    )
