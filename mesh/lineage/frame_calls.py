"""Calls of data frames: what a method makes of the columns, and which ones compute or write.

Source: PySpark API reference, "DataFrame", "GroupedData" and "DataFrameWriter".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from mesh.lineage.column_calls import sql_expression
from mesh.lineage.python_value import (
    Bound,
    Computed,
    Expr,
    Frame,
    Grouped,
    Items,
    Known,
    Pairs,
    Value,
    Writer,
    as_expression,
    data_of,
    text_of,
    texts_of,
)
from mesh.lineage.relation import NOWHERE, Origin, Relation, united, unknown_columns
from mesh.lineage.session import Session
from mesh.lineage.table import Gap, Place, Table

# Methods that return rows of the same columns
_SAME = frozenset(
    [
        "cache",
        "persist",
        "unpersist",
        "repartition",
        "repartitionByRange",
        "coalesce",
        "hint",
        "sample",
        "sampleBy",
        "limit",
        "offset",
        "checkpoint",
        "localCheckpoint",
        "withWatermark",
        "observe",
        "distinct",
        "dropDuplicates",
        "drop_duplicates",
        "dropDuplicatesWithinWatermark",
        "fillna",
        "dropna",
        "replace",
        "withMetadata",
        "to",
    ]
)
_DISTINCT = frozenset({"distinct", "dropDuplicates", "drop_duplicates"})
_FILTERS = frozenset({"where", "filter"})
_SORTS = frozenset({"sort", "orderBy", "sortWithinPartitions"})
_GROUPS = frozenset({"groupBy", "groupby", "rollup", "cube"})
_UNIONS = frozenset({"union", "unionAll", "unionByName"})
_DIFFERENCES = frozenset({"intersect", "intersectAll", "subtract", "exceptAll"})
# Methods that compute the frame and return data
ACTIONS = frozenset(
    [
        "collect",
        "first",
        "head",
        "take",
        "tail",
        "toPandas",
        "toLocalIterator",
        "toArrow",
        "show",
        "display",
        "count",
        "isEmpty",
        "foreach",
        "foreachPartition",
        "toJSON",
        "describe",
        "summary",
        "approxQuantile",
        "corr",
        "cov",
        "crosstab",
        "freqItems",
    ]
)
_VIEWS = frozenset(
    [
        "createOrReplaceTempView",
        "createTempView",
        "createGlobalTempView",
        "createOrReplaceGlobalTempView",
        "registerTempTable",
    ]
)
_IN_PYTHON = frozenset(
    {"mapInPandas", "mapInArrow", "applyInPandas", "applyInArrow", "applyInPandasWithState"}
)
_AGGREGATES = frozenset({"sum", "avg", "mean", "min", "max", "count"})
_ONE_SIDE = frozenset({"left_semi", "leftsemi", "semi", "left_anti", "leftanti", "anti"})
# Properties and methods that only data frames have
OF_FRAMES = frozenset({"write", "writeTo", "writeStream", "mergeInto", *_VIEWS})
METHODS = frozenset(
    {
        *_SAME, *_FILTERS, *_SORTS, *_GROUPS, *_UNIONS, *_DIFFERENCES, *ACTIONS, *_VIEWS, *_IN_PYTHON,
        "select", "selectExpr", "withColumn", "withColumns", "withColumnRenamed", "withColumnsRenamed",
        "drop", "toDF", "agg", "join", "crossJoin", "alias", "transform", "writeTo", "unpivot", "melt",
        "explain", "printSchema", "na", "stat", "colRegex", "mergeInto",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Call:
    """A call, with its arguments.

    Args:
        arguments: the positional arguments.
        keywords: the others.
        place: the line.
    """

    arguments: Sequence[Value]
    keywords: Mapping[str, Value]
    place: Place

    def argument(self, index: int, *names: str) -> Value | None:
        """Returns an argument by position or by one of its names; None if it is not given."""
        if index < len(self.arguments):
            return self.arguments[index]
        return next((self.keywords[name] for name in names if name in self.keywords), None)

    @property
    def values(self) -> list[Value]:
        """All arguments, with the items of lists."""
        given = [*self.arguments, *self.keywords.values()]
        return [one for value in given for one in (value.items if isinstance(value, Items) else (value,))]


def call_frame(frame: Frame, name: str, call: Call, session: Session) -> Value:
    """Calls a method of a data frame.

    Args:
        frame: the frame.
        name: the method.
        call: its arguments.
        session: the session.
    """
    relation, place = frame.relation, call.place
    if name in ("select", "selectExpr"):
        texts = name == "selectExpr"
        return Frame(_selected(frame, [_expression(one, place, sql=texts) for one in call.values], place))
    if name in _FILTERS:
        condition = _expression(call.argument(0, "condition") or Known(True), place, sql=True)
        return _using(frame, [condition], place)
    if name in ("withColumn", "withColumns"):
        return Frame(relation.having(_new_columns(frame, name, call)), frame.aliases)
    if name in ("withColumnRenamed", "withColumnsRenamed"):
        return Frame(relation.renamed(_new_names(name, call), place), frame.aliases)
    if name == "drop":
        dropped = [text for one in call.values for text in texts_of(one)]
        labels = [one.label for one in call.values if isinstance(one, Expr) and one.label]
        return replace(frame, relation=relation.without([*dropped, *labels]))
    if name == "toDF":
        names = [text for one in call.values for text in texts_of(one)]
        origins = list(relation.columns.values())
        if relation.complete and len(names) == len(origins):
            return Frame(relation.only(dict(zip(names, origins, strict=True))))
        return Frame(relation.only(dict.fromkeys(names, relation.everything)))
    if name in _DISTINCT and not call.values:
        return replace(frame, relation=relation.using(relation.everything))
    if name in _SORTS or (name in _SAME and name.startswith("drop")) or name.startswith("repartition"):
        named = [as_expression(one, names=True) for one in call.values if not _is_constant(one)]
        return _using(frame, named, place)
    if name in _SAME:
        return frame
    if name in _GROUPS:
        return Grouped(frame, tuple(as_expression(one, names=True) for one in call.values))
    if name == "agg":
        return call_grouped(Grouped(frame, ()), name, call)
    if name in ("join", "crossJoin"):
        return _joined(frame, call)
    if name in _UNIONS or name in _DIFFERENCES:
        return _united(frame, name, call)
    if name == "alias":
        alias = text_of(call.argument(0, "alias"))
        return Frame(relation, {alias: relation} if alias else {})
    if name in _VIEWS:
        view = text_of(call.argument(0, "name", "viewName"))
        if view:
            session.views[view.lower()] = relation
        return Known(None)
    if name == "writeTo":
        return Writer(relation, call.argument(0, "table"))
    if name in ACTIONS:
        return _computed(frame, name, session)
    if name in _IN_PYTHON:
        return in_python(relation, call)
    if name in ("unpivot", "melt"):
        return Frame(unknown_columns(relation, Gap(place, f"the columns of `{name}` are not known")))
    return Known(None) if name in ("explain", "printSchema") else Bound(frame, name)


def call_grouped(grouped: Grouped, name: str, call: Call) -> Value:
    """Calls a method of a grouped frame."""
    frame, place = grouped.frame, call.place
    if name == "pivot":
        return replace(grouped, pivoted=True)
    keys = _selected(frame, grouped.keys, place)
    if name in _IN_PYTHON:
        return in_python(_using(frame, grouped.keys, place).relation, call)
    if name == "agg":
        expressions = [
            one
            for value in call.values
            for one in ([_aggregate(*pair) for pair in value.items.items()] if isinstance(value, Pairs) else
                        [as_expression(value, names=False)])
        ]  # fmt: skip
    elif name in _AGGREGATES:
        columns = [text for one in call.values for text in texts_of(one)]
        expressions = [_aggregate(column, Known(name)) for column in columns]
        if name == "count":
            expressions = [Expr(label="count")]
        elif not columns:
            gap = Gap(place, f"`{name}` of all numeric columns: which ones is only known when the code runs")
            return Frame(unknown_columns(frame.relation, gap))
    else:
        return Computed(relation=frame.relation)
    results = _selected(frame, expressions, place)
    used = keys.used | keys.everything.columns | results.used
    relation = replace(frame.relation.only({**keys.columns, **results.columns}), used=used)
    if grouped.pivoted:
        return Frame(unknown_columns(relation, Gap(place, "the columns of a pivot are not known")))
    return Frame(relation)


def in_python(relation: Relation, call: Call) -> Frame:
    """Returns the frame of a function in Python, whose columns its schema names."""
    names = ddl_names(text_of(call.argument(1, "schema")))
    gap = Gap(call.place, "these columns are computed in Python")
    if not names:
        return Frame(unknown_columns(relation, gap))
    return Frame(
        Relation(dict.fromkeys(names, relation.everything), tables=relation.tables, used=relation.used)
    )


def ddl_names(schema: str | None) -> list[str]:
    """Returns the names of columns in a schema as Spark writes it: `a INT, b STRUCT<c: INT>`."""
    names, depth, word = [], 0, ""
    for character in f"{schema or ''},":
        depth += (character in "<(") - (character in ">)")
        if character == "," and depth == 0:
            if parts := word.replace(":", " ").split():
                names.append(parts[0].strip("`").lower())
            word = ""
        else:
            word += character
    return names


def _computed(frame: Frame, name: str, session: Session) -> Value:
    relation = frame.relation.only({}) if name in ("count", "isEmpty") else frame.relation
    session.needs(relation)
    return Known(None) if name in ("show", "display") else Computed(relation=relation)


def _is_constant(value: Value) -> bool:
    return isinstance(value, Known) and not isinstance(value.value, str)


def _expression(value: Value, place: Place, *, sql: bool) -> Expr:
    text = text_of(value)
    return sql_expression(text, place) if sql and text is not None else as_expression(value, names=True)


def _using(frame: Frame, expressions: Sequence[Expr], place: Place) -> Frame:
    origin = united(frame.origin(one, place) for one in expressions)
    return replace(frame, relation=frame.relation.using(origin))


def _selected(frame: Frame, expressions: Sequence[Expr], place: Place) -> Relation:
    columns: dict[str, Origin] = {}
    rest, gaps = frozenset[Table](), frozenset[Gap]()
    for index, one in enumerate(expressions):
        if one.whole or any(name.endswith(".*") for name in one.names):
            columns |= frame.relation.columns
            rest, gaps = frame.relation.rest, frame.relation.gaps
        else:
            columns[(one.label or f"_c{index}").lower()] = frame.origin(one, place)
    return replace(frame.relation, columns=columns, rest=rest, gaps=gaps)


def _new_columns(frame: Frame, name: str, call: Call) -> dict[str, Origin]:
    if name == "withColumn":
        pairs: dict[str | None, Value | None] = {
            text_of(call.argument(0, "colName")): call.argument(1, "col")
        }
    else:
        given = call.argument(0, "colsMap")
        pairs = dict(given.items.items()) if isinstance(given, Pairs) else {}
    return {
        key: frame.origin(as_expression(value, names=False), call.place)
        for key, value in pairs.items()
        if key and value is not None
    }


def _new_names(name: str, call: Call) -> dict[str, str]:
    if name == "withColumnRenamed":
        old, new = text_of(call.argument(0, "existing")), text_of(call.argument(1, "new"))
        return {old: new} if old and new else {}
    given = call.argument(0, "colsMap")
    pairs = given.items.items() if isinstance(given, Pairs) else ()
    return {old: text for old, new in pairs if (text := text_of(new))}


def _joined(frame: Frame, call: Call) -> Value:
    other = call.argument(0, "other")
    right = other if isinstance(other, Frame) else Frame(data_of([other]))
    on, place = call.argument(1, "on"), call.place
    how = text_of(call.argument(2, "how")) or "inner"
    both = frame.relation.beside(right.relation)
    aliases = {**frame.aliases, **right.aliases}
    keys: dict[str, Origin] = {}
    if names := texts_of(on):
        keys = {name: frame.column(name, place) | right.column(name, place) for name in names}
        used = united(keys.values())
    elif on is not None:
        used = Frame(both, aliases).origin(as_expression(on, names=False), place)
    else:
        used = NOWHERE
    both = both.having(keys).using(used)
    if how.lower() in _ONE_SIDE:
        return Frame(replace(frame.relation, tables=both.tables, used=both.used), frame.aliases)
    return Frame(both, aliases)


def _united(frame: Frame, name: str, call: Call) -> Frame:
    other = call.argument(0, "other")
    right = other.relation if isinstance(other, Frame) else data_of([other])
    if name in _UNIONS:
        return Frame(frame.relation.above(right, by_name=name == "unionByName"))
    used = right.used | right.read | frame.relation.read
    return Frame(replace(frame.relation, tables=frame.relation.tables | right.tables, used=used))


def _aggregate(column: str, function: Value) -> Expr:
    label = f"{text_of(function) or 'agg'}({column})"
    return Expr(names=frozenset() if column == "*" else frozenset({column}), label=label)
