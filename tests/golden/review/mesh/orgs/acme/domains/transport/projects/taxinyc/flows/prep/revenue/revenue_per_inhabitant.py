# Databricks notebook source
print("revenue_per_inhabitant")
