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

import sys

sys.path.append(dbutils.widgets.get("libs"))

from taxi.revenue import TRIPS, by_borough
from taxi.tables import full_name

# COMMAND ----------

# MAGIC %md
# MAGIC ## Where to write

# COMMAND ----------

target = full_name(dbutils.widgets.get("catalog"), dbutils.widgets.get("schema"), "revenue_by_tripmonth")

# COMMAND ----------

# MAGIC %md
# MAGIC ## Sum by borough and month

# COMMAND ----------

revenue_by_tripmonth = by_borough(spark.table(TRIPS), "trip_year", "trip_month")

# COMMAND ----------

# MAGIC %md
# MAGIC ## Write

# COMMAND ----------

revenue_by_tripmonth.write.mode("overwrite").option("overwriteSchema", True).saveAsTable(target)
display(spark.table(target))
