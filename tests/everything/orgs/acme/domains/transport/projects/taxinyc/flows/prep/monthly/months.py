# Databricks notebook source
print("months")
