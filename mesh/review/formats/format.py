"""What a review is written as."""

from __future__ import annotations

from enum import StrEnum


class Format(StrEnum):
    """What a review is written as."""

    MARKDOWN = "markdown"
    TABLE = "table"
    JSON = "json"
    HTML = "html"
