CREATE OR REPLACE TABLE IDENTIFIER(:catalog || '.' || :schema || '.orders') AS
SELECT o.*, r.rate * o.amount AS euros
FROM IDENTIFIER(:catalog || '.' || :schema || '.raw') AS o
JOIN landing.shop.rates AS r ON r.currency = o.currency;
