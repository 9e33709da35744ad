CREATE FUNCTION unread() RETURNS INT RETURN (SELECT max(x) FROM IDENTIFIER(:geo_catalog || '.a.b'))
