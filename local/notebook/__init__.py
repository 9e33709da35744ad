"""Runs Databricks notebooks as they are: their magics, `spark`, `dbutils` and `display`."""
