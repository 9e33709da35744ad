"""A Databricks workspace on this machine: the package minilake, and routers for APIs that it lacks."""

import warnings

# minilake 1.9.0 declares its models in a deprecated way; pydantic 2 warns of this at import.
with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from minilake.services import get_enabled_routers

    get_enabled_routers()
