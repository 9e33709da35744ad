"""Grants."""

from __future__ import annotations

from mesh.model.grant import Grant, applicable, catalog_only, merged, use_schema


def test_grants_are_merged_by_principal() -> None:
    """The order of the files does not matter."""
    first, second = Grant("b", ("SELECT",), ("x:1",)), Grant("b", ("MODIFY",), ("y:1",))
    other = Grant("a", ("SELECT",))
    privileges = [(grant.principal, grant.privileges) for grant in merged([first, other, second])]
    assert privileges == [("a", ("SELECT",)), ("b", ("MODIFY", "SELECT"))]
    assert merged([first, second])[0].origins == ("x:1", "y:1")


def test_a_principal_in_two_spellings_is_one_principal() -> None:
    """The provider ignores case: of two blocks, it would send one."""
    given = [Grant("ada@acme.example", ("SELECT",)), Grant("Ada@acme.example", ("MODIFY",))]
    assert merged(given) == merged(given[::-1]) == (Grant("Ada@acme.example", ("MODIFY", "SELECT")),)


def test_a_securable_gets_only_its_own_privileges() -> None:
    """A grant without any left is dropped."""
    grant = Grant("a", ("READ_VOLUME", "SELECT", "USE_CATALOG", "USE_SCHEMA"))
    assert [one.privileges for one in applicable([grant], "volume")] == [("READ_VOLUME",)]
    assert [one.privileges for one in catalog_only([grant])] == [("USE_CATALOG",)]
    assert [one.privileges for one in use_schema([grant])] == [("USE_SCHEMA",)]
    assert not [*applicable([Grant("a", ("SELECT",))], "volume")]
