"""Merges into Delta tables: `DeltaTable.forName(…).merge(…).whenMatchedUpdate(…).execute()`.

Source: Delta Lake API reference, "DeltaMergeBuilder".
"""

from __future__ import annotations

from dataclasses import replace

from mesh.lineage.column_calls import sql_expression
from mesh.lineage.frame_calls import Call
from mesh.lineage.python_value import (
    NONE,
    Computed,
    Expr,
    Frame,
    Merge,
    Pairs,
    Value,
    as_expression,
    data_of,
    text_of,
)
from mesh.lineage.relation import NOWHERE, Origin, Relation, united
from mesh.lineage.session import Session

_ALL = frozenset({"whenMatchedUpdateAll", "whenNotMatchedInsertAll", "whenNotMatchedBySourceUpdateAll"})
_SOME = {
    "whenMatchedUpdate": "set",
    "whenNotMatchedInsert": "values",
    "whenNotMatchedBySourceUpdate": "set",
}


def call_merge(merge: Merge, name: str, call: Call, session: Session) -> Value:
    """Calls a method of a Delta table or of its merge.

    Args:
        merge: the merge so far.
        name: the method.
        call: its arguments.
        session: the session.
    """
    place = call.place
    if name == "toDF":
        return merge.target
    if name == "alias":
        alias = text_of(call.argument(0, "aliasName"))
        target = Frame(merge.target.relation, {alias: merge.target.relation} if alias else {})
        return replace(merge, target=target)
    if name == "merge":
        source = call.argument(0, "source")
        rows = source if isinstance(source, Frame) else Frame(data_of([source]))
        both = _both(replace(merge, source=rows))
        used = both.origin(_condition(call.argument(1, "condition"), call), place)
        return replace(merge, source=replace(rows, relation=rows.relation.using(used)))
    if name in ("update", "delete"):
        merge = replace(merge, source=merge.target)
        columns = _assigned(merge, call, "set") if name == "update" else {}
        used = _both(merge).origin(_condition(call.argument(0, "condition"), call), place)
        tables = merge.target.relation.tables
        changed = Relation(columns, tables=tables).using(used)
        session.written(merge.name, place, changed, partial=True)
        return NONE
    if merge.source is None:
        return Computed(relation=merge.target.relation)
    if name in _ALL:
        return replace(merge, columns={**merge.source.relation.columns, **merge.columns})
    if name in _SOME:
        new = _assigned(merge, call, _SOME[name])
        return replace(
            merge,
            columns={
                **merge.columns,
                **{key: merge.columns.get(key, NOWHERE) | one for key, one in new.items()},
            },
        )
    if name == "execute":
        _execute(merge, call, session)
        return NONE
    return merge


def _execute(merge: Merge, call: Call, session: Session) -> None:
    assert merge.source is not None
    source, target = merge.source.relation, merge.target.relation
    matched = frozenset(one for one in source.used)
    relation = replace(source, columns=merge.columns, tables=source.tables | target.tables, used=matched)
    session.written(merge.name, call.place, relation, partial=True)


def _both(merge: Merge) -> Frame:
    """Returns the rows of target and source side by side."""
    if merge.source is None:
        return merge.target
    relation = merge.target.relation.beside(merge.source.relation)
    return Frame(relation, {**merge.target.aliases, **merge.source.aliases})


def _condition(value: Value | None, call: Call) -> Expr:
    text = text_of(value)
    if text is not None:
        return sql_expression(text, call.place)
    return Expr() if value is None else as_expression(value, names=False)


def _assigned(merge: Merge, call: Call, keyword: str) -> dict[str, Origin]:
    given = call.keywords.get(keyword) or next(
        (one for one in call.arguments if isinstance(one, Pairs)), None
    )
    if not isinstance(given, Pairs):
        return {}
    both = _both(merge)
    return {
        key.rpartition(".")[2].lower(): united([both.origin(_condition(value, call), call.place)])
        for key, value in given.items.items()
    }
