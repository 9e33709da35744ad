"""`mesh import bundle`: writes the jobs and pipelines of a Databricks bundle as flows."""
