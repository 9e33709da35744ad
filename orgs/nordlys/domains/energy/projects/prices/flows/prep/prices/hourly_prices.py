# Databricks notebook source
# MAGIC %md
# MAGIC # Prices by hour
# MAGIC
# MAGIC A day of made-up prices for the five Norwegian bidding zones: high in the morning and evening, higher in the south.
# MAGIC
# MAGIC | | |
# MAGIC |---|---|
# MAGIC | writes | `hourly_prices`: `zone`, `hour`, `eur_per_mwh` |

# COMMAND ----------

from pyspark.sql import functions as F

target = f"`{dbutils.widgets.get('catalog')}`.`{dbutils.widgets.get('schema')}`.hourly_prices"

# COMMAND ----------

hours = spark.range(24).select(F.col("id").cast("int").alias("hour"))
zones = spark.createDataFrame(
    [("NO1", 52), ("NO2", 60), ("NO3", 31), ("NO4", 18), ("NO5", 55)], "zone string, base int"
)
rush = F.when(F.col("hour").isin(7, 8, 9, 17, 18, 19), 1.4).otherwise(1.0)
hourly_prices = zones.crossJoin(hours).select(
    "zone", "hour", (F.col("base") * rush).cast("decimal(9,2)").alias("eur_per_mwh")
)

# COMMAND ----------

hourly_prices.write.mode("overwrite").option("overwriteSchema", True).saveAsTable(target)
display(spark.table(target).sort("zone", "hour"))
