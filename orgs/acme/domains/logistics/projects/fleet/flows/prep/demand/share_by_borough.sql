-- Databricks notebook source
-- MAGIC %md
-- MAGIC # Share of the fleet by borough
-- MAGIC
-- MAGIC Vehicles wait where taxis earn most. In each month, a borough's share of the fleet is its share of the revenue.
-- MAGIC
-- MAGIC | | |
-- MAGIC |---|---|
-- MAGIC | reads | `revenue_by_tripmonth` of the flow `transport/taxinyc/prep/revenue` |
-- MAGIC | writes | `share_by_borough`: `trip_year`, `trip_month`, `borough`, `percent` |
-- MAGIC
-- MAGIC No vehicle waits for trips of which nobody knows where they began (`Unknown`), or where refunds exceed what was
-- MAGIC earned.

-- COMMAND ----------

CREATE OR REPLACE TABLE IDENTIFIER(:catalog || '.' || :schema || '.share_by_borough') AS
SELECT
  trip_year,
  trip_month,
  pickup_borough AS borough,
  CAST(100 * amount / sum(amount) OVER (PARTITION BY trip_year, trip_month) AS DECIMAL(5, 2)) AS percent
FROM IDENTIFIER(:taxi_catalog || '.' || :taxi_schema || '.revenue_by_tripmonth')
WHERE pickup_borough <> 'Unknown' AND amount > 0

-- COMMAND ----------

SELECT * FROM IDENTIFIER(:catalog || '.' || :schema || '.share_by_borough')
ORDER BY trip_year, trip_month, percent DESC
