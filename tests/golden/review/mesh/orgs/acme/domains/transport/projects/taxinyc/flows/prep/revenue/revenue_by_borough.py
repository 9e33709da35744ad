# Databricks notebook source
print("revenue_by_borough")
