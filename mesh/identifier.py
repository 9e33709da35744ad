"""Names within Terraform, which people read in plans."""

from __future__ import annotations


def identifier(text: str) -> str:
    """The text as a Terraform name: letters, digits, `_` and `-`, and no digit or `-` at its beginning.

    Source: Terraform documentation, "Configuration Syntax", identifiers.
    """
    name = "".join(c if c.isalnum() or c in "_-" else "_" for c in text)
    return name if name[:1].isalpha() or name[:1] == "_" else f"_{name}"
