# Databricks notebook source
# MAGIC %sql
# MAGIC CREATE OR REPLACE TABLE ${catalog}.${schema}.by_customer AS
# MAGIC SELECT customer, sum(euros) AS revenue
# MAGIC FROM ${orders_catalog}.${orders_schema}.orders
# MAGIC GROUP BY customer

# COMMAND ----------

spark.table("sales.dev_olanordmann_featuretips_5bd01c2f_returns.returns").count()
