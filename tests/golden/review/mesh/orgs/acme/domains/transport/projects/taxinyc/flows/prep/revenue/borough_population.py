# Databricks notebook source
print("borough_population")
