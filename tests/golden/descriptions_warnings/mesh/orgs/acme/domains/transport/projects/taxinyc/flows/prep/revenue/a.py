# Databricks notebook source
print("by_borough")
