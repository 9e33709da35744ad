# Databricks notebook source
target.write.mode("overwrite").option("overwriteSchema", True).saveAsTable("revenue_by_borough")
