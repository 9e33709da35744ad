"""Python code: which tables it reads and writes, and how columns flow."""

from __future__ import annotations

import pytest

from tests.support.lineage import gaps, read_python, reads, used, written

F = "from pyspark.sql import functions as F\n"


def saved(expression: str) -> dict[str, str]:
    """The columns of a table that a frame is saved as; `trips` and `zones` are frames."""
    code = f"{F}trips, zones = spark.table('trips'), spark.table('zones')\n({expression}).write.saveAsTable('r')\n"
    return written(read_python(code))["r"]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("trips.select('id', F.col('amount').alias('a'))", {"id": "trips.id", "a": "trips.amount"}),
        ("trips.select(trips.id, trips['zone'])", {"id": "trips.id", "zone": "trips.zone"}),
        ("trips[['id', 'zone']]", {"id": "trips.id", "zone": "trips.zone"}),
        ("trips.selectExpr('id', 'amount * paid AS x')", {"id": "trips.id", "x": "trips.amount trips.paid"}),
        ("zones.select('*', F.lit(1).alias('one'))", {"zone": "zones.zone", "borough": "zones.borough", "one": ""}),
        ("zones.withColumn('up', F.upper('zone'))", {"zone": "zones.zone", "borough": "zones.borough", "up": "zones.zone"}),
        ("zones.withColumns({'a': F.col('zone')}).drop('zone', 'borough')", {"a": "zones.zone"}),
        ("zones.withColumnRenamed('zone', 'z')", {"z": "zones.zone", "borough": "zones.borough"}),
        ("zones.toDF('a', 'b')", {"a": "zones.zone", "b": "zones.borough"}),
        ("trips.groupBy('zone').agg(F.sum('amount').alias('t'))", {"zone": "trips.zone", "t": "trips.amount"}),
        ("trips.groupBy('zone').count()", {"zone": "trips.zone", "count": ""}),
        ("trips.groupBy('zone').agg({'amount': 'max'})", {"zone": "trips.zone", "max(amount)": "trips.amount"}),
        ("trips.groupBy('zone').sum('amount')", {"zone": "trips.zone", "sum(amount)": "trips.amount"}),
        ("trips.agg(F.count('*').alias('n'))", {"n": ""}),
        ("trips.join(zones, 'zone').select('borough', 'id')", {"borough": "zones.borough", "id": "trips.id"}),
        (
            "trips.alias('t').join(zones.alias('z'), F.col('t.zone') == F.col('z.zone')).select('t.id', 'z.zone')",
            {"id": "trips.id", "zone": "zones.zone"},
        ),
        ("zones.join(trips, 'zone', 'left_semi')", {"zone": "zones.zone", "borough": "zones.borough"}),
        ("zones.select('zone').union(trips.select('id'))", {"zone": "trips.id zones.zone"}),
        ("zones.select('zone').unionByName(trips.select('zone'))", {"zone": "trips.zone zones.zone"}),
        ("trips.select(F.when(trips.paid, F.col('id')).otherwise(0).alias('x'))", {"x": "trips.id trips.paid"}),
        ("trips.select(F.expr('amount + 1').alias('x'))", {"x": "trips.amount"}),
        ("trips.select(F.date_format('paid', 'yyyy').alias('y'))", {"y": "trips.paid"}),
        ("trips.select(F.concat_ws('-', 'id', 'zone').alias('k'))", {"k": "trips.id trips.zone"}),
        ("trips.transform(lambda df: df.select('id'))", {"id": "trips.id"}),
        ("trips.where('amount > 1').distinct().limit(5).cache().select('id')", {"id": "trips.id"}),
        ("trips.mapInPandas(print, 'a INT, b STRUCT<c: INT, d: INT>').select('a')", {"a": "trips.amount trips.id trips.paid trips.zone"}),
        ("spark.createDataFrame(zones.collect(), 'a string')", {"a": "zones.borough zones.zone"}),
        ("trips.select(F.lit(zones.agg(F.max('borough')).first()[0]).alias('top'))", {"top": "zones.borough"}),
        ("spark.sql('SELECT id AS k FROM trips WHERE zone = 1')", {"k": "trips.id"}),
        ("spark.sql('SELECT id FROM {t}', t=trips)", {"id": "trips.id"}),
        ("spark.sql('SELECT id FROM IDENTIFIER(:name)', args={'name': 'c.s.trips'})", {"id": "trips.id"}),
    ],
)  # fmt: skip
def test_the_columns_of_a_frame(expression: str, expected: dict[str, str]) -> None:
    assert saved(expression) == expected


