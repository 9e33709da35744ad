# Databricks notebook source
print("weather")
