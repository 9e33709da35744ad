# Databricks notebook source
# MAGIC %md
# MAGIC # Net revenue by month
# MAGIC
# MAGIC What the taxis of a month bring in, over all boroughs, and what is left of it after the city's share.
# MAGIC
# MAGIC | | |
# MAGIC |---|---|
# MAGIC | reads | `revenue_by_tripmonth` of the flow `transport/taxinyc/prep/revenue` |
# MAGIC | writes | `net_revenue_by_month`: `trip_year`, `trip_month`, `gross`, `net` |

# COMMAND ----------

from pyspark.sql import functions as F

# The share is made up for this example.
CITY_SHARE = 0.05

# COMMAND ----------

# MAGIC %md
# MAGIC ## Where to read and write
# MAGIC
# MAGIC `taxi_catalog` and `taxi_schema` are there because `deployment.yml` says `reads: {taxi: …}`.

# COMMAND ----------

source = f"`{dbutils.widgets.get('taxi_catalog')}`.`{dbutils.widgets.get('taxi_schema')}`.revenue_by_tripmonth"
target = f"`{dbutils.widgets.get('catalog')}`.`{dbutils.widgets.get('schema')}`.net_revenue_by_month"

# COMMAND ----------

gross = F.sum("amount")
net_revenue_by_month = (
    spark.table(source)
    .groupBy("trip_year", "trip_month")
    .agg(
        gross.cast("decimal(18,2)").alias("gross"),
        (gross * F.lit(1 - CITY_SHARE)).cast("decimal(18,2)").alias("net"),
    )
    .sort("trip_year", "trip_month")
)

# COMMAND ----------

net_revenue_by_month.write.mode("overwrite").option("overwriteSchema", True).saveAsTable(target)
display(spark.table(target))
