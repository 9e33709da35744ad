# Databricks notebook source
print("revenue")
