"""dbt tasks: dbt with Databricks' own adapter, whose statements run on the local Spark."""
