"""Runs a pipeline's source on local Spark, with Databricks' names for it (`dlt`, `pyspark.pipelines`)."""
