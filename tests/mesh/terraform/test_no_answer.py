"""Errors of requests, in the forms that libraries wrap them, as one sentence."""

from __future__ import annotations

import socket
import ssl

import pytest
import requests

from mesh.terraform.no_answer import no_answer

ADDRESS = "https://dev.example"


def caused(error: BaseException, cause: BaseException) -> BaseException:
    """An error with a cause."""
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (ConnectionRefusedError(111, "Connection refused"), "does not answer: the connection is refused"),
        (socket.gaierror(-2, "Name or service not known"), "does not answer: there is no such host name"),
        (TimeoutError(), "does not answer: no response within 9 s"),
        (requests.ConnectTimeout("…"), "does not answer: no response within 9 s"),
        (
            caused(TimeoutError("Timed out after 0:01:00"), ConnectionRefusedError(111, "Connection refused")),
            "does not answer: the connection is refused",
        ),
        (
            requests.exceptions.SSLError(ssl.SSLCertVerificationError(1, "certificate verify failed: expired")),
            "does not answer: no secure connection (certificate verify failed: expired); "
            "REQUESTS_CA_BUNDLE names your certificates",
        ),
        (
            requests.exceptions.ProxyError(OSError("Tunnel connection failed: 403 Forbidden")),
            "does not answer: the proxy fails (Tunnel connection failed: 403 Forbidden); "
            "HTTPS_PROXY, HTTP_PROXY and NO_PROXY choose it",
        ),
        (requests.ConnectionError(ConnectionResetError(104, "Connection reset by peer")),
         "does not answer: Connection reset by peer"),
        (requests.ConnectionError(), "does not answer: ConnectionError"),
        (OSError("first\nsecond"), "does not answer: first"),
    ],
)  # fmt: skip
def test_the_reason_is_the_innermost_cause(error: BaseException, what: str) -> None:
    told = no_answer(ADDRESS, error, 9)

    assert (told.address, told.what, str(told)) == (ADDRESS, what, f"{ADDRESS} {what}")


def test_causes_in_a_circle_end() -> None:
    error = OSError("no")
    error.__cause__ = caused(ValueError("why"), error)

    assert no_answer(ADDRESS, error, 9).what == "does not answer: why"
