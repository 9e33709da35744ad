# Databricks notebook source
# MAGIC %md
# MAGIC # Every zone and its peaks
# MAGIC
# MAGIC What traders look at: how long power is dear in a zone, and how much dearer than its mean. Zones without a peak have 0 hours.
# MAGIC
# MAGIC | | |
# MAGIC |---|---|
# MAGIC | reads | `price_range`, `peaks` |
# MAGIC | writes | `peak_report`: `zone`, `mean`, `highest`, `peaks`, `dear_hours` |

# COMMAND ----------

from pyspark.sql import functions as F

place = f"`{dbutils.widgets.get('catalog')}`.`{dbutils.widgets.get('schema')}`"

# COMMAND ----------

peaks = (
    spark.table(f"{place}.peaks")
    .groupBy("zone")
    .agg(
        F.count("*").alias("peaks"),
        F.sum(F.col("last_hour") - F.col("first_hour") + 1).alias("dear_hours"),
    )
)
peak_report = (
    spark.table(f"{place}.price_range")
    .join(peaks, "zone", "left")
    .select("zone", "mean", "highest", *(F.coalesce(each, F.lit(0)).alias(each) for each in peaks.columns[1:]))
    .sort("zone")
)

# COMMAND ----------

peak_report.write.mode("overwrite").option("overwriteSchema", True).saveAsTable(f"{place}.peak_report")
display(spark.table(f"{place}.peak_report"))
