# Databricks notebook source
source = f"{dbutils.widgets.get('taxi_catalog')}.{dbutils.widgets.get('taxi_schema')}.revenue_by_borough"
zones = spark.table(source).select("pickup_borough").distinct()
zones.write.saveAsTable(f"{dbutils.widgets.get('catalog')}.{dbutils.widgets.get('schema')}.zones")
