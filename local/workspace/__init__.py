"""A Databricks workspace on this machine: minilake with the routers in front that it lacks."""
