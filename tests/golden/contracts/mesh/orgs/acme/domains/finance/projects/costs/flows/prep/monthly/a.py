# Databricks notebook source
source = f"{dbutils.widgets.get('taxi_catalog')}.{dbutils.widgets.get('taxi_schema')}.revenue_by_borough"
total = spark.table(source).agg({"amount": "sum"})  # the amount of all boroughs
total.write.saveAsTable(f"{dbutils.widgets.get('catalog')}.{dbutils.widgets.get('schema')}.total")
