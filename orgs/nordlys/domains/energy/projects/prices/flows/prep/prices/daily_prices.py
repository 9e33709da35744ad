# Databricks notebook source
# MAGIC %md
# MAGIC # Mean price by zone
# MAGIC
# MAGIC | | |
# MAGIC |---|---|
# MAGIC | reads | `hourly_prices` |
# MAGIC | writes | `daily_prices`: `zone`, `eur_per_mwh` |

# COMMAND ----------

from pyspark.sql import functions as F

place = f"`{dbutils.widgets.get('catalog')}`.`{dbutils.widgets.get('schema')}`"

# COMMAND ----------

daily_prices = (
    spark.table(f"{place}.hourly_prices")
    .groupBy("zone")
    .agg(F.avg("eur_per_mwh").cast("decimal(9,2)").alias("eur_per_mwh"))
    .sort("zone")
)

# COMMAND ----------

daily_prices.write.mode("overwrite").option("overwriteSchema", True).saveAsTable(f"{place}.daily_prices")
display(spark.table(f"{place}.daily_prices"))
