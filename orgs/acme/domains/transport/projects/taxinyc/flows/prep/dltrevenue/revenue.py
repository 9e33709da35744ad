# Databricks notebook source
# MAGIC %md
# MAGIC # Revenue, from trips that were checked
# MAGIC
# MAGIC The same figures as in the flow `revenue`. Nobody says here what runs first: the pipeline sees that both datasets
# MAGIC read `checked_trips`, which another notebook declares.
# MAGIC
# MAGIC | | |
# MAGIC |---|---|
# MAGIC | reads | `checked_trips` |
# MAGIC | writes | `revenue_by_borough`: `pickup_borough`, `amount` |
# MAGIC | | `revenue_by_tripmonth`: `pickup_borough`, `trip_year`, `trip_month`, `amount` |

# COMMAND ----------

import sys

import dlt

sys.path.append(spark.conf.get("libs"))

from taxi.revenue import by_borough

# COMMAND ----------


@dlt.table(comment="What passengers paid, by borough of pick-up")
def revenue_by_borough():
    return by_borough(dlt.read("checked_trips"))


# COMMAND ----------


@dlt.table(comment="What passengers paid, by borough and month of pick-up")
def revenue_by_tripmonth():
    return by_borough(dlt.read("checked_trips"), "trip_year", "trip_month")
