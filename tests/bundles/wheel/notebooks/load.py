# Databricks notebook source
# MAGIC %run ./settings

# COMMAND ----------

import formats

print(formats.name(LEVEL))
