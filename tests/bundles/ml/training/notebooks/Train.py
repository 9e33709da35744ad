# Databricks notebook source
from steps import fit

fit()
