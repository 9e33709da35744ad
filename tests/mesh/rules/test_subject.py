"""What rules are about."""

from __future__ import annotations

from pathlib import Path

from mesh.load import load
from mesh.rules.subject import grant_subjects
from tests.mesh.rules.conftest import ORDERS, ORG, SHOP, TASKS


def test_grants_have_the_path_of_their_level_and_roles_are_expanded(tmp_path: Path) -> None:
    grant = "{principal: analysts, role: reader}"
    files = {
        "orgs/acme/org.yml": ORG + f"grants: [{grant}]\n",
        "orgs/acme/domains/sales/domain.yml": f"grants: [{grant}]",
        f"{SHOP}/project.yml": f"grants: [{grant}]",
        ORDERS: f"grants: [{grant}]\n" + TASKS,
        f"{SHOP}/flows/prep/orders/a.py": "",
    }
    for file, text in files.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text)

    found = [*grant_subjects(load(tmp_path).orgs[0])]

    assert [one.path for one in found] == [
        "acme",
        "acme/sales",
        "acme/sales/shop",
        "acme/sales/shop/prep/orders",
    ]
    assert all("SELECT" in one.grant.privileges for one in found)
    assert found[3].violation("x", "principal").at == ("grants", 0, "principal")
