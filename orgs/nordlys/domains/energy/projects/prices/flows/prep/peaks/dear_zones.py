# Databricks notebook source
# MAGIC %md
# MAGIC # Zones with dear hours
# MAGIC
# MAGIC Hands the zones whose highest price reaches `dear` (EUR/MWh) to the tasks after it, and how many they are.
# MAGIC
# MAGIC | | |
# MAGIC |---|---|
# MAGIC | reads | `price_range` |
# MAGIC | sets | the task values `zones` and `count` |

# COMMAND ----------

from pyspark.sql import functions as F

price_range = f"`{dbutils.widgets.get('catalog')}`.`{dbutils.widgets.get('schema')}`.price_range"
dear = F.lit(dbutils.widgets.get("dear")).cast("decimal(9,2)")

# COMMAND ----------

zones = [row.zone for row in spark.table(price_range).where(F.col("highest") >= dear).sort("zone").collect()]

# COMMAND ----------

dbutils.jobs.taskValues.set("zones", zones)
dbutils.jobs.taskValues.set("count", len(zones))
print(f"{len(zones)} zones: {', '.join(zones)}")
