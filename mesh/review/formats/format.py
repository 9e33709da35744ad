"""The format of a report."""

from __future__ import annotations

from enum import StrEnum


class Format(StrEnum):
    """The format of a report."""

    MARKDOWN = "markdown"
    TABLE = "table"
    JSON = "json"
    HTML = "html"
