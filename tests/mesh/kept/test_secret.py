"""The user's secret is outside of the checkout, and only its owner can read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.kept.secret import user_secret


def test_the_secret_is_created_once(tmp_path: Path) -> None:
    environ = {"XDG_STATE_HOME": str(tmp_path / "state")}
    assert user_secret(tmp_path / "mesh", environ) is None

    secret = user_secret(tmp_path / "mesh", environ, create=True)

    assert secret is not None
    assert len(secret) == 32
    assert user_secret(tmp_path / "mesh", environ, create=True) == secret
    assert user_secret(tmp_path / "mesh", environ) == secret
    assert (tmp_path / "state/datamesh/key").stat().st_mode & 0o777 == 0o600
    assert [one.name for one in (tmp_path / "state/datamesh").iterdir()] == ["key"]


def test_without_xdg_state_home_it_is_below_home(tmp_path: Path) -> None:
    user_secret(tmp_path / "mesh", {"HOME": str(tmp_path), "XDG_STATE_HOME": "relative"}, create=True)

    assert (tmp_path / ".local/state/datamesh/key").exists()


@pytest.mark.parametrize("environ", [{}, {"HOME": "relative"}])
def test_without_a_home_there_is_none(tmp_path: Path, environ: dict[str, str]) -> None:
    assert user_secret(tmp_path, environ, create=True) is None


def test_a_home_that_cannot_be_written_has_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    assert user_secret(tmp_path / "mesh", {"HOME": str(tmp_path / "file")}, create=True) is None


def test_a_secret_in_the_checkout_is_none(tmp_path: Path) -> None:
    """Whoever writes the checkout could write it."""
    environ = {"XDG_STATE_HOME": str(tmp_path / "state")}
    user_secret(tmp_path / "mesh", environ, create=True)

    assert user_secret(tmp_path, environ) is None


@pytest.mark.parametrize("mode", [0o644, 0o660, 0o602])
def test_a_secret_that_others_can_use_is_none(tmp_path: Path, mode: int) -> None:
    environ = {"XDG_STATE_HOME": str(tmp_path / "state")}
    user_secret(tmp_path / "mesh", environ, create=True)
    (tmp_path / "state/datamesh/key").chmod(mode)

    assert user_secret(tmp_path / "mesh", environ) is None


@pytest.mark.parametrize("held", [b"", b"short", b"x" * 33])
def test_a_damaged_secret_is_none(tmp_path: Path, held: bytes) -> None:
    environ = {"XDG_STATE_HOME": str(tmp_path / "state")}
    user_secret(tmp_path / "mesh", environ, create=True)
    (tmp_path / "state/datamesh/key").write_bytes(held)

    assert user_secret(tmp_path / "mesh", environ, create=True) is None