def test_columns_that_decide_rows_are_apart_from_those_of_the_result() -> None:
    code = (
        F + "spark.table('trips').where(F.col('paid') > 1).sort('zone').select('id').write.saveAsTable('r')"
    )

    assert used(read_python(code).writes[0].relation) == "trips.paid trips.zone"


@pytest.mark.parametrize(
    "code",
    [
        "spark.table(f'{c}.{s}.trips')",
        "spark.table('`' + c + '`.s.trips')",
        "spark.table('%s.%s.trips' % (c, s))",
        "spark.table('{}.{}.trips'.format(c, s))",
        "spark.table('.'.join([c, s, 'trips']))",
        "spark.read.table('trips')",
        "spark.read.format('delta').option('a', 1).table('trips')",
        "spark.readStream.table('trips')",
        "spark.sql('select * from trips')",
        "names = {'in': 'trips'}\nspark.table(names['in'])",
        "for name in ['trips']:\n    spark.table(name)",
        "[spark.table(name) for name in ('trips',)]",
        "def load(name='trips'):\n    return spark.table(name)\nload()",
        "def load(*names, **more):\n    return spark.table(more['n'])\nload(n='trips')",
        "class Job:\n    def run(self):\n        spark.table('trips')",
        "def each(batch, number):\n    batch.sparkSession.sql('x')\n    spark.table('trips')\nq.foreachBatch(each)",
        "try:\n    spark.table('trips')\nexcept Exception:\n    pass",
        "x = 'trips' if c == 'c' else 'zones'\nspark.table(x)",
        "if s != 's':\n    spark.table('zones')\nelse:\n    spark.table('trips')",
    ],
)
def test_a_table_whose_name_the_code_computes(code: str) -> None:
    start = "c, s = dbutils.widgets.get('catalog'), dbutils.widgets.get('schema')\n"

    found = read_python(start + code, {"catalog": "c", "schema": "s"})

    assert [name.partition(":")[0] for name in reads(found)] == ["trips"]


@pytest.mark.parametrize(
    "code",
    [
        "df.write.mode('overwrite').saveAsTable('r')",
        "df.write.insertInto('r')",
        "df.writeTo('r').using('delta').createOrReplace()",
        "df.writeTo('c.s.r').append()",
        "df.writeStream.option('a', 'b').trigger(availableNow=True).toTable('r')",
        "df.createOrReplaceTempView('v')\nspark.sql('CREATE TABLE r AS SELECT * FROM v')",
        "spark.sql(f\"INSERT INTO {'r'} BY NAME SELECT zone, borough FROM zones\")",
        "def save(frame, name):\n    frame.write.saveAsTable(name)\nsave(df, name='r')",
        "def batch(frame, id):\n    frame.write.saveAsTable('r')\ndf.writeStream.foreachBatch(batch).start()",
        "import dlt\n@dlt.table\ndef r():\n    return df",
        "import dlt\n@dlt.table(name='r', comment='x')\n@dlt.expect('a', 'b')\ndef other():\n    return dlt.read('zones')",
        "from pyspark import pipelines as dp\n@dp.materialized_view\ndef r():\n    return df",
        "from pyspark import pipelines as dp\n@dp.append_flow(target='r')\ndef f():\n    return df",
        "import dlt\ndlt.create_auto_cdc_flow(target='r', source='zones', keys=['zone'])",
        "import dlt\n@dlt.view\ndef v():\n    return df\n@dlt.table\ndef r():\n    return dlt.read('v')",
    ],
)
def test_a_table_that_code_writes(code: str) -> None:
    found = read_python(f"df = spark.table('zones')\n{code}")

    assert written(found) == {"r": {"zone": "zones.zone", "borough": "zones.borough"}}
    assert gaps(found) == []


def test_a_merge_of_delta_tables() -> None:
    found = read_python(
        """
        from delta.tables import DeltaTable
        new = spark.table("trips").alias("n")
        (DeltaTable.forName(spark, "zones").alias("z").merge(new, "z.zone = n.zone")
            .whenMatchedUpdate(set={"borough": "n.paid"}).whenNotMatchedInsert(values={"zone": "n.zone"}).execute())
        """
    )

    assert written(found) == {"zones": {"borough": "trips.paid", "zone": "trips.zone"}}
    assert used(found.writes[0].relation) == "trips.zone zones.zone"


