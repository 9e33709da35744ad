# Databricks notebook source
FARE = 3
