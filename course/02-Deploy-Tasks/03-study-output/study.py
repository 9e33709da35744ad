# Databricks notebook source
# MAGIC %md
# MAGIC # Study the output
# MAGIC
# MAGIC | | |
# MAGIC |---|---|
# MAGIC | reads | `revenue_by_borough`, `revenue_by_tripmonth`, `revenue_per_inhabitant` |
# MAGIC | writes | `best_borough`: `pickup_borough`, `amount`, one row |

# COMMAND ----------

dbutils.widgets.text("catalog", "training")
dbutils.widgets.text("schema", "")

# COMMAND ----------

from pyspark.sql import functions as F

catalog, schema = dbutils.widgets.get("catalog"), dbutils.widgets.get("schema")
assert schema, "the widget `schema` is empty: write the name of your schema into it"


def name(table):
    return f"`{catalog}`.`{schema}`.{table}"


# COMMAND ----------

# MAGIC %md
# MAGIC ## Do the tables agree?
# MAGIC
# MAGIC The months of a borough add up to its revenue. If they do not, rows were lost.

# COMMAND ----------

by_borough = spark.table(name("revenue_by_borough"))
months = (
    spark.table(name("revenue_by_tripmonth"))
    .groupBy("pickup_borough")
    .agg(F.sum("amount").alias("of_months"))
)
display(
    by_borough.join(months, "pickup_borough").withColumn("difference", F.col("amount") - F.col("of_months"))
)

# COMMAND ----------

# MAGIC %md
# MAGIC ## Which borough has the highest revenue per inhabitant?
# MAGIC
# MAGIC `revenue_per_inhabitant` is rounded to cents: easy to read, but not exact enough to sort by.

# COMMAND ----------

per_inhabitant = spark.table(name("revenue_per_inhabitant"))
ordered = per_inhabitant.sort(F.desc(F.col("amount") / F.col("population")))
display(ordered)

# COMMAND ----------

best = ordered.limit(1).select(F.col("borough").alias("pickup_borough"), "amount")
best.write.mode("overwrite").option("overwriteSchema", True).saveAsTable(name("best_borough"))
display(spark.table(name("best_borough")))
