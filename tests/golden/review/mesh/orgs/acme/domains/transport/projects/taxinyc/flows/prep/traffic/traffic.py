# Databricks notebook source
print("traffic")
