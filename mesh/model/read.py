"""An entry of `reads`: a flow whose data another flow reads, and the contract that it relies on."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, model_validator

from mesh.documents.checked_model import CheckedModel, FieldError
from mesh.model.contract_file import version_text


def _as_text(declared: Any) -> Any:
    """A major version may be written as a number; 1.10 may not, because YAML reads it as 1.1."""
    return str(declared) if isinstance(declared, int) and not isinstance(declared, bool) else declared


def as_read(declared: Any) -> Any:
    """A path alone reads the flow's data without a contract."""
    return {"flow": declared} if isinstance(declared, str) else declared


class ReadFile(CheckedModel):
    """A flow whose data is read."""

    flow: str
    """The path of the flow in the mesh; leading levels may be missing."""

    contract: str | None = None
    """The name of a contract that the flow provides."""

    version: (
        Annotated[
            str, BeforeValidator(_as_text, json_schema_input_type=str | int), AfterValidator(version_text)
        ]
        | None
    ) = None
    """The version of the contract: `1` for any version 1, `1.2` for 1.2 and later versions 1."""

    @model_validator(mode="after")
    def _both(self) -> ReadFile:
        if (self.contract is None) != (self.version is None):
            has, lacks = ("contract", "version") if self.contract else ("version", "contract")
            raise FieldError("missing-field", f"`{has}` needs `{lacks}` (add it, or remove `{has}`)")
        return self
