"""A data mesh on Databricks: folders in, Terraform out.

Start with `mesh.load.load().in_environment()`. The package itself imports nothing.
"""
