# Databricks notebook source
target = f"{dbutils.widgets.get('catalog')}.{dbutils.widgets.get('schema')}.returns"
spark.table("landing.shop.returns").select("id", "order_id").write.saveAsTable(target)
