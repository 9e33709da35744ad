"""Runs unchanged Databricks notebooks, with their magics, `spark`, `dbutils` and `display`."""
