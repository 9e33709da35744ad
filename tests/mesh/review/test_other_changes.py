"""Changes outside data, access, runs and compute."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mesh.review.masking import Edit
from mesh.review.other_changes import OtherChange, other_changes
from mesh.review.plan import ResourceChange, StackPlan
from mesh.review.sentence import plain


def notebook(name: str, action: str, *paths: str) -> ResourceChange:
    """A change of a notebook."""
    return ResourceChange(
        f"databricks_notebook.{name}",
        (action,),
        {},
        {},
        kind="databricks_notebook",
        edits=tuple(Edit(path, "a", "b") for path in paths),
    )


def changes(*resources: ResourceChange) -> list[OtherChange]:
    """The other changes of a plan."""
    return other_changes([StackPlan("stack", resources)], {("stack", "databricks_notebook.reported")})


def test_equal_changes_of_one_type_are_one_sentence() -> None:
    (change,) = changes(notebook("a", "update", "path"), notebook("b", "update", "path"))

    assert plain(change.sentence) == "2 `notebook` resources will be changed: `a`, `b` (`path`)"


def test_all_removed_resources_are_listed_in_the_details() -> None:
    (change,) = changes(*(notebook(f"n{number:02}", "delete") for number in range(12)))

    assert plain(change.sentence) == "12 `notebook` resources will be removed"
    assert [plain(line).count("`n") for line in change.details] == [10, 2]


def test_a_single_resource_is_named_in_the_sentence() -> None:
    (change,) = changes(notebook("a", "delete"))

    assert (plain(change.sentence), change.details) == ("`notebook` `a` will be removed", ())


def test_reported_resources_and_changes_of_the_owner_only_are_left_out() -> None:
    assert changes(notebook("reported", "delete"), notebook("a", "update", "owner")) == []


def moved(name: str, old: str, new: str, type: str = "databricks_notebook") -> ResourceChange:
    """A file whose path changes."""
    return ResourceChange(
        f"{type}.{name}",
        ("create", "delete"),
        {"path": old},
        {"path": new},
        because=("path",),
        kind=type,
    )


def test_files_that_move_to_another_folder_are_one_sentence() -> None:
    (change,) = changes(
        moved("a", "/Shared/mesh/x/a", "/Users/7f1c/mesh/x/a"),
        moved("b", "/Shared/mesh/x/b.py", "/Users/7f1c/mesh/x/b.py", "databricks_workspace_file"),
    )

    assert (change.type, change.names, change.moves) == (
        *("workspace_file", ("a", "b")),
        ("/Shared", "/Users/7f1c"),
    )
    expected = "2 uploaded files will move from `/Shared` to `/Users/7f1c` in the workspace"
    assert plain(change.sentence) == expected
    assert [plain(line) for line in change.details] == [
        "jobs use the new files before the old ones are removed; no data is moved or lost"
    ]


def test_a_file_that_is_removed_before_its_successor_exists_does_not_move() -> None:
    one = replace(moved("a", "/Shared/a", "/Users/a"), actions=("delete", "create"))

    (change,) = changes(one)

    assert plain(change.sentence) == "`notebook` `a` will be destroyed and recreated"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("dollars", "`tag` `unit=dollars on column main.sales.daily.amount` will be created"),
        ("", "`tag` `unit on column main.sales.daily.amount` will be created"),
    ],
)
def test_a_tag_is_named_by_key_value_and_object(value: str, expected: str) -> None:
    tag = {"entity_type": "columns", "entity_name": "main.sales.daily.amount", "tag_key": "unit"}
    address = "databricks_entity_tag_assignment.prep_daily_tag_unit"
    kind = "databricks_entity_tag_assignment"
    (change,) = changes(ResourceChange(address, ("create",), {}, {**tag, "tag_value": value}, kind=kind))

    assert plain(change.sentence) == expected


def test_a_domain_and_its_governed_tag_are_named_by_the_tag() -> None:
    found = changes(
        *(
            ResourceChange(f"databricks_{kind}.acme", (action,), before, after, kind=f"databricks_{kind}")
            for kind, action, before, after in (
                ("domain", "create", {}, {"tag_key": "acme/moves"}),
                ("tag_policy", "delete", {"tag_key": "moves"}, {}),
            )
        )
    )

    assert [plain(change.sentence) for change in found] == [
        "`domain of Discover` `acme/moves` will be created",
        "`governed tag` `moves` will be removed",
    ]
