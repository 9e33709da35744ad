"""Runs a pipeline's source on Spark's declarative pipelines, with what Databricks has beyond them."""
