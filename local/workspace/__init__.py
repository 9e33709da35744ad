"""A Databricks workspace on this machine: minilake with the routers in front that it lacks."""

import warnings

# minilake 1.9.0 declares its models in a way that pydantic 2 still takes and warns of, at import.
with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from minilake.services import get_enabled_routers

    get_enabled_routers()
