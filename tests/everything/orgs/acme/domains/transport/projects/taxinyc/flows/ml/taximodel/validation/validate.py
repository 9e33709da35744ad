# Databricks notebook source
print("validate")
