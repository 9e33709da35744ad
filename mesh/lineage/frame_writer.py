"""Frames and tables: which table a frame is read from or written to.

Source: PySpark API reference, "DataFrameReader", "DataFrameWriter" and "DataFrameWriterV2".
"""

from __future__ import annotations

from dataclasses import replace

from mesh.lineage.frame_calls import Call, ddl_names
from mesh.lineage.python_value import (
    Computed,
    Frame,
    Items,
    Known,
    Pairs,
    Value,
    Writer,
    data_of,
    text_of,
    texts_of,
)
from mesh.lineage.relation import Relation, unknown_columns
from mesh.lineage.session import Session
from mesh.lineage.table import Gap, Place


def read_table(value: Value | None, place: Place, session: Session) -> Frame:
    """Returns the frame of a table that the code names, and records that it is read."""
    name = text_of(value)
    if name is None:
        gap = _not_known(value, place, session)
        return Frame(Relation(gaps=frozenset({gap})))
    return Frame(session.named(name, place))


def call_writer(writer: Writer, name: str, call: Call, session: Session) -> Value:
    """Calls a method of a writer; those that set options return it."""
    place = call.place
    if name == "mode":
        mode = text_of(call.argument(0, "saveMode"))
        return replace(writer, partial=writer.partial or mode not in ("overwrite", "error", "errorifexists"))
    if name == "option" and text_of(call.argument(0, "key")) == "replaceWhere":
        return replace(writer, partial=True)
    if name in ("saveAsTable", "insertInto", "toTable"):
        partial = writer.partial or name != "saveAsTable"
        _write(call.argument(0, "name", "tableName"), writer.relation, place, session, partial=partial)
        return Known(None)
    if name in ("create", "createOrReplace", "replace", "append", "overwrite", "overwritePartitions"):
        partial = name in ("append", "overwrite", "overwritePartitions")
        _write(writer.table or call.argument(9), writer.relation, place, session, partial=partial)
        return Known(None)
    if name in ("save", "start", "parquet", "csv", "json", "text", "orc", "jdbc"):
        session.needs(writer.relation)
        return Known(None)
    return writer


def created(call: Call) -> Frame:
    """Returns the frame of `spark.createDataFrame`."""
    data, schema = call.argument(0, "data"), call.argument(1, "schema")
    source = data_of([data])
    text = text_of(schema)
    names = ddl_names(text) if text is not None else [one.lower() for one in texts_of(schema)]
    if not names and isinstance(data, Items) and data.items and isinstance(data.items[0], Pairs):
        names = [name.lower() for name in data.items[0].items]
    if names:
        origin = source.everything
        relation = Relation(dict.fromkeys(names, origin), tables=source.tables, used=source.used)
    else:
        gap = Gap(call.place, "the columns of a frame that is made of Python data are not known")
        relation = unknown_columns(source, gap)
    return Frame(relation)


def _write(value: Value | None, relation: Relation, place: Place, session: Session, *, partial: bool) -> None:
    name = text_of(value)
    if name is None:
        session.needs(relation)
        _not_known(value, place, session)
    else:
        session.written(name, place, relation, partial=partial)


def _not_known(value: Value | None, place: Place, session: Session) -> Gap:
    reason = value.gap.why if isinstance(value, Computed) and value.gap else "only a run knows it"
    return session.unknown(place, f"the name of a table is not known: {reason}")
