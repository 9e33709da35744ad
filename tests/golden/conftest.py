"""The option that rewrites the expected output of golden folders."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """`make golden` sets it; read the difference before you commit it."""
    parser.addoption("--golden-update", action="store_true", help="write the golden folders' output anew")
