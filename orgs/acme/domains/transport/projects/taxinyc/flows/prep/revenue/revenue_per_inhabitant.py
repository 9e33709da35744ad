# Databricks notebook source
# MAGIC %md
# MAGIC # Revenue per inhabitant
# MAGIC
# MAGIC Where do taxis earn most for each person who lives there?
# MAGIC
# MAGIC | | |
# MAGIC |---|---|
# MAGIC | reads | `revenue_by_borough`, `borough_population` |
# MAGIC | writes | `revenue_per_inhabitant`: `borough`, `population`, `amount`, `revenue_per_inhabitant` |
# MAGIC
# MAGIC - Only the boroughs that the census counts are here: trips from `Unknown` or from Newark's airport (`EWR`) have
# MAGIC   no inhabitants to be shared among.
# MAGIC - A borough without a single trip earned nothing: it is here with 0.00, rather than missing.
# MAGIC - Refunds are subtracted, as in `revenue_by_borough`.
# MAGIC - Amounts are dollars with 2 decimals, rounded once, at the end; the order is by the figures before rounding.

# COMMAND ----------

from pyspark.sql import functions as F

# COMMAND ----------

# MAGIC %md
# MAGIC ## Where to read and write
# MAGIC
# MAGIC The other tasks of this job wrote into the same schema.

# COMMAND ----------

catalog = dbutils.widgets.get("catalog")
schema = dbutils.widgets.get("schema")
target = f"`{catalog}`.`{schema}`.revenue_per_inhabitant"

# COMMAND ----------

# MAGIC %md
# MAGIC ## Join

# COMMAND ----------

revenue = spark.table(f"`{catalog}`.`{schema}`.revenue_by_borough").withColumnRenamed("pickup_borough", "borough")
population = spark.table(f"`{catalog}`.`{schema}`.borough_population")

per_inhabitant = F.col("amount") / F.col("population")

revenue_per_inhabitant = (
    population.join(revenue, "borough", "left")
    .withColumn("amount", F.coalesce("amount", F.lit(0)).cast("decimal(18,2)"))
    .withColumn("revenue_per_inhabitant", F.round(per_inhabitant, 2).cast("decimal(18,2)"))
    .select("borough", "population", "amount", "revenue_per_inhabitant")
    .sort(per_inhabitant.desc(), "borough")
)

# COMMAND ----------

# MAGIC %md
# MAGIC ## Write
# MAGIC
# MAGIC A table has no order of its own, so what is shown is sorted again.

# COMMAND ----------

revenue_per_inhabitant.write.mode("overwrite").option("overwriteSchema", True).saveAsTable(target)
display(spark.table(target).sort(per_inhabitant.desc(), "borough"))
