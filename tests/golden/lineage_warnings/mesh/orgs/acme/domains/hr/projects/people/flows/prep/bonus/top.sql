CREATE OR REPLACE TABLE IDENTIFIER(:catalog || '.' || :schema || '.top') AS
SELECT
  o.customer,
  o.euro
FROM IDENTIFIER(:orders_catalog || '.' || :orders_schema || '.orders') AS o
WHERE NOT EXISTS (
  SELECT 1 FROM IDENTIFIER(:orders_catalog || '.' || :orders_schema || '.order') AS x
  WHERE x.id = o.id
);
