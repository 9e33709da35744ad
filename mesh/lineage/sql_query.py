"""Queries in SQL: the columns of their result, and where each comes from.

sqlglot qualifies the names of a query; this module follows them from the result to the tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope, traverse_scope

from mesh.lineage.relation import EMPTY, NOWHERE, Origin, Relation, united, unknown_columns
from mesh.lineage.table import Gap, Place, Table

DIALECT = "databricks"

Lookup = Callable[[exp.Expr], Relation]
"""Returns the relation of a table in a query."""

At = Callable[[int], Place]
"""Returns the place of a line of the SQL, counted from 1."""

# Clauses whose columns decide the rows of a result
_DECIDING = ("where", "group", "having", "qualify", "order", "cluster", "sort", "distribute", "distinct")
_MOST_NODES = 20_000


def query_relation(query: exp.Expr, lookup: Lookup, place: Place, at: At) -> Relation:
    """Returns the relation of a query.

    Args:
        query: the query, as sqlglot parses it.
        lookup: returns the relation of a table.
        place: the line of the query.
        at: returns the place of a line of the SQL.
    """
    if sum(1 for _ in query.walk()) > _MOST_NODES:
        return _of_tables(query, lookup, Gap(place, "the query is too long for its columns to be followed"))
    if query.find(exp.Pivot):
        return _of_tables(query, lookup, Gap(place, "the columns of a pivot are not known"))
    try:
        try:
            return _resolved(query, lookup, place, at, with_schema=True)
        except SqlglotError:  # the query names a column that a table does not have
            return _resolved(query, lookup, place, at, with_schema=False)
    except (SqlglotError, RecursionError, ValueError, KeyError, AttributeError, TypeError) as error:
        why = f"the columns of this query cannot be followed: {[*str(error).splitlines(), ''][0][:120]}"
        return _of_tables(query, lookup, Gap(place, why))


def _resolved(query: exp.Expr, lookup: Lookup, place: Place, at: At, *, with_schema: bool) -> Relation:
    """Returns the relation of a query whose names sqlglot qualifies.

    Raises:
        SqlglotError: the query contradicts the columns of its tables.
    """
    sources: dict[str, Relation] = {}
    marked = _with_marks(query.copy(), lookup, sources)
    known = {name: one for name, one in sources.items() if one.complete and with_schema}
    schema: dict[str, object] = {name: dict.fromkeys(one.columns, "string") for name, one in known.items()}
    qualified = qualify(
        marked,
        schema=schema or None,
        dialect=DIALECT,
        validate_qualify_columns=False,
        quote_identifiers=False,
        identify=False,
    )
    scope = build_scope(qualified)
    return _Resolver(sources, place, at).relation(scope) if scope else EMPTY


def _of_tables(query: exp.Expr, lookup: Lookup, gap: Gap) -> Relation:
    relation = EMPTY
    for table in list(_tables(query)):
        relation = relation.beside(lookup(table))
    return unknown_columns(relation, gap)


def _tables(query: exp.Expr) -> Iterator[exp.Table]:
    """Yields the tables of a query, without names of CTEs and functions."""
    found: dict[int, exp.Table] = {}
    for scope in traverse_scope(query):
        for source in scope.sources.values():
            if isinstance(source, exp.Table) and isinstance(source.this, exp.Identifier):
                found[id(source)] = source
    yield from found.values()


def _with_marks(query: exp.Expr, lookup: Lookup, sources: dict[str, Relation]) -> exp.Expr:
    """Returns the query with a mark in place of each table, and fills the relations of the marks."""
    for table in list(_tables(query)):
        mark, name = f"_source_{len(sources)}", table.name
        sources[mark] = lookup(table)
        if not table.alias:
            table.set("alias", exp.TableAlias(this=exp.to_identifier(name, quoted=True)))
        for part in ("db", "catalog"):
            table.set(part, None)
        table.set("this", exp.to_identifier(mark))
    for column in query.find_all(exp.Column):
        # `catalog.schema.table.column`: the table's name is its alias now
        if column.args.get("db") and any(
            one.alias_or_name == column.table for one in query.find_all(exp.Table)
        ):
            column.set("db", None)
            column.set("catalog", None)
    return query


class _Resolver:
    """Follows the columns of a qualified query."""

    def __init__(self, sources: Mapping[str, Relation], place: Place, at: At) -> None:
        self._sources = sources
        self._place = place
        self._at = at
        self._known: dict[int, Relation] = {}

    def relation(self, scope: Scope) -> Relation:
        """Returns the relation of a scope."""
        if id(scope) not in self._known:
            self._known[id(scope)] = EMPTY  # a recursive CTE reads itself
            self._known[id(scope)] = self._of_scope(scope)
        return self._known[id(scope)]

    def _of_scope(self, scope: Scope) -> Relation:
        query = scope.expression
        if isinstance(query, exp.SetOperation):
            return self._of_set_operation(query, scope)
        if isinstance(query, exp.Select):
            return self._of_select(query, scope)
        if isinstance(query, exp.Values):
            return EMPTY.only(dict.fromkeys(_column_aliases(query), NOWHERE))
        if isinstance(query, exp.Subquery):
            inner = [self.relation(one) for one in scope.subquery_scopes or scope.derived_table_scopes]
            return inner[0] if inner else EMPTY
        # a function in FROM: its columns come from its arguments
        origin = united(self._column(one, scope) for one in query.find_all(exp.Column))
        return Relation(
            {"*": origin}, tables=frozenset(one.table for one in origin.columns), used=origin.columns
        )

    def _of_set_operation(self, query: exp.SetOperation, scope: Scope) -> Relation:
        left, right = (self.relation(one) for one in scope.set_operation_scopes)
        if isinstance(query, exp.Union):
            both = left.above(right, by_name=bool(query.args.get("by_name")))
            return both.using(both.everything) if query.args.get("distinct") else both
        deciding = left.everything.columns | right.everything.columns | right.used
        tables = left.tables | right.tables
        return replace(left, tables=tables, used=left.used | deciding)

    def _of_select(self, query: exp.Select, scope: Scope) -> Relation:
        named = {name: self._source(name, scope) for name in scope.selected_sources}
        joined = [join.alias_or_name for join in query.args.get("joins") or ()]
        relation = EMPTY
        for one in (*named.values(), *(self._source(name, scope) for name in joined if name not in named)):
            relation = relation.beside(one)
        relation = Relation(tables=relation.tables, used=relation.used, doubts=relation.doubts)
        for one in (self.relation(inner) for inner in scope.subquery_scopes):
            relation = replace(relation, tables=relation.tables | one.tables)
        relation = relation.using(united(self._origin(node, scope) for node in _deciding(query)))
        gaps: set[Gap] = set()
        columns: dict[str, Origin] = {}
        rest: frozenset[Table] = frozenset()
        for index, projection in enumerate(query.expressions):
            if isinstance(projection, exp.Star) or _is_star(projection):
                whole = self._star(projection, named)
                columns |= {name: one for name, one in whole.columns.items() if name not in columns}
                rest |= whole.rest
                gaps |= whole.gaps
                continue
            name = projection.alias_or_name.lower() or f"_c{index}"
            columns[name] = self._origin(projection, scope)
        result = replace(relation, columns=columns, rest=rest, gaps=frozenset(gaps))
        return result.using(result.everything) if query.args.get("distinct") else result

    def _star(self, projection: exp.Expr, named: Mapping[str, Relation]) -> Relation:
        """Returns all columns of one source or of all sources."""
        table = projection.table if isinstance(projection, exp.Column) else ""
        star = projection.this if isinstance(projection, exp.Column) else projection
        chosen = [one for name, one in named.items() if not table or name == table]
        whole = EMPTY
        for one in chosen:
            whole = whole.beside(one)
        left_out = star.args.get("except_") or star.args.get("except") or ()
        names = [one.name.lower() for one in left_out]
        return replace(whole, columns={name: one for name, one in whole.columns.items() if name not in names})

    def _source(self, name: str, scope: Scope) -> Relation:
        _, source = scope.selected_sources.get(name, (None, scope.sources.get(name)))
        if isinstance(source, Scope):
            relation = self.relation(source)
            names = _column_aliases(source.expression)
            if "*" in relation.columns:  # a function
                return replace(relation, columns=dict.fromkeys(names or ["*"], relation.columns["*"]))
            return relation
        if isinstance(source, exp.Table):
            return self._sources.get(source.name) or self._of_function(source)
        return EMPTY

    def _of_function(self, table: exp.Table) -> Relation:
        name = (
            table.this.name.lower()
            if isinstance(table.this, exp.Anonymous)
            else table.this.sql_name().lower()
        )
        if name == "range":  # Databricks documentation, "range table-valued function"
            return EMPTY.only({"id": NOWHERE})
        gap = Gap(self._place, f"the columns that `{name[:60]}` returns are not known")
        return Relation(gaps=frozenset({gap}))

    def _origin(self, node: exp.Expr, scope: Scope) -> Origin:
        """Returns the origin of an expression, with those of its subqueries."""
        origins = []
        for column in _own_columns(node):
            origins.append(self._column(column, scope))
        for inner in scope.subquery_scopes:
            if _contains(node, inner.expression):
                found = self.relation(inner)
                origins += [found.everything, Origin(found.used, found.doubts)]
        return united(origins)

    def _column(self, column: exp.Column, scope: Scope | None) -> Origin:
        name, table, own = column.name.lower(), column.table, scope
        while scope is not None:
            if table and table in scope.sources:
                source = self._source(table, scope)
                if "*" in source.columns and name not in source.columns:
                    return source.columns["*"]
                return source.column(name, self._place_of(column))
            if not table and (found := self._unqualified(column, scope)) is not None:
                return found
            scope = scope.parent
        if table:  # `a.b` is the field `b` of a column `a`
            first = column.parts[0].name
            return self._column(exp.column(first), own)
        why = f"column `{name[:60]}` is of no table of this query"
        return Origin(gaps=frozenset({Gap(self._place_of(column), why, "column")}))

    def _place_of(self, column: exp.Expr) -> Place:
        line = column.this.meta.get("line") if isinstance(column.this, exp.Identifier) else None
        return self._at(line) if line else self._place

    def _unqualified(self, column: exp.Column, scope: Scope) -> Origin | None:
        """Returns the origin of a name without a table; None if this query has no such column."""
        name = column.name.lower()
        sources = [self._source(one, scope) for one in scope.selected_sources]
        having = [one for one in sources if name in one.columns]
        if having:
            return having[0].columns[name]
        functions = [one for one in sources if "*" in one.columns]
        open_ = [one for one in sources if not one.complete]
        if not open_:
            return functions[0].columns["*"] if functions else None
        together = EMPTY
        for one in open_:
            together = together.beside(one)
        return together.column(name, self._place_of(column))


def _column_aliases(node: exp.Expr) -> list[str]:
    alias = node.args.get("alias")
    return [one.name.lower() for one in alias.columns] if isinstance(alias, exp.TableAlias) else []


def _deciding(query: exp.Select) -> Iterator[exp.Expr]:
    for clause in _DECIDING:
        if isinstance(found := query.args.get(clause), exp.Expr):
            yield found
    for join in query.args.get("joins") or ():
        if isinstance(on := join.args.get("on"), exp.Expr):
            yield on
        yield from join.args.get("using") or ()


def _is_star(projection: exp.Expr) -> bool:
    return isinstance(projection, exp.Column) and isinstance(projection.this, exp.Star)


def _own_columns(node: exp.Expr) -> Iterable[exp.Column]:
    """Yields the columns of an expression without those of its subqueries, which have their own scope."""
    return (
        one
        for one in node.find_all(exp.Column)
        if not isinstance(one.this, exp.Star) and not _in_subquery(one, node)
    )


def _in_subquery(column: exp.Expr, top: exp.Expr) -> bool:
    node = column.parent
    while node is not None and node is not top:
        if isinstance(node, exp.Query) and not isinstance(node, exp.Table):
            return True
        node = node.parent
    return isinstance(top, exp.Query) and column is not top


def _contains(node: exp.Expr, inner: exp.Expr) -> bool:
    parent: exp.Expr | None = inner
    while parent is not None:
        if parent is node:
            return True
        parent = parent.parent
    return False
