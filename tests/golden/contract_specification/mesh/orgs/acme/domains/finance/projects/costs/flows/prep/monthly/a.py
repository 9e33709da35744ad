# Databricks notebook source
total = spark.table(source).agg({"amount": "sum"})
