"""The environment of Terraform; tests/system/deploy runs what is in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.home import Home, Status
from mesh.errors import OutsideError
from mesh.terraform.runtime import Runtime

NOTE = "Terraform finds no provider"


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runtime:
    """The local workspace, where Terraform finds no provider by itself."""
    Status("http://127.0.0.1:1", "secret", 1, 1.0).write(Home(tmp_path))
    monkeypatch.setattr("local.toolchain.environment", lambda: {"TERRAFORM_BINARY_NAME": "terraform"})
    monkeypatch.setattr(
        "local.provider.provider_choice.provider_environment",
        lambda home, terraform, environ: ({"TF_REATTACH_PROVIDERS": terraform}, NOTE),
    )
    return Runtime(True, tmp_path)


def test_what_is_asked_ahead_is_what_is_asked_later(
    runtime: Runtime, capsys: pytest.CaptureFixture[str]
) -> None:
    ahead = Runtime(True, runtime.root)
    ahead.ask_ahead()
    assert capsys.readouterr().out == ""

    assert dict(ahead.environ) == dict(runtime.environ)

    assert runtime.environ["TF_REATTACH_PROVIDERS"] == "terraform"
    assert capsys.readouterr().out == f"{NOTE}\n{NOTE}\n"
    assert ahead.environ is ahead.environ


def test_an_error_is_for_whoever_needs_the_environment(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> dict[str, str]:
        raise OutsideError("Terraform is missing")

    monkeypatch.setattr("local.toolchain.environment", missing)
    runtime.ask_ahead()

    with pytest.raises(OutsideError, match="Terraform is missing"):
        _ = runtime.environ
