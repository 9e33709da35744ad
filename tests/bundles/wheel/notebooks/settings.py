# Databricks notebook source
LEVEL = dbutils.widgets.get("level")
