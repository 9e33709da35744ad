# Databricks notebook source
# MAGIC %md
# MAGIC # Explore the trips
# MAGIC
# MAGIC | | |
# MAGIC |---|---|
# MAGIC | reads | `training.taxinyc_trips.yellow_taxi_trips_curated_sample` |
# MAGIC | writes | `trips_per_borough`: `pickup_borough`, `trips` |
# MAGIC
# MAGIC Say at the top, in the widget `schema`, which schema is yours, then run cell by cell.

# COMMAND ----------

dbutils.widgets.text("catalog", "training")
dbutils.widgets.text("schema", "")

# COMMAND ----------

from pyspark.sql import functions as F

trips = spark.table("training.taxinyc_trips.yellow_taxi_trips_curated_sample")
trips.printSchema()

# COMMAND ----------

# MAGIC %md
# MAGIC ## What is there, and what is odd?

# COMMAND ----------

display(
    trips.select(
        F.count("*").alias("trips"),
        F.min("pickup_datetime").alias("first"),
        F.max("pickup_datetime").alias("last"),
        F.count_if(F.col("pickup_borough").isNull()).alias("without_borough"),
        F.count_if(F.col("total_amount") < 0).alias("paid_back"),
    )
)

# COMMAND ----------

display(trips.where("total_amount < 0").select("pickup_datetime", "pickup_borough", "total_amount").limit(5))

# COMMAND ----------

# MAGIC %md
# MAGIC ## Trips per borough
# MAGIC
# MAGIC A trip whose borough is not known counts as `Unknown`: it took place.

# COMMAND ----------

borough = F.coalesce("pickup_borough", F.lit("Unknown")).alias("pickup_borough")
trips_per_borough = trips.groupBy(borough).agg(F.count("*").alias("trips")).sort("pickup_borough")

# COMMAND ----------

# MAGIC %md
# MAGIC ## Write
# MAGIC
# MAGIC Nobody but you says where: whatever stands in the widgets is taken at its word.

# COMMAND ----------

catalog, schema = dbutils.widgets.get("catalog"), dbutils.widgets.get("schema")
assert schema, "the widget `schema` is empty: write the name of your own schema there"
target = f"`{catalog}`.`{schema}`.trips_per_borough"

trips_per_borough.write.mode("overwrite").option("overwriteSchema", True).saveAsTable(target)
display(spark.table(target).sort(F.desc("trips")))