def test_data_that_goes_through_python_keeps_its_tables() -> None:
    found = read_python(
        """
        import numpy as np
        frame = spark.table("zones").toPandas()
        weights, *_ = np.linalg.lstsq(frame[["zone"]], frame["borough"])
        rows = [("w", float(one)) for one in weights]
        spark.createDataFrame(rows, "name string, weight double").write.saveAsTable("r")
        """
    )

    assert written(found) == {"r": {"name": "zones.borough zones.zone", "weight": "zones.borough zones.zone"}}


def test_a_module_of_the_mesh_is_followed() -> None:
    text = "TRIPS = 'trips'\ndef by(frame, *keys):\n    return frame.groupBy(*keys).count()\n"

    found = read_python(
        "from shared.sums import TRIPS, by\nby(spark.table(TRIPS), 'zone').write.saveAsTable('r')",
        modules=lambda name, _: ("libs/shared/sums.py", text) if name == "shared.sums" else None,
    )

    assert written(found) == {"r": {"zone": "trips.zone", "count": ""}}


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("spark.table(dbutils.widgets.get('x'))", "the name of a table is not known: the parameter `x` is only known when the code runs"),
        ("spark.table(f\"s.{dbutils.widgets.get('x')}\")", "the name of this table is only known when the code runs"),
        ("import os\nspark.table(os.environ['T'])", "the name of a table is not known: "),
        ("spark.sql(open('a.sql').read())", "the SQL is not known: "),
        ("df = spark.table('a')\ndf.write.saveAsTable(name())", "the name of a table is not known: "),
        ("def f(table):\n    return spark.table(table)", "the name of a table is not known: the argument of `f` is only known when it is called"),
        ("dbutils.notebook.run('other', 60)", "the notebook `other`, which this one runs, is not followed"),
        ("def (", "Python cannot read this code"),
    ],
)  # fmt: skip
def test_what_is_only_known_when_the_code_runs_is_told(code: str, why: str) -> None:
    assert any(why in gap for gap in gaps(read_python(code))), gaps(read_python(code))


def test_what_another_package_does_with_a_frame_is_told() -> None:
    found = read_python(
        "from other import clean\nclean(spark.table('zones')).write.mode('append').saveAsTable('r')"
    )

    assert written(found) == {"r": {}}
    assert [str(one) for one in found.writes[0].relation.all_tables] == ["c.s.zones"]
    assert gaps(found) == ["2: the result of `other.clean` is only known when it runs"]


def test_both_branches_of_an_unknown_condition_count() -> None:
    found = read_python(
        """
        if dbutils.widgets.get("mode") == "full":
            df = spark.table("trips").select("id")
        else:
            df = spark.table("zones").select(spark.table("zones").zone.alias("id"))
        df.write.saveAsTable("r")
        """
    )

    assert written(found) == {"r": {"id": "trips.id zones.zone"}}


def test_brickops_names_are_those_of_the_mesh() -> None:
    from mesh.lineage.python_reader import PythonReader
    from mesh.lineage.python_value import Unit
    from mesh.lineage.session import Names, Session, Surroundings

    given = Surroundings(names=Names("dev", "sales", lambda db: f"dev_me_{db}"))
    found = Session(given)
    code = """
from brickops.datamesh.naming import build_table_name, catname_from_path, dbname, tablename
cat = catname_from_path()
spark.table(tablename(db="raw", tbl="a"))
spark.table(build_table_name(cat=cat, db="raw", tbl="b"))
spark.table(f"{dbname(db='raw', cat=cat)}.c")
spark.table(f"{cat}.{dbname(db='raw', cat=cat, prepend_cat=False)}.d")
"""

    PythonReader(found).read(code, Unit("a.py"))

    assert [str(one.table) for one in found.reads] == [f"sales.dev_me_raw.{name}" for name in "abcd"]


@pytest.mark.parametrize(
    "code",
    [
        "def f():\n    return f()\nf()",
        "x = [1] * 10 ** 9\nfor a in range(10 ** 9):\n    spark.table('t')",
        "x = 'a'\n" + "x = x + x\n" * 200,
        "y = [[[[z for z in range(99)] for a in range(99)] for b in range(99)] for c in range(99)]",
        f"x = {'(' * 150}1{')' * 150}",
        f"x = {'-' * 5000}1",
        "x = 'a'.join(['b' * 5] * 5).replace('', 'c' * 10)\nx.zfill(10 ** 12)",
        "x = '%1000000000d' % 1",
        "while True:\n    spark.table('t')",
        "f = lambda g: g(g)\nf(f)",
    ],
)
def test_hostile_code_ends(code: str) -> None:
    assert read_python(code).writes == []
