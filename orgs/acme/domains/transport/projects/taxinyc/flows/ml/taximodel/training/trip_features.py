# Databricks notebook source
# MAGIC %md
# MAGIC # Features of trips
# MAGIC
# MAGIC What is known of a trip beforehand, with the fare that the meter showed in the end.
# MAGIC
# MAGIC | | |
# MAGIC |---|---|
# MAGIC | reads | `training.taxinyc_trips.yellow_taxi_trips_curated_sample` |
# MAGIC | writes | `trip_features`: `trip_distance`, `passenger_count`, `rush_hour`, `fare`, `held_out` |
# MAGIC
# MAGIC - Refunds, and trips that led nowhere, teach nothing: they are left out.
# MAGIC - Where the driver did not say how many passengers there were, it was one.
# MAGIC - A fifth of all trips is held out: the model never sees them until it is validated. Which ones is decided by a
# MAGIC   checksum of the second in which they began, so it is the same in every run, in whatever order Spark reads them.

# COMMAND ----------

from pyspark.sql import functions as F

# COMMAND ----------

# MAGIC %md
# MAGIC ## Where to write

# COMMAND ----------

catalog = dbutils.widgets.get("catalog")
schema = dbutils.widgets.get("schema")
target = f"`{catalog}`.`{schema}`.trip_features"

# COMMAND ----------

# MAGIC %md
# MAGIC ## Features

# COMMAND ----------

trips = spark.table("training.taxinyc_trips.yellow_taxi_trips_curated_sample")

began = F.col("pickup_datetime")
on_a_weekday = F.dayofweek(began).between(2, 6)  # Monday to Friday
in_the_evening = F.hour(began).between(16, 19)
checksum = F.crc32(F.date_format(began, "yyyy-MM-dd HH:mm:ss").cast("binary"))

trip_features = trips.where("fare_amount > 0 and trip_distance > 0").select(
    "trip_distance",
    F.coalesce("passenger_count", F.lit(1)).cast("double").alias("passenger_count"),
    (on_a_weekday & in_the_evening).cast("double").alias("rush_hour"),
    F.col("fare_amount").cast("double").alias("fare"),
    (checksum % 5 == 0).alias("held_out"),
)

# COMMAND ----------

# MAGIC %md
# MAGIC ## Write

# COMMAND ----------

trip_features.write.mode("overwrite").option("overwriteSchema", True).saveAsTable(target)
display(spark.table(target).groupBy("held_out").agg(F.count("*").alias("trips"), F.avg("fare").alias("mean_fare")))
