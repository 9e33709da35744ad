"""The facts about a class: its students, catalogs and other workshops."""

from __future__ import annotations

from dataclasses import replace

from mesh.terraform.state import State
from mesh.workshop.teardown.class_facts import ClassFacts
from mesh.workshop.teardown.removals import WorkspaceContents
from tests.support.teardown import (
    ADMIN,
    GROUPS,
    HELD,
    KARI,
    OLA,
    PER,
    FakeStudent,
    FakeWorkshop,
    catalog,
    schema,
)

CONTENTS = WorkspaceContents(ADMIN, (catalog("training"),), GROUPS)
FACTS = ClassFacts(FakeWorkshop((FakeStudent(OLA),)), State(dict(HELD)), CONTENTS)


def test_students_are_on_the_roster_or_in_the_state_or_in_the_group() -> None:
    groups = {**GROUPS, PER: frozenset({"class-oslo"}), ADMIN: frozenset({"class-oslo"})}
    facts = replace(FACTS, contents=replace(CONTENTS, groups=groups))

    assert FACTS.students == {OLA, KARI}
    assert facts.students == {OLA, KARI, PER}


def test_an_invited_user_in_another_group_no_longer_depends_on_the_workshop() -> None:
    groups = {KARI: frozenset({"class-oslo", "users", "class-bergen"})}
    facts = replace(FACTS, contents=replace(CONTENTS, groups=groups))

    assert FACTS.invited == {KARI}
    assert facts.other_groups(KARI) == {"class-bergen"}
    assert facts.invited == frozenset()


def test_a_labelled_catalog_counts_only_if_the_caller_owns_it() -> None:
    mine = catalog("mine", **{"datamesh.workshop": "oslo"})
    other = replace(mine, id="other", name="other", owner=PER)
    facts = replace(FACTS, contents=replace(CONTENTS, objects=(mine, other)))

    assert facts.catalogs == {"training", "mine"}


def test_the_owner_of_a_groups_object_is_its_creator() -> None:
    assert FACTS.owner(schema("training.x", "class-oslo", creator=OLA.upper())) == OLA
    assert FACTS.owner(schema("training.x", PER, creator=OLA)) == PER
    assert FACTS.owner(schema("training.x")) is None


def test_other_workshops_are_those_with_a_schema_for_the_student_in_the_same_catalogs() -> None:
    in_training = schema("training.b", ADMIN, workshop="bergen", student=OLA.title())
    elsewhere = schema("finance.c", ADMIN, workshop="tromso", student=OLA)
    facts = replace(FACTS, contents=replace(CONTENTS, objects=(in_training, elsewhere)))

    assert facts.other_workshops(OLA) == ["bergen"]
    assert facts.other_workshops(KARI) == []


def test_deployers_are_the_students_and_the_service_principal() -> None:
    without = replace(FACTS, workshop=FakeWorkshop((FakeStudent(OLA),), service_principal=None))

    assert FACTS.deployers == {OLA, KARI, "sp-1"}
    assert without.deployers == {OLA, KARI}
