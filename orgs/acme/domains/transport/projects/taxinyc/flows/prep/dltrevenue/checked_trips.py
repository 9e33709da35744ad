# Databricks notebook source
# MAGIC %md
# MAGIC # Trips that can be counted
# MAGIC
# MAGIC One row per trip, with the borough where passengers got in and the month in which they did. What is expected of a
# MAGIC trip stands above the function: a trip without an amount is dropped, one that was paid back is counted and stays.
# MAGIC
# MAGIC | | |
# MAGIC |---|---|
# MAGIC | reads | `training.taxinyc_trips.yellow_taxi_trips_curated_sample` |
# MAGIC | writes | `checked_trips`: `pickup_borough`, `trip_year`, `trip_month`, `total_amount` |

# COMMAND ----------

import dlt
from pyspark.sql import functions as F

# COMMAND ----------


@dlt.table(comment="Trips with an amount, by borough and month of pick-up")
@dlt.expect_or_drop("has an amount", "total_amount IS NOT NULL")
@dlt.expect("was not paid back", "total_amount >= 0")
def checked_trips():
    trips = spark.read.table("training.taxinyc_trips.yellow_taxi_trips_curated_sample")
    borough = F.coalesce("pickup_borough", F.lit("Unknown")).alias("pickup_borough")
    return trips.select(borough, "trip_year", "trip_month", "total_amount")
