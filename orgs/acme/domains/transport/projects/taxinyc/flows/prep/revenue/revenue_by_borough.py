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
# MAGIC What counts as revenue is the same in all of this project's flows, so it stands in `libs/taxi/revenue.py`, with
# MAGIC refunds and unknown boroughs. The job's parameter `libs` says where that folder is.

# COMMAND ----------

import sys

sys.path.append(dbutils.widgets.get("libs"))

from taxi.revenue import TRIPS, by_borough
from taxi.tables import full_name

# COMMAND ----------

# MAGIC %md
# MAGIC ## Where to write
# MAGIC
# MAGIC The deployment computes the names once and gives them to every task of the job as parameters.

# COMMAND ----------

target = full_name(dbutils.widgets.get("catalog"), dbutils.widgets.get("schema"), "revenue_by_borough")

# COMMAND ----------

# MAGIC %md
# MAGIC ## Sum by borough

# COMMAND ----------

revenue_by_borough = by_borough(spark.table(TRIPS))

# COMMAND ----------

# MAGIC %md
# MAGIC ## Write

# COMMAND ----------

revenue_by_borough.write.mode("overwrite").option("overwriteSchema", True).saveAsTable(target)
display(spark.table(target))
