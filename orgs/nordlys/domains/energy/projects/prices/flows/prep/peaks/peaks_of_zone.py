# Databricks notebook source
# MAGIC %md
# MAGIC # Peaks of one zone
# MAGIC
# MAGIC Hours in a row that cost `dear` (EUR/MWh) or more are one peak, with its mean price.
# MAGIC Runs once for each zone, so it replaces the peaks of its `zone` alone.
# MAGIC
# MAGIC | | |
# MAGIC |---|---|
# MAGIC | reads | `hourly_prices` of the flow `prep/prices` |
# MAGIC | writes | `peaks`: `zone`, `first_hour`, `last_hour`, `eur_per_mwh` |

# COMMAND ----------

from pyspark.sql import Window
from pyspark.sql import functions as F

zone, dear = dbutils.widgets.get("zone"), dbutils.widgets.get("dear")
source = f"`{dbutils.widgets.get('prices_catalog')}`.`{dbutils.widgets.get('prices_schema')}`.hourly_prices"
target = f"`{dbutils.widgets.get('catalog')}`.`{dbutils.widgets.get('schema')}`.peaks"

# COMMAND ----------

# MAGIC %md
# MAGIC Within hours in a row, hour and position grow alike: their difference tells one peak from the next.

# COMMAND ----------

dear_hours = spark.table(source).where(
    (F.col("zone") == zone) & (F.col("eur_per_mwh") >= F.lit(dear).cast("decimal(9,2)"))
)
peak = F.col("hour") - F.row_number().over(Window.partitionBy("zone").orderBy("hour"))
peaks = (
    dear_hours.withColumn("peak", peak)
    .groupBy("zone", "peak")
    .agg(
        F.min("hour").alias("first_hour"),
        F.max("hour").alias("last_hour"),
        F.avg("eur_per_mwh").cast("decimal(9,2)").alias("eur_per_mwh"),
    )
    .drop("peak")
)

# COMMAND ----------

peaks.write.mode("overwrite").option("replaceWhere", f"zone = '{zone}'").saveAsTable(target)
display(spark.table(target).where(F.col("zone") == zone).sort("first_hour"))
