# Databricks notebook source
busy = spark.table(source).sort("amount")
late = busy.where("revenue_by_borough is not null")
