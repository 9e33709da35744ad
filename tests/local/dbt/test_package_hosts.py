"""What a host that does not answer is told of."""

from itertools import pairwise
from types import SimpleNamespace

from local.dbt.package_hosts import unreachable


def raised(*errors: Exception) -> Exception:
    """The last of errors, each raised while the one before was handled."""
    for before, error in pairwise(errors):
        error.__context__ = before
    return errors[-1]


def test_the_address_and_the_first_reason_are_told() -> None:
    refused = ConnectionError("Max retries exceeded (Caused by …)")
    refused.request = SimpleNamespace(url="https://hub.getdbt.com/api/v1/index.json")  # type: ignore[attr-defined]
    error = raised(OSError("Name or service not known"), refused, Exception("External connection exception"))

    assert unreachable(error) == (
        "cannot read https://hub.getdbt.com/api/v1/index.json: Name or service not known"
    )
    assert unreachable(raised(EOFError("short"), Exception("External: short"))) == "External: short"
