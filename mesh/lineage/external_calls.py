"""Calls of what notebooks find on Databricks: `spark`, `dbutils`, `dlt`, Delta tables and brickops."""

from __future__ import annotations

from mesh.lineage.column_calls import FUNCTIONS, call_function, is_window
from mesh.lineage.frame_calls import Call
from mesh.lineage.frame_writer import created, read_table
from mesh.lineage.python_calls import BUILT_IN, unknown_call
from mesh.lineage.python_value import (
    NONE,
    Computed,
    External,
    Frame,
    Known,
    Merge,
    Pairs,
    Value,
    as_expression,
    certain,
    combined,
    data_of,
    gap_of,
    text_of,
)
from mesh.lineage.relation import EMPTY, NOWHERE, Relation, unknown_columns
from mesh.lineage.session import Session
from mesh.lineage.sql_statement import SqlReader
from mesh.lineage.table import UNKNOWN, Gap, Place

# The modules of pipelines; Databricks documentation, "Pipeline development": `dlt` is the former name
PIPELINES = ("dlt.", "pyspark.pipelines.")
_FILES = frozenset({"load", "csv", "json", "parquet", "orc", "text", "xml", "jdbc", "format_load"})
_BRICKOPS = ("brickops.datamesh.naming.", "brickops.datamesh.")


def call_external(name: str, call: Call, session: Session) -> Value:
    """Calls something of another package; what is not known gives a value that only a run knows.

    Args:
        name: its dotted name.
        call: its arguments.
        session: the session.
    """
    if name.startswith("spark."):
        return _spark(name.removeprefix("spark."), call, session)
    if name.startswith("dbutils."):
        return _dbutils(name.removeprefix("dbutils."), call, session)
    if name.startswith(FUNCTIONS):
        return call_function(name.removeprefix(FUNCTIONS), call.arguments, call.keywords, call.place)
    if is_window(name):
        return combined(as_expression(one, names=True) for one in call.values)
    if name.startswith(PIPELINES):
        return _pipeline(name.rpartition(".")[2], call, session)
    if name.startswith(("delta.tables.DeltaTable.", "delta.DeltaTable.")):
        return _delta_table(name.rpartition(".")[2], call, session)
    if name.startswith(_BRICKOPS) and (found := _brickops(name.rpartition(".")[2], call, session)):
        return found
    if name in BUILT_IN:
        return BUILT_IN[name](call)
    if name in ("display", "builtins.display"):
        for one in call.values:
            session.needs(data_of([one]))
        return NONE
    return unknown_call(name.removeprefix("builtins."), call)


def _spark(name: str, call: Call, session: Session) -> Value:
    last = name.rpartition(".")[2]
    if name == "sql":
        return _sql(call, session)
    if last == "table" and name.split(".")[0] in ("table", "read", "readStream"):
        return read_table(call.argument(0, "tableName"), call.place, session)
    if name == "createDataFrame":
        return created(call)
    if name == "range":
        return Frame(Relation({"id": NOWHERE}))
    if name.startswith(("read.", "readStream.")):
        if last not in _FILES:  # an option: the reader stays
            return External("spark.read")
        gap = Gap(call.place, "the columns of files are not known")
        return Frame(unknown_columns(EMPTY, gap))
    if name == "conf.get":
        return _parameter(call, session, "the setting")
    if name == "conf.set":
        key, value = text_of(call.argument(0, "key")), call.argument(1, "value")
        if key:
            session.parameters[key] = str(value.value) if isinstance(value, Known) else None
        return NONE
    if name == "catalog.setCurrentCatalog":
        session.catalog = text_of(call.argument(0, "catalogName"))
        return NONE
    if name == "catalog.setCurrentDatabase":
        parts = (text_of(call.argument(0, "dbName")) or "").split(".")
        session.schema = parts[-1] or None
        session.catalog = parts[0] if len(parts) == 2 else session.catalog
        return NONE
    return unknown_call(f"spark.{name}", call)


