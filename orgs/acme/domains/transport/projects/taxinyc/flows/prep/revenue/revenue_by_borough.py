# Databricks notebook source
# MAGIC %md
# MAGIC # Revenue by borough
# MAGIC
# MAGIC What passengers paid for their trips, summed by the borough where they got in.
# MAGIC
# MAGIC | | |
# MAGIC |---|---|
# MAGIC | reads | `training.taxinyc_trips.yellow_taxi_trips_curated_sample` |
# MAGIC | writes | `revenue_by_borough`: `pickup_borough`, `amount` |
# MAGIC
# MAGIC `total_amount` is the revenue of one trip. A refund is a trip of its own with a negative amount; it stays in
# MAGIC the sum, so that `amount` is what was earned in the end. Trips whose borough is not known are kept here, as
# MAGIC `Unknown`: their money was earned too.

# COMMAND ----------

from pyspark.sql import functions as F

# COMMAND ----------

# MAGIC %md
# MAGIC ## Where to write
# MAGIC
# MAGIC The deployment computes the names once and gives them to every task of the job as parameters. Backticks are for
# MAGIC names with characters such as `-` or `ø`.

# COMMAND ----------

catalog = dbutils.widgets.get("catalog")
schema = dbutils.widgets.get("schema")
target = f"`{catalog}`.`{schema}`.revenue_by_borough"

# COMMAND ----------

# MAGIC %md
# MAGIC ## Sum by borough

# COMMAND ----------

trips = spark.table("training.taxinyc_trips.yellow_taxi_trips_curated_sample")

revenue_by_borough = (
    trips.withColumn("pickup_borough", F.coalesce("pickup_borough", F.lit("Unknown")))
    .groupBy("pickup_borough")
    .agg(F.sum("total_amount").cast("decimal(18,2)").alias("amount"))
    .sort("pickup_borough")
)

# COMMAND ----------

# MAGIC %md
# MAGIC ## Write

# COMMAND ----------

revenue_by_borough.write.mode("overwrite").option("overwriteSchema", True).saveAsTable(target)
display(spark.table(target))
