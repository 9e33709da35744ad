-- Databricks notebook source
CREATE OR REFRESH MATERIALIZED VIEW silver AS
SELECT 1 AS one
