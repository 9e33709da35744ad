# Databricks notebook source
# MAGIC %md
# MAGIC # Train
# MAGIC
# MAGIC A straight line through all trips but those held out: the fare as a sum of the features, each times its
# MAGIC coefficient, with the least squares of errors.
# MAGIC
# MAGIC | | |
# MAGIC |---|---|
# MAGIC | reads | `trip_features` |
# MAGIC | writes | `model_coefficients`: `feature`, `coefficient` |
# MAGIC | tracks | a run in the flow's experiment, and a version of the registered model `taxifare`, its `challenger` |
# MAGIC
# MAGIC The table is the model: validation reads it. Where MLflow is installed, as on Databricks, the run is tracked and
# MAGIC the model registered besides, and validation decides whether the challenger becomes the champion.

# COMMAND ----------

from importlib.util import find_spec

import numpy as np

FEATURES = ["trip_distance", "passenger_count", "rush_hour"]

# COMMAND ----------

# MAGIC %md
# MAGIC ## Where to read and write
# MAGIC
# MAGIC `experiment` is a parameter because `deployment.yml` declares one.

# COMMAND ----------

catalog = dbutils.widgets.get("catalog")
schema = dbutils.widgets.get("schema")
experiment = dbutils.widgets.get("experiment")
target = f"`{catalog}`.`{schema}`.model_coefficients"

# COMMAND ----------

# MAGIC %md
# MAGIC ## Fit

# COMMAND ----------

trips = spark.table(f"`{catalog}`.`{schema}`.trip_features").where("not held_out").toPandas()
inputs, fares = trips[FEATURES], trips["fare"]

(intercept, *weights), *_ = np.linalg.lstsq(inputs.assign(intercept=1.0)[["intercept", *FEATURES]], fares, rcond=None)


def predict(model_input):
    return intercept + model_input[FEATURES] @ np.array(weights)


rmse = float(np.sqrt(np.mean((predict(inputs) - fares) ** 2)))

# COMMAND ----------

# MAGIC %md
# MAGIC ## Write

# COMMAND ----------

coefficients = dict(zip(["intercept", *FEATURES], map(float, [intercept, *weights])))
rows = spark.createDataFrame(list(coefficients.items()), "feature string, coefficient double")
rows.write.mode("overwrite").option("overwriteSchema", True).saveAsTable(target)
display(spark.table(target))

# COMMAND ----------

# MAGIC %md
# MAGIC ## Track and register

# COMMAND ----------

if find_spec("mlflow"):
    import mlflow

    if mlflow.get_tracking_uri().startswith("databricks"):
        mlflow.set_registry_uri("databricks-uc")  # another tracking server keeps models itself
    model = f"{catalog}.{schema}.taxifare"
    mlflow.set_experiment(experiment)
    with mlflow.start_run():
        mlflow.log_params({"trips": len(trips), "features": ", ".join(FEATURES)})
        mlflow.log_metrics({"training_rmse": rmse, **coefficients})
        logged = mlflow.pyfunc.log_model(
            "taxifare",
            python_model=predict,
            signature=mlflow.models.infer_signature(inputs, predict(inputs)),
            pip_requirements=["numpy", "pandas"],
            registered_model_name=model,
        )
    mlflow.MlflowClient().set_registered_model_alias(model, "challenger", logged.registered_model_version)
