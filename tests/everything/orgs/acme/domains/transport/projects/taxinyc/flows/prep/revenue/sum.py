# Databricks notebook source
print("sum")
