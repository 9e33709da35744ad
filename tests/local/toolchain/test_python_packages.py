"""Pip's settings, as variables of uv, and the programs that install packages."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.toolchain.python_packages import requirements_of, uv_variables
from tests.local.toolchain.conftest import GO, Machine

CERTIFICATES = {"UV_SYSTEM_CERTS": "1"}


@pytest.mark.parametrize(
    ("listed", "variables"),
    [
        ("", {}),
        ("global.index-url='https://mirror.example/simple'\n", {"UV_DEFAULT_INDEX": "https://mirror.example/simple"}),
        (
            "global.extra-index-url='\\nhttps://a.example\\nhttps://b.example'\n",
            {"UV_INDEX": "https://a.example https://b.example", "UV_INDEX_STRATEGY": "unsafe-best-match"},
        ),
        (
            ":env:.index-url='https://third.example'\nglobal.index-url='https://first.example'\n"
            "install.index-url='https://second.example'\n",
            {"UV_DEFAULT_INDEX": "https://third.example"},
        ),
        ("global.trusted-host='a.example b.example'\n", {"UV_INSECURE_HOST": "a.example b.example"}),
        ("global.cert='/ca.pem'\nglobal.proxy='http://p:1'\n", {"SSL_CERT_FILE": "/ca.pem", "ALL_PROXY": "http://p:1"}),
        ("global.timeout='60'\nglobal.index-url=\"https://o'a.example\"\n", {"UV_HTTP_TIMEOUT": "60", "UV_DEFAULT_INDEX": "https://o'a.example"}),
        (":env:.find-links='/no/such/folder'\n", {}),
        (":env:.find-links='/ https://links.example'\n", {"UV_FIND_LINKS": "/,https://links.example"}),
        (":env:.no-cache-dir='false'\n", {"UV_NO_CACHE": "1"}),
        (":env:.disable-pip-version-check='1'\nglobal.cache-dir='/c'\nlist.format='columns'\n", {}),
    ],
)  # fmt: skip
def test_settings_of_pip_are_followed(listed: str, variables: dict[str, str]) -> None:
    assert uv_variables(listed) == (CERTIFICATES | variables, [])


@pytest.mark.parametrize(
    ("listed", "unknown"),
    [
        ("global.only-binary=':all:'\ninstall.user='true'\n", ["only-binary", "user"]),
        ("global.no-index='true'\n", ["no-index"]),
        ("a line of another pip\n", ["a line of another pip"]),
        ("global index-url=https://user:password@a.example\n", ["global index-url"]),
        ("global.index-url='https://user:password@a.example:80x/simple'\n", ["index-url"]),
        (
            "global.extra-index-url='\\nhttps://a.example\\nhttps://user:password@[::1/'\n",
            ["extra-index-url"],
        ),
    ],
)
def test_settings_that_uv_cannot_follow_are_named(listed: str, unknown: list[str]) -> None:
    assert sorted(uv_variables(listed)[1]) == sorted(unknown)


def test_the_requirements_are_the_lines_that_name_packages(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text(
        "-c constraints.txt\n\n# comment\na==1\n  b[c]==2  \n", encoding="utf-8"
    )

    assert requirements_of(tmp_path / "requirements.txt") == ["a==1", "b[c]==2"]


def test_uv_installs_the_packages_as_pip_would(machine: Machine) -> None:
    machine.add("go", GO)
    (machine.root / "requirements.txt").write_text(
        '-c constraints.txt\n# one comment\nspark[connect]==4 --config-settings="--build-option=--x"\n'
    )
    machine.install(purpose="running")

    [first, second] = [line for line in machine.calls().splitlines() if line.startswith("uv ")]
    where = f"uv pip install --python {machine.root}/.venv/bin/python --no-progress -c {machine.root}/constraints.txt"
    assert (
        first
        == f"{where} --no-build-isolation --config-settings-package=spark:--build-option=--x spark[connect]==4"
    )
    assert second == f"{where} --no-build-isolation --no-deps -e {machine.root}"


@pytest.mark.parametrize(
    ("fails", "settings", "reason"),
    [
        ("uv", "", "because uv cannot be installed: `python -m pip` failed"),
        (
            "nothing",
            "global.no-binary=':all:'\n",
            "because uv cannot follow these settings of pip: no-binary",
        ),
        ("uv pip", "", "because uv failed: `uv pip install` failed"),
    ],
)
def test_without_uv_pip_installs_and_the_log_has_the_reason(
    machine: Machine, fails: str, settings: str, reason: str
) -> None:
    (machine.root / "requirements.txt").write_text('spark==4 --config-settings="--build-option=--x"\n')
    machine.pip_settings = settings

    machine.install(fails, purpose="running")

    assert ("uv pip" in machine.calls()) == (fails == "uv pip")
    assert "--no-build-isolation --config-settings=--build-option=--x spark==4\n" in machine.calls()
    assert f"pip installs, {reason}" in (machine.root / ".mesh" / "install.log").read_text(encoding="utf-8")
