"""Requests to this machine go through no proxy."""

from __future__ import annotations

import urllib.request
from pathlib import Path

import pytest
from requests.utils import should_bypass_proxies

from mesh.cli.main import main
from mesh.terraform.loopback import reach_directly

PROXY = {"HTTP_PROXY": "http://proxy.acme.example:3128"}
DIRECT = "127.0.0.1,localhost"


@pytest.mark.parametrize(
    ("given", "hosts"),
    [
        ({}, DIRECT),
        ({"NO_PROXY": ""}, DIRECT),
        ({"NO_PROXY": ".acme.example, 127.0.0.1"}, ".acme.example,127.0.0.1,localhost"),
        ({"no_proxy": "a.example", "NO_PROXY": "b.example"}, f"a.example,{DIRECT}"),
    ],
)
@pytest.mark.parametrize("proxy", ["HTTP_PROXY", "https_proxy", "grpc_proxy"])
def test_this_machine_is_added_to_the_hosts_without_a_proxy(
    given: dict[str, str], hosts: str, proxy: str
) -> None:
    environ = {proxy: PROXY["HTTP_PROXY"], **given}

    reach_directly(environ)
    reach_directly(environ)

    assert (environ["no_proxy"], environ["NO_PROXY"]) == (hosts, hosts)


@pytest.mark.parametrize("environ", [{}, {"NO_PROXY": "a.example"}, {**PROXY, "NO_PROXY": "*"}])
def test_nothing_changes_without_a_proxy_or_if_no_host_has_one(environ: dict[str, str]) -> None:
    before = dict(environ)

    reach_directly(environ)

    assert environ == before


def test_a_command_reaches_this_machine_directly_and_other_hosts_through_the_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("HTTP_PROXY", PROXY["HTTP_PROXY"])

    with pytest.raises(SystemExit):
        main(["ls", "--root", str(tmp_path)])

    assert urllib.request.proxy_bypass("127.0.0.1:8080")
    assert should_bypass_proxies("http://127.0.0.1:8080/api", None)
    assert not should_bypass_proxies("http://acme.cloud.example/api", None)
