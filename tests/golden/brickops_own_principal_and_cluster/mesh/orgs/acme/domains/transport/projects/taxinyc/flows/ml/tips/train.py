# Databricks notebook source
# MAGIC %pip list
print(1)
