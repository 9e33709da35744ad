# Databricks notebook source
print("tips")
