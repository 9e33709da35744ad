# Databricks notebook source
# MAGIC %md
# MAGIC # Explore the trips
# MAGIC
# MAGIC | | |
# MAGIC |---|---|
# MAGIC | reads | `training.taxinyc_trips.yellow_taxi_trips_curated_sample` |
# MAGIC | writes | `trips_per_borough`: `pickup_borough`, `trips` |
# MAGIC
# MAGIC Write the name of your schema into the widget `schema` at the top, then run the notebook cell by cell.

# COMMAND ----------

dbutils.widgets.text("catalog", "training")
dbutils.widgets.text("schema", "")

# COMMAND ----------

from pyspark.sql import functions as F

trips = spark.table("training.taxinyc_trips.yellow_taxi_trips_curated_sample")
trips.printSchema()

# COMMAND ----------

# MAGIC %md
# MAGIC ## What does the data look like, and what is unusual?

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
# MAGIC A trip without a borough counts as `Unknown`, because it is still a trip.

# COMMAND ----------

borough = F.coalesce("pickup_borough", F.lit("Unknown")).alias("pickup_borough")
trips_per_borough = trips.groupBy(borough).agg(F.count("*").alias("trips")).sort("pickup_borough")

# COMMAND ----------

# MAGIC %md
# MAGIC ## Write
# MAGIC
# MAGIC The notebook writes to the catalog and schema in the widgets. It does not check whether the schema is yours.

# COMMAND ----------

catalog, schema = dbutils.widgets.get("catalog"), dbutils.widgets.get("schema")
assert schema, "the widget `schema` is empty: write the name of your schema into it"
target = f"`{catalog}`.`{schema}`.trips_per_borough"

trips_per_borough.write.mode("overwrite").option("overwriteSchema", True).saveAsTable(target)
display(spark.table(target).sort(F.desc("trips")))
