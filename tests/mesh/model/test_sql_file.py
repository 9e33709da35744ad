"""Valid SQL of Databricks is accepted, whatever the parser makes of it; errors are told where they are."""

from __future__ import annotations

import pytest

from mesh.model.notebook import Cell
from mesh.model.sql_file import check_sql

# Statements of Databricks' SQL language reference, one a line
VALID = r"""
SELECT * EXCEPT (a) FROM t QUALIFY row_number() OVER (PARTITION BY b ORDER BY c) = 1
FROM t |> WHERE a > 1 |> SELECT b
CREATE OR REPLACE TABLE IDENTIFIER(:catalog || '.' || :schema || '.price_range') AS SELECT 1 AS a
CREATE OR REFRESH STREAMING TABLE raw AS SELECT * FROM STREAM read_files('/Volumes/a/b/c', format => 'json')
CREATE OR REFRESH MATERIALIZED VIEW m (CONSTRAINT ok EXPECT (a IS NOT NULL) ON VIOLATION DROP ROW) COMMENT 'x' AS SELECT a FROM t
CREATE STREAMING TABLE s; APPLY CHANGES INTO s FROM STREAM(raw) KEYS (id) SEQUENCE BY ts STORED AS SCD TYPE 2
CREATE TABLE t (id BIGINT GENERATED ALWAYS AS IDENTITY, d DATE NOT NULL COMMENT 'x', CONSTRAINT pk PRIMARY KEY (id)) USING DELTA CLUSTER BY (d) TBLPROPERTIES ('delta.enableChangeDataFeed' = 'true')
CREATE TABLE t CLUSTER BY AUTO AS SELECT 1
COPY INTO t FROM '/Volumes/x' FILEFORMAT = CSV FORMAT_OPTIONS ('header' = 'true') COPY_OPTIONS ('mergeSchema' = 'true')
MERGE INTO t USING s ON t.id = s.id WHEN MATCHED AND s.op = 'D' THEN DELETE WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT * WHEN NOT MATCHED BY SOURCE THEN DELETE
MERGE WITH SCHEMA EVOLUTION INTO t USING s ON t.id = s.id WHEN NOT MATCHED THEN INSERT *
INSERT INTO t REPLACE WHERE d > '2020-01-01' SELECT * FROM s
INSERT OVERWRITE TABLE t PARTITION (d = '2020') SELECT 1
INSERT INTO t BY NAME SELECT 1 AS a
DELETE FROM t WHERE a = 1
UPDATE t SET a = a + 1, b = DEFAULT WHERE c IN (SELECT c FROM s)
SELECT raw:a.b[0]::string, a?::int, transform(x, y -> y + 1), x[0], m['k'], named_struct('a', 1).a FROM t LATERAL VIEW explode(x) e AS y
SELECT * FROM t TIMESTAMP AS OF '2024-01-01'
SELECT IDENTIFIER(:c || '.f')(x - 1), IDENTIFIER(:c)(t.x) FROM t WHERE IDENTIFIER(concat('a', 'b'))(x + 1) > 2
SELECT * FROM IDENTIFIER(:c || '.f')(1, 'a') AS t
SELECT * FROM t VERSION AS OF 3
SELECT * FROM t@v3
SELECT * FROM delta.`/Volumes/a/b`
SELECT * FROM read_files('/x', format => 'csv', header => true)
SELECT a, sum(b) FILTER (WHERE c) FROM t GROUP BY ALL HAVING sum(b) > 1 ORDER BY ALL
SELECT a, sum(b) FROM t GROUP BY GROUPING SETS ((a), ()) LIMIT 10 OFFSET 5
SELECT * FROM t PIVOT (sum(a) FOR b IN ('x' AS x, 'y'))
SELECT * FROM t UNPIVOT INCLUDE NULLS (v FOR n IN (a, b))
SELECT * FROM t TABLESAMPLE (5 PERCENT) REPEATABLE (1)
WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT * FROM r
DECLARE OR REPLACE VARIABLE x INT DEFAULT 5
SET VAR x = (SELECT max(a) FROM t)
SET spark.sql.shuffle.partitions = 5
USE CATALOG main
USE SCHEMA IDENTIFIER(:schema)
EXECUTE IMMEDIATE 'SELECT 1' INTO x USING 5
BEGIN DECLARE x INT DEFAULT 0; WHILE x < 5 DO SET x = x + 1; END WHILE; SELECT x; END
CREATE OR REPLACE FUNCTION f(x INT) RETURNS INT LANGUAGE PYTHON AS $$ return x + 1 $$
CREATE FUNCTION g(x INT DEFAULT 3) RETURNS TABLE (a INT) COMMENT 'x' RETURN SELECT x
OPTIMIZE t ZORDER BY (a)
VACUUM t RETAIN 168 HOURS
ALTER TABLE t SET TAGS ('a' = 'b')
ALTER TABLE t ADD COLUMNS (a INT COMMENT 'x' AFTER b)
ALTER TABLE t ALTER COLUMN a SET MASK f
ALTER TABLE t CLUSTER BY NONE
GRANT SELECT ON TABLE t TO `analysts`
COMMENT ON TABLE t IS 'x'
CREATE OR REPLACE VIEW v (a COMMENT 'x') COMMENT 'y' TBLPROPERTIES ('a' = 'b') AS SELECT 1 AS a
CREATE TEMPORARY VIEW v USING csv OPTIONS (path '/x')
CREATE SCHEMA IF NOT EXISTS a.b MANAGED LOCATION 's3://x'
CREATE VOLUME IF NOT EXISTS v COMMENT 'x'
SELECT ai_query('m', 'x' || a) FROM t
SELECT date_add(DAY, 1, d), INTERVAL '1' DAY, INTERVAL 2 HOURS + ts, DATE'2020-01-01', X'1F', 1L, 1.5BD, 1e3 FROM t
SELECT CASE WHEN a THEN 1 ELSE 2 END, IF(a, 1, 2), a IS DISTINCT FROM b, a <=> b, a RLIKE 'x', a ILIKE ANY ('x', 'y'), NOT a, ~a, a DIV b, a % b FROM t
SELECT /*+ BROADCAST(s), REPARTITION(3) */ * FROM t NATURAL LEFT SEMI JOIN s USING (a) CROSS JOIN u
SELECT * FROM t LEFT ANTI JOIN s ON t.a = s.a, LATERAL (SELECT 1) AS l
SELECT stack(2, 'a', 1, 'b', 2) AS (k, v)
SELECT percentile_approx(a, 0.5), count_if(a > 1), any_value(a) IGNORE NULLS, first(a, true), listagg(a, ',') WITHIN GROUP (ORDER BY a) FROM t
SELECT window.start, count(*) FROM t GROUP BY window(ts, '10 minutes')
SELECT * FROM VALUES (1, 'a'), (2, 'b') AS t(id, name)
VALUES (1), (2)
TABLE t
SELECT `weird col`, "text", 'it''s', r'\d', 'a\'b' FROM `a-b`.c.d
SELECT try_cast(a AS INT), cast(a AS STRUCT<x: INT, y: ARRAY<STRING>>), from_json(a, 'x INT') FROM t
SELECT a FROM t UNION ALL BY NAME SELECT a FROM s EXCEPT SELECT 1 MINUS SELECT 2
SELECT * FROM table_changes('t', 1)
SELECT * FROM STREAM t
SELECT * FROM STREAM(live.t)
CREATE TABLE t SHALLOW CLONE s VERSION AS OF 3
CREATE TABLE a LIKE b
SHOW TABLES IN a LIKE 'x*'
DESCRIBE HISTORY t
CACHE SELECT * FROM t
SELECT * FROM t WHERE a = :param AND b IN (:x, :y) AND c > ?
FROM t /* x */ WHERE b = 1;
INSERT INTO t (a, b) VALUES (1, DEFAULT), (2, NULL)
SELECT sum(a) OVER w, lag(a, 1) OVER (ORDER BY b ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM t WINDOW w AS (PARTITION BY c)
SELECT * FROM t SORT BY a DISTRIBUTE BY b
SELECT DISTINCT a.*, named_struct('x', a) s FROM t a JOIN (SELECT 1 x) b ON a.x <=> b.x
SELECT timestampdiff(MINUTE, a, b), dateadd(HOUR, 2, a), extract(YEAR FROM a), position('a' IN b), substring(a FROM 2 FOR 3), trim(BOTH 'x' FROM a), overlay(a PLACING 'b' FROM 2) FROM t
SELECT current_date, current_timestamp(), current_user(), a.b.c.d, a:`x y`:z FROM t
CREATE MATERIALIZED VIEW v SCHEDULE EVERY 1 HOUR AS SELECT 1
CREATE OR REPLACE MATERIALIZED VIEW v SCHEDULE CRON '0 0 * * * ?' AS SELECT 1
CREATE FLOW f AS INSERT INTO t BY NAME SELECT * FROM STREAM s
CREATE FLOW f AS AUTO CDC INTO t FROM STREAM s KEYS (id) SEQUENCE BY ts
SELECT http_request(conn => 'x', method => 'GET')
SELECT a FROM t WHERE (a, b) IN ((1, 2), (3, 4)) AND EXISTS (SELECT 1)
CREATE TABLE t (a STRING COLLATE UTF8_LCASE, v VARIANT, g DOUBLE GENERATED ALWAYS AS (a + 1), m STRING MASK f USING COLUMNS (a)) PARTITIONED BY (d) LOCATION 's3://x' COMMENT 'c' WITH ROW FILTER f ON (a)
REFRESH MATERIALIZED VIEW v
CALL p(1, x => 2)
CREATE PROCEDURE p(IN x INT) LANGUAGE SQL SQL SECURITY INVOKER AS BEGIN SELECT x; END
SELECT CAST(a AS INTERVAL DAY TO SECOND), TIMESTAMP_NTZ'2020-01-01', a::TIMESTAMP_LTZ FROM t
ANALYZE TABLE t COMPUTE STATISTICS FOR ALL COLUMNS
INSERT INTO TABLE t TABLE s
WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a
SELECT * FROM vector_search(index => 'i', query_text => 'x', num_results => 3)
SELECT a, COUNT(DISTINCT b, c), GROUPING(a) FROM t GROUP BY a WITH ROLLUP
SELECT * FROM (t JOIN s USING (id)) WHERE x BETWEEN 1 AND 2 OR y NOT LIKE 'a%' ESCAPE '!'
FROM t SELECT a
SELECT aggregate(x, 0, (acc, y) -> acc + y), exists(x, y -> y > 1), x.*, map_filter(m, (k, v) -> v > 1) FROM t
SELECT * FROM event_log(TABLE(t))
SELECT variant_get(v, '$.a', 'int'), v:a::int FROM t, LATERAL variant_explode(v)
MERGE INTO t USING s ON a = b WHEN NOT MATCHED THEN INSERT (a) VALUES (s.a)
INSERT INTO t REPLACE USING (a) SELECT * FROM s
INSERT INTO t WITH a AS (SELECT 1) SELECT * FROM a
SELECT '{{ name }}', {{x}}, ${y} FROM {{ table }} WHERE a = '${b}'
SELECT try_divide(a, b), array_sort(a, (x, y) -> 1), regexp_replace(a, 'b', 'c', 2), xpath(a, 'b'), levenshtein(a, b, 3)
REPLACE TABLE t AS SELECT 1
ALTER STREAMING TABLE t ADD SCHEDULE REFRESH EVERY 1 HOUR
"""


