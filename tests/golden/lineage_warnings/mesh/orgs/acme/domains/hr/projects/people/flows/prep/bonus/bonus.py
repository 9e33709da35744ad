# Databricks notebook source
orders = spark.table(f"{dbutils.widgets.get('orders_catalog')}.{dbutils.widgets.get('orders_schema')}.orders")

# COMMAND ----------

bonus = orders.groupBy("seller").sum("euros")
bonus.write.saveAsTable(f"{dbutils.widgets.get('catalog')}.{dbutils.widgets.get('schema')}.bonus")
