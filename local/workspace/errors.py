"""Errors of the API: an error code for programs, a message for people, an HTTP status."""

from minilake.errors import DatabricksError


def not_found(kind: str, name: object, code: str = "RESOURCE_DOES_NOT_EXIST") -> DatabricksError:
    """Return the error for an object that does not exist: 404, which Terraform treats as deleted."""
    return DatabricksError(code, f"{kind} '{name}' does not exist.", 404)


def already_exists(kind: str, name: object, code: str = "RESOURCE_ALREADY_EXISTS") -> DatabricksError:
    """Return the error for creating an object that already exists."""
    # Unity Catalog has a code per kind of securable, and answers 400.
    status = 409 if code == "RESOURCE_ALREADY_EXISTS" else 400
    return DatabricksError(code, f"{kind} '{name}' already exists", status)


def invalid(message: str) -> DatabricksError:
    """Return the error for an invalid request."""
    return DatabricksError("INVALID_PARAMETER_VALUE", message, 400)


def invalid_state(message: str) -> DatabricksError:
    """Return the error for a valid request that the object's current state does not allow."""
    return DatabricksError("INVALID_STATE", message, 400)


def not_implemented(message: str) -> DatabricksError:
    """Return the error for a feature of Databricks that the local workspace lacks."""
    return DatabricksError("NOT_IMPLEMENTED", message, 501)
