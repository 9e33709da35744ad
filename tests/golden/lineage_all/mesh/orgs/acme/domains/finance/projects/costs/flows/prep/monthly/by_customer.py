# Databricks notebook source
# MAGIC %sql
# MAGIC CREATE OR REPLACE TABLE ${catalog}.${schema}.by_customer AS
# MAGIC SELECT customer, sum(euros) AS revenue
# MAGIC FROM ${orders_catalog}.${orders_schema}.orders
# MAGIC GROUP BY customer

# COMMAND ----------

import os

spark.table(os.environ["BUDGET"]).show()
