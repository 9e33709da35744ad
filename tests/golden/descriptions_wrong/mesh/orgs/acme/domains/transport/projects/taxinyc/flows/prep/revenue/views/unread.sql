SELECT * FROM IDENTIFIER(:geo_catalog || '.' || :geo_schema || '.zones')
