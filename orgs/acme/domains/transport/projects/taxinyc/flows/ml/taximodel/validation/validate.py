# Databricks notebook source
# MAGIC %md
# MAGIC # Validate
# MAGIC
# MAGIC How far off is the model on trips that it has not seen, and is it any better than to say the mean of the fares
# MAGIC that it was trained with, whatever the trip?
# MAGIC
# MAGIC | | |
# MAGIC |---|---|
# MAGIC | reads | `trip_features`, `model_coefficients` |
# MAGIC | writes | `validation`: `trips`, `rmse`, `mae`, `baseline_rmse`, in dollars but for the number of trips |
# MAGIC
# MAGIC The job of `ml/taximodel/training` runs this one when it is done. If the mean does better, it fails, and so does
# MAGIC the training. Otherwise the version that was trained becomes the champion of the registered model `taxifare`, where
# MAGIC MLflow is installed.

# COMMAND ----------

from functools import reduce
from importlib.util import find_spec
from operator import add

from pyspark.sql import functions as F

# COMMAND ----------

# MAGIC %md
# MAGIC ## Where to read and write
# MAGIC
# MAGIC Both parts of the flow `taximodel` have the same schema.

# COMMAND ----------

catalog = dbutils.widgets.get("catalog")
schema = dbutils.widgets.get("schema")
target = f"`{catalog}`.`{schema}`.validation"

# COMMAND ----------

# MAGIC %md
# MAGIC ## Predict

# COMMAND ----------

trips = spark.table(f"`{catalog}`.`{schema}`.trip_features")
model = spark.table(f"`{catalog}`.`{schema}`.model_coefficients").collect()

summands = [F.lit(row.coefficient) * (F.lit(1.0) if row.feature == "intercept" else F.col(row.feature)) for row in model]
mean = trips.where("not held_out").agg(F.avg("fare")).first()[0]
held_out = trips.where("held_out").withColumns({"predicted": reduce(add, summands), "mean": F.lit(mean)})

# COMMAND ----------

# MAGIC %md
# MAGIC ## Compare

# COMMAND ----------


def rmse(predicted):
    return F.sqrt(F.avg((F.col("fare") - F.col(predicted)) ** 2))


validation = held_out.agg(
    F.count("*").alias("trips"),
    rmse("predicted").alias("rmse"),
    F.avg(F.abs(F.col("fare") - F.col("predicted"))).alias("mae"),
    rmse("mean").alias("baseline_rmse"),
)

# COMMAND ----------

# MAGIC %md
# MAGIC ## Write

# COMMAND ----------

validation.write.mode("overwrite").option("overwriteSchema", True).saveAsTable(target)
display(spark.table(target))

# COMMAND ----------

(figures,) = spark.table(target).collect()
if not figures.rmse < figures.baseline_rmse:
    raise ValueError(f"the model is off by ${figures.rmse:.2f}, and the mean by ${figures.baseline_rmse:.2f} only")

# COMMAND ----------

# MAGIC %md
# MAGIC ## Promote
# MAGIC
# MAGIC Whoever loads `taxifare@champion` gets this version from now on. A model that failed above keeps its alias
# MAGIC `challenger`, and the champion stays.

# COMMAND ----------

if find_spec("mlflow"):
    import mlflow

    if mlflow.get_tracking_uri().startswith("databricks"):
        mlflow.set_registry_uri("databricks-uc")
    client, model = mlflow.MlflowClient(), f"{catalog}.{schema}.taxifare"
    version = client.get_model_version_by_alias(model, "challenger").version
    client.set_model_version_tag(model, version, "validation_rmse", f"{figures.rmse:.4f}")
    client.set_registered_model_alias(model, "champion", version)
    print(f"version {version} of {model} is the champion")
