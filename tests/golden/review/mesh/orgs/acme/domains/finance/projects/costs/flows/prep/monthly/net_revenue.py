# Databricks notebook source
print("costs")
