"""Pip's settings, as variables of uv."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.toolchain.python_packages import requirements_of, uv_variables

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
