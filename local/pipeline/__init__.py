"""Runs a pipeline's source on local Spark, with Databricks' modules `dlt` and `pyspark.pipelines`."""
