-- The range of prices in each zone, and an empty table for the peaks of this run.
--
-- reads   hourly_prices of the flow prep/prices
-- writes  price_range: zone, lowest, mean, highest
--         peaks: zone, first_hour, last_hour, eur_per_mwh; without rows

CREATE OR REPLACE TABLE IDENTIFIER(:catalog || '.' || :schema || '.price_range') AS
SELECT
  zone,
  min(eur_per_mwh) AS lowest,
  CAST(avg(eur_per_mwh) AS DECIMAL(9, 2)) AS mean,
  max(eur_per_mwh) AS highest
FROM IDENTIFIER(:prices_catalog || '.' || :prices_schema || '.hourly_prices')
GROUP BY zone;

-- A partition per zone: zones are written side by side.
CREATE OR REPLACE TABLE IDENTIFIER(:catalog || '.' || :schema || '.peaks') (
  zone STRING,
  first_hour INT,
  last_hour INT,
  eur_per_mwh DECIMAL(9, 2)
) PARTITIONED BY (zone);
