# Databricks notebook source
from pyspark import pipelines as dp


@dp.materialized_view
def tips():
    return spark.read.table("trips")