def _sql(call: Call, session: Session) -> Value:
    text = text_of(call.argument(0, "sqlQuery"))
    if text is None:
        why = gap_of([call.argument(0, "sqlQuery")])
        gap = session.unknown(
            call.place, f"the SQL is not known: {why.why if why else 'only a run knows it'}"
        )
        return Frame(Relation(gaps=frozenset({gap})))
    given = call.keywords.get("args")
    arguments = {
        key: str(value.value) if isinstance(value, Known) and certain(value) else None
        for key, value in (given.items.items() if isinstance(given, Pairs) else ())
    }
    frames = {key: one.relation for key, one in call.keywords.items() if isinstance(one, Frame)}
    before = dict(session.views)
    session.views |= {f"{_FRAME}{key.lower()}": one for key, one in frames.items()}
    for key in call.keywords:
        text = text.replace(f"{{{key}}}", f"{_FRAME}{key}" if key in frames else UNKNOWN)
    place = call.place
    reader = SqlReader(session, lambda line: Place(place.file, place.line + line - 1, place.cell))
    result = Frame(reader.read(text, arguments))
    session.views = before | {key: one for key, one in session.views.items() if not key.startswith(_FRAME)}
    return result


_FRAME = "__frame_"


def _dbutils(name: str, call: Call, session: Session) -> Value:
    if name in ("widgets.get", "widgets.getArgument"):
        return _parameter(call, session, "the parameter")
    if name in ("widgets.text", "widgets.dropdown", "widgets.combobox"):
        key, default = text_of(call.argument(0, "name")), text_of(call.argument(1, "defaultValue"))
        if key and default is not None:
            session.parameters.setdefault(key, default)
        return NONE
    if name == "notebook.run":
        path = text_of(call.argument(0, "path")) or "a notebook"
        session.unknown(call.place, f"the notebook `{path[:60]}`, which this one runs, is not followed")
    return unknown_call(f"dbutils.{name}", call)


def _parameter(call: Call, session: Session, what: str) -> Value:
    key = text_of(call.argument(0, "name", "key"))
    value = session.parameters.get(key) if key else None
    if value is not None:
        return Known(value)
    default = text_of(call.argument(1, "default", "defaultValue"))
    if key not in session.parameters and default is not None:
        return Known(default)
    gap = Gap(call.place, f"{what} `{(key or '?')[:60]}` is only known when the code runs")
    return Computed(gap, plain=True)


def _pipeline(name: str, call: Call, session: Session) -> Value:
    if name in ("read", "read_stream", "readStream"):
        return read_table(call.argument(0, "name"), call.place, session)
    if name in ("apply_changes", "create_auto_cdc_flow", "apply_changes_from_snapshot"):
        source = read_table(call.argument(1, "source"), call.place, session)
        target = text_of(call.argument(0, "target"))
        if target:
            session.written(target, call.place, source.relation)
        return NONE
    return NONE


def _delta_table(name: str, call: Call, session: Session) -> Value:
    table = text_of(call.argument(1, "tableOrViewName", "name"))
    if name == "forName" and table:
        return Merge(table, Frame(session.named(table, call.place)))
    gap = session.unknown(call.place, f"the table of `DeltaTable.{name[:40]}` is not known")
    return Computed(gap)


def _brickops(name: str, call: Call, session: Session) -> Value | None:
    """Calls brickops' functions for names: the mesh computes the same names."""
    names = session.given.names
    if names is None:
        return None
    env = call.keywords.get("env")
    if env is not None and text_of(env) not in (None, names.env):
        return None
    if name == "catname_from_path":
        return Known(names.catalog)
    catalog = call.argument(2 if name != "dbname" else 1, "cat")
    if catalog is not None and not text_of(catalog):
        catalog = None
    prefix = text_of(catalog) or names.catalog
    if name == "dbname":
        db = text_of(call.argument(0, "db"))
        alone = isinstance(call.keywords.get("prepend_cat"), Known) and not call.keywords["prepend_cat"].value  # type: ignore[union-attr]
        if db is None:
            return None
        schema = names.schema(db)
        return Known(_quoted(schema if alone else f"{prefix}.{schema}"))
    if name in ("tablename", "build_table_name"):
        table, db = text_of(call.argument(0, "tbl")), text_of(call.argument(1, "db"))
        if table is None or db is None:
            return None
        return Known(_quoted(f"{db if '.' in db else f'{prefix}.{names.schema(db)}'}.{table}"))
    return None


def _quoted(name: str) -> str:
    """Quotes the parts that need it, so that SQL reads every name."""
    return ".".join(part if part.isidentifier() or "`" in part else f"`{part}`" for part in name.split("."))
