# Databricks notebook source
print(dbutils.widgets.get("table"))
