# Databricks notebook source
# MAGIC %md
# MAGIC # Revenue by month
# MAGIC
# MAGIC What passengers paid for their trips, summed by the borough where they got in and the month.
# MAGIC
# MAGIC | | |
# MAGIC |---|---|
# MAGIC | reads | `training.taxinyc_trips.yellow_taxi_trips_curated_sample` |
# MAGIC | writes | `revenue_by_tripmonth`: `pickup_borough`, `trip_year`, `trip_month`, `amount` |
# MAGIC
# MAGIC Refunds and unknown boroughs are treated as in `revenue_by_borough`, so that the months of a borough add up to
# MAGIC its revenue there. A trip belongs to the month in which it began.

# COMMAND ----------

from pyspark.sql import functions as F

# COMMAND ----------

# MAGIC %md
# MAGIC ## Where to write

# COMMAND ----------

catalog = dbutils.widgets.get("catalog")
schema = dbutils.widgets.get("schema")
target = f"`{catalog}`.`{schema}`.revenue_by_tripmonth"

# COMMAND ----------

# MAGIC %md
# MAGIC ## Sum by borough and month

# COMMAND ----------

trips = spark.table("training.taxinyc_trips.yellow_taxi_trips_curated_sample")

revenue_by_tripmonth = (
    trips.withColumn("pickup_borough", F.coalesce("pickup_borough", F.lit("Unknown")))
    .groupBy("pickup_borough", "trip_year", "trip_month")
    .agg(F.sum("total_amount").cast("decimal(18,2)").alias("amount"))
    .sort("pickup_borough", "trip_year", "trip_month")
)

# COMMAND ----------

# MAGIC %md
# MAGIC ## Write

# COMMAND ----------

revenue_by_tripmonth.write.mode("overwrite").option("overwriteSchema", True).saveAsTable(target)
display(spark.table(target))
