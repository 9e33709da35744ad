# Databricks notebook source
# MAGIC %sql
# MAGIC CREATE OR REPLACE TABLE IDENTIFIER(:catalog || '.' || :schema || '.shifts') AS
# MAGIC -- the amount decides who drives
# MAGIC SELECT pickup_borough, rank() OVER (ORDER BY amount) AS place
# MAGIC FROM IDENTIFIER(:taxi_catalog || '.' || :taxi_schema || '.revenue_by_borough')
