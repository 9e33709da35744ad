"""An identity keeps the deployments of two people apart."""

from __future__ import annotations

from urllib.parse import unquote

import pytest

from mesh.deployment.identity import Identity, name_context, segment

OLA = "ola.nordmann@acme.example"
COMMIT = "5bd01c2f" * 5


@pytest.mark.parametrize(
    "text", ["main", "feature/tips", "..", ".", "a b", "50%", OLA, "nøst", "a\\b", "x?y#z"]
)
def test_a_segment_is_reversible_and_never_leaves_its_folder(text: str) -> None:
    assert unquote(segment(text)) == text
    assert "/" not in segment(text)
    assert segment(text) not in (".", "..")


def test_an_email_stays_readable_in_a_segment() -> None:
    assert segment(OLA) == OLA


def test_users_with_the_same_short_form_have_different_keys() -> None:
    john, johndoe = Identity("john.doe@acme.example"), Identity("johndoe@acme.example")

    assert john.key != johndoe.key
    assert name_context("dev", "john.doe@acme.example", "", "") == name_context(
        "dev", "johndoe@acme.example", "", ""
    )


@pytest.mark.parametrize(
    ("identity", "fields", "key"),
    [
        (Identity(), (), ()),
        (Identity(OLA), ("user",), (OLA,)),
        (Identity(OLA, None, COMMIT), ("user", "commit"), (OLA, COMMIT)),
        (
            Identity(OLA, "feature/tips", COMMIT),
            ("user", "branch", "commit"),
            (OLA, "feature%2Ftips", COMMIT),
        ),
    ],
)
def test_a_key_has_one_segment_for_each_field_that_is_set(
    identity: Identity, fields: tuple[str, ...], key: tuple[str, ...]
) -> None:
    assert identity.fields == fields
    assert identity.key == key


def test_a_short_key_shortens_the_commit_only() -> None:
    assert Identity(OLA, "feature/tips", COMMIT).short_key == (OLA, "feature%2Ftips", "5bd01c2f")


@pytest.mark.parametrize(
    ("identity", "text"),
    [
        (Identity(), ""),
        (Identity(OLA), f"as {OLA}"),
        (Identity(None, "main"), "on main"),
        (Identity(OLA, "feature/tips", COMMIT), f"as {OLA} on feature/tips at 5bd01c2f"),
    ],
)
def test_an_identity_is_printed_as_a_phrase(identity: Identity, text: str) -> None:
    assert str(identity) == text


def test_templates_get_short_forms() -> None:
    context = name_context("dev", "Ola-Kari.Nordmann@acme.example", "feature/tips_2", COMMIT)

    assert context.username == "OlaKariNordmann"
    assert context.gitbranch == "featuretips2"
    assert context.gitshortref == "5bd01c2f"
