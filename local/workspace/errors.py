"""The errors that the API answers with: a code that clients tell apart, a sentence, an HTTP status."""

from minilake.errors import DatabricksError


def missing(kind: str, name: object, code: str = "RESOURCE_DOES_NOT_EXIST") -> DatabricksError:
    """Return the answer for what is not there: 404, which Terraform reads as "gone"."""
    return DatabricksError(code, f"{kind} '{name}' does not exist.", 404)


def exists(kind: str, name: object, code: str = "RESOURCE_ALREADY_EXISTS") -> DatabricksError:
    """Return the answer for creating what is there already."""
    return DatabricksError(code, f"{kind} '{name}' already exists", 409)


def invalid(message: str) -> DatabricksError:
    """Return the answer for a request that makes no sense."""
    return DatabricksError("INVALID_PARAMETER_VALUE", message, 400)


def conflict(message: str) -> DatabricksError:
    """Return the answer for a request that makes sense, but not in the present state."""
    return DatabricksError("INVALID_STATE", message, 400)


def unsupported(message: str) -> DatabricksError:
    """Return the answer for what a real workspace does and this one does not."""
    return DatabricksError("NOT_IMPLEMENTED", message, 501)
