# Databricks notebook source
trips = spark.table("training.taxis.trips").groupBy("pickup_borough").agg({"fare": "sum"})
target = f"{dbutils.widgets.get('catalog')}.{dbutils.widgets.get('schema')}.revenue_by_borough"
trips.withColumnRenamed("sum(fare)", "amount").write.mode("overwrite").saveAsTable(target)
