# Databricks notebook source
%pip list
print(1)
