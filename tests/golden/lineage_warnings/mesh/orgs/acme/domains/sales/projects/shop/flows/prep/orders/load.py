# Databricks notebook source
place = f"`{dbutils.widgets.get('catalog')}`.`{dbutils.widgets.get('schema')}`"

# COMMAND ----------

raw = spark.table("landing.shop.orders").select("id", "customer", "amount", "currency", "ordered_at")
raw.where("amount > 0").write.mode("overwrite").option("overwriteSchema", True).saveAsTable(f"{place}.raw")