@pytest.mark.parametrize("statement", VALID.strip().splitlines())
def test_valid_sql_is_no_finding(statement: str) -> None:
    assert [*check_sql([Cell(statement, 1)], "a.sql")] == []


@pytest.mark.parametrize(
    ("sql", "line", "column", "problem"),
    [
        ("SELECT 1;\nSELCT a FROM b", 2, 1, "`SELCT` begins no statement, SELECT does"),
        ("SELECT (a FROM b", 1, 8, "`(` is not closed"),
        ("SELECT a) FROM b", 1, 9, "`)` closes nothing"),
        ("SELECT 'abc FROM b", 1, 1, "a text, name or comment does not end"),
        ("SELECT a FROM b ORDER a", 1, 23, "invalid expression / unexpected token at `a`"),
        ("SELECT a FROM WHERE b = 1", 1, 15, "expected table name at `WHERE`"),
        ("CREATE VIEW v AS\nSELECT a FORM b WHERE c", 2, 15, "invalid expression / unexpected token at `b`"),
        ("INSERT INTO t SELECT a b c FROM d", 1, 26, "invalid expression / unexpected token at `c`"),
        ("SELECT CASE WHEN a THEN 1 FROM b", 1, 25, "expected end after case at `1`"),
    ],
)
def test_errors_are_told_where_they_are(sql: str, line: int, column: int, problem: str) -> None:
    [found] = check_sql([Cell(sql, 1)], "a.sql")

    assert (found.line, found.column) == (line, column)
    assert found.message == f"SQL cannot be read here: {problem} (correct the syntax)"
