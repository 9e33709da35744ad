# Databricks notebook source
import sys

sys.path.append(dbutils.widgets.get("libs"))

from pyspark.sql import functions as F
from sums.names import full_name

# COMMAND ----------

orders = spark.table(full_name(dbutils.widgets.get("orders_catalog"), dbutils.widgets.get("orders_schema"), "orders"))
by_month = orders.groupBy(F.trunc("ordered_at", "month").alias("month")).agg(F.sum("euros").alias("revenue"))

# COMMAND ----------

by_month.write.mode("overwrite").option("overwriteSchema", True).saveAsTable(
    full_name(dbutils.widgets.get("catalog"), dbutils.widgets.get("schema"), "by_month")
)
