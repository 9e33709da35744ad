# Databricks notebook source
# MAGIC %md
# MAGIC # Population by borough
# MAGIC
# MAGIC How many people live in each of New York's five boroughs: the census of 1 April 2020, from the file
# MAGIC `borough_population.csv` beside this notebook. The next census is in 2030, so a file in git is the right place.
# MAGIC
# MAGIC | | |
# MAGIC |---|---|
# MAGIC | reads | `borough_population.csv` |
# MAGIC | writes | `borough_population`: `borough`, `population` |

# COMMAND ----------

import csv

# COMMAND ----------

# MAGIC %md
# MAGIC ## Where to write

# COMMAND ----------

catalog = dbutils.widgets.get("catalog")
schema = dbutils.widgets.get("schema")
target = f"`{catalog}`.`{schema}`.borough_population"

# COMMAND ----------

# MAGIC %md
# MAGIC ## Read the file
# MAGIC
# MAGIC A notebook runs in its own folder, so that a file beside it needs no path.

# COMMAND ----------

with open("borough_population.csv", encoding="utf-8") as file:
    census = [(row["borough"], int(row["population"])) for row in csv.DictReader(file)]

borough_population = spark.createDataFrame(census, "borough string, population bigint")

# COMMAND ----------

# MAGIC %md
# MAGIC ## Write

# COMMAND ----------

borough_population.write.mode("overwrite").option("overwriteSchema", True).saveAsTable(target)
display(spark.table(target).sort("borough"))
