"""A contract."""

from __future__ import annotations

from mesh.documents.document import Document
from mesh.model.contract import Version, check_schemas, contract
from tests.support.contracts import built, fields


def test_a_version_may_leave_out_numbers() -> None:
    assert (Version.of("2"), Version.of("2.1")) == (Version(2, 0, 0), Version(2, 1, 0))
    assert str(Version.of("2.1")) == "2.1.0"


def test_columns_are_known_by_their_names_in_the_table() -> None:
    address = {
        "name": "Address",
        "physicalName": "addr",
        "logicalType": "object",
        "properties": [{"name": "city"}],
    }
    tags = {"name": "tags", "logicalType": "array", "items": {"logicalType": "string"}}
    [table] = built(columns=[address, tags]).tables

    assert [column.name for column in table.columns] == ["addr", "addr.city", "tags", "tags[]"]


def test_the_primary_key_is_in_the_order_of_its_positions() -> None:
    columns = [
        {"name": "a", "primaryKey": True, "primaryKeyPosition": 2},
        {"name": "b", "primaryKey": True, "primaryKeyPosition": 1},
        {"name": "c"},
    ]
    assert built(columns=columns).tables[0].primary_key == ("b", "a")


def test_the_owner_is_a_member_of_the_team_in_each_form_of_the_standard() -> None:
    members = [{"username": "ada", "role": "steward"}, {"username": "ola", "role": "Owner"}]
    assert built(team=members).owner == built(team={"name": "taxi", "members": members}).owner == "ola"
    assert built(team=members[:1]).owner is None


def test_a_contract_without_name_is_read_by_its_id() -> None:
    assert built(name=None).name == "acme.revenue"


def test_what_occurs_twice_is_a_finding() -> None:
    table = {"name": "t", "properties": [{"name": "a"}, {"name": "A"}]}
    agreed = {"property": "latency", "value": 1, "unit": "d"}
    document = Document(
        "c.yaml", fields(schema=[table, {**table, "name": "T"}], slaProperties=[agreed, agreed])
    )

    _, wrong = contract(document)

    assert {one.code for one in wrong} == {"key-twice"}
    assert [one.message.split(" (")[0] for one in wrong] == [
        "column `A` is declared twice in `t`",
        "table `T` is declared twice in the contract",
        "column `A` is declared twice in `T`",
        "`latency` is agreed twice",
    ]


def test_tables_are_in_the_schemas_of_the_flow() -> None:
    found = built(schema=[{"name": "t", "physicalName": "trips.t", "properties": [{"name": "a"}]}])

    assert list(check_schemas(found, ("trips", "tips"))) == []
    [wrong] = check_schemas(found, ("tips",))
    assert (wrong.code, "did you mean `tips`?" in wrong.message) == ("unknown-schema", True)


def test_a_flow_of_several_schemas_says_which_one() -> None:
    assert list(check_schemas(built(), ("revenue",))) == []
    [wrong] = check_schemas(built(), ("trips", "tips"))
    assert wrong.message.endswith("the flow has trips, tips (name it `<schema>.by_borough`)")


def test_a_catalog_in_a_name_is_a_finding() -> None:
    tables = [{"name": "t", "physicalName": "acme.trips.t", "properties": [{"name": "a"}]}]
    _, [wrong] = contract(Document("c.yaml", fields(schema=tables)))
    assert (wrong.code, wrong.message.endswith("(write schema.table)")) == ("wrong-value", True)
