# Databricks notebook source
# MAGIC %md
# MAGIC # Trips and amounts, as a pipeline
# MAGIC
# MAGIC | | |
# MAGIC |---|---|
# MAGIC | reads | `training.taxinyc_trips.yellow_taxi_trips_curated_sample` |
# MAGIC | writes | `trips_of_boroughs`: `pickup_borough`, `total_amount` |
# MAGIC | | `amount_of_boroughs`: `pickup_borough`, `amount` |
# MAGIC
# MAGIC Do not run this notebook: it declares two datasets, and a pipeline decides when to compute them.

# COMMAND ----------

import dlt
from pyspark.sql import functions as F

# COMMAND ----------


@dlt.table(comment="What passengers paid, by borough of pick-up")
def amount_of_boroughs():
    trips = dlt.read("trips_of_boroughs")
    return trips.groupBy("pickup_borough").agg(F.sum("total_amount").cast("decimal(18,2)").alias("amount"))


# COMMAND ----------


@dlt.table(comment="Trips with the borough of pick-up")
def trips_of_boroughs():
    trips = spark.read.table("training.taxinyc_trips.yellow_taxi_trips_curated_sample")
    return trips.select("pickup_borough", "total_amount")
