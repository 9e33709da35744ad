"""Statements of SQL: which tables they read and write."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlglot import Token, exp
from sqlglot.dialects.databricks import Databricks
from sqlglot.errors import SqlglotError

from mesh.lineage.relation import EMPTY, NOWHERE, Origin, Relation, united, unknown_columns
from mesh.lineage.session import Session, viewed
from mesh.lineage.sql_query import At, query_relation
from mesh.lineage.sql_text import UnreadableError, resolved, tokenized
from mesh.lineage.sql_tokens import after_as, column_names, copied, name_end, without, without_stream, written
from mesh.lineage.table import UNKNOWN, Gap, Place
from mesh.model.sql_file import statements

# Words that may stand between CREATE and the name of a table or view
_KINDS = frozenset({"TABLE", "VIEW"})
_BEFORE_NAME = frozenset({"IF", "NOT", "EXISTS"})
_TEMPORARY = frozenset({"TEMP", "TEMPORARY"})
_MOST_STATEMENTS = 500


class SqlReader:
    """Reads SQL in a session.

    Args:
        session: the session, which records what is read and written.
        at: returns the place of a line.
    """

    def __init__(self, session: Session, at: At) -> None:
        self._session = session
        self._at = at
        logging.getLogger("sqlglot").setLevel(logging.ERROR)

    def read(
        self, text: str, arguments: Mapping[str, str | None] | None = None, *, shown: bool = False
    ) -> Relation:
        """Reads all statements, and returns the relation of the last query.

        Args:
            text: the SQL.
            arguments: values of named parameters, besides those of the task.
            shown: True if queries are computed at once, as in a SQL file.
        """
        result = EMPTY
        try:
            tokens = tokenized(resolved(text, {**self._session.parameters, **(arguments or {})}))
        except UnreadableError as error:
            self._session.unknown(self._at(1), str(error))
            return result
        for number, statement in enumerate(statements(tokens)):
            if number == _MOST_STATEMENTS:
                self._unknown(statement, f"only the first {_MOST_STATEMENTS} statements are read")
                break
            if statement[0].text.upper() == "BEGIN":
                self._unknown(statement, "a script (`BEGIN … END`) is not followed")
                break
            result = self._statement(statement)
            if shown:
                self._session.needs(result)
        return result

    def _statement(self, tokens: list[Token]) -> Relation:
        words = [token.text.upper() for token in tokens]
        tokens = without(tokens, words, ["WITH", "SCHEMA", "EVOLUTION"])
        words = [token.text.upper() for token in tokens]
        if words[:2] in (["APPLY", "CHANGES"], ["AUTO", "CDC"]):
            return self._changes(tokens, words)
        if words[:2] == ["CREATE", "FLOW"] and "AS" in words:
            return self._statement(tokens[words.index("AS") + 1 :])
        if words[0] in ("CREATE", "REPLACE"):
            return self._create(tokens, words)
        if words[0] == "EXECUTE":
            self._unknown(tokens, "the statement of EXECUTE IMMEDIATE is only known when it runs")
            return EMPTY
        parsed = self._parsed(tokens)
        if parsed is None:
            return EMPTY
        return self._parsed_statement(parsed, tokens)

    def _parsed_statement(self, parsed: exp.Expr, tokens: Sequence[Token]) -> Relation:
        if isinstance(parsed, exp.Query):
            return self._query(parsed, tokens)
        if isinstance(parsed, exp.Use):
            self._use(parsed)
        elif isinstance(parsed, exp.Insert):
            self._insert(parsed, tokens)
        elif isinstance(parsed, exp.Merge):
            self._merge(parsed, tokens)
        elif isinstance(parsed, exp.Update | exp.Delete):
            self._change(parsed, tokens)
        elif isinstance(parsed, exp.Alter) and isinstance(parsed.this, exp.Table):
            for text in parsed.args.get("actions", ()):
                if isinstance(text, exp.Query):  # ALTER VIEW … AS
                    self._write(parsed.this, self._query(text, tokens))
            added = [one.name for one in parsed.args.get("actions", ()) if isinstance(one, exp.ColumnDef)]
            if added:
                self._write(parsed.this, Relation(dict.fromkeys(added, NOWHERE)), partial=True)
        elif isinstance(parsed, exp.Copy) and isinstance(parsed.this, exp.Table):
            gap = Gap(self._place(tokens), "the columns of files are not known (COPY INTO)")
            self._write(parsed.this, Relation(gaps=frozenset({gap})), partial=True)
        elif isinstance(parsed, exp.Cache) and isinstance(parsed.expression, exp.Query):
            self._session.views[parsed.this.name.lower()] = self._query(parsed.expression, tokens)
        return EMPTY

    def _parsed(self, tokens: Sequence[Token]) -> exp.Expr | None:
        try:
            found = Databricks().parser().parse(without_stream(tokens), "")
        except (SqlglotError, RecursionError) as error:
            problem = re.split(r"[.] Line| but got|\n", str(error))[0][:120].lower()
            self._unknown(tokens, f"this statement cannot be read: {problem}")
            return None
        return found[0] if found else None

    def _place(self, tokens: Sequence[Token]) -> Place:
        return self._at(tokens[0].line)

    def _unknown(self, tokens: Sequence[Token], why: str) -> None:
        self._session.unknown(self._place(tokens), why)

    def _table(self, table: exp.Expr) -> Relation:
        """Returns the relation of a table in a query, and records that it is read."""
        return self._session.named(_name(table), self._place_of(table))

    def _place_of(self, table: exp.Expr) -> Place:
        identifier = table.find(exp.Identifier)
        return self._at(identifier.meta.get("line", 1) if identifier is not None else 1)

    def _query(self, query: exp.Expr, tokens: Sequence[Token]) -> Relation:
        return query_relation(query, self._table, self._place(tokens), self._at)

    def _write(self, table: exp.Expr, relation: Relation, *, partial: bool = False) -> None:
        self._session.written(_name(table), self._place_of(table), relation, partial=partial)

    def _use(self, use: exp.Use) -> None:
        kind = str(use.args.get("kind") or "SCHEMA").upper()
        name, above = use.this.name.lower(), use.this.args.get("db")
        known = None if name == UNKNOWN else name
        if kind == "CATALOG":
            self._session.catalog, self._session.schema = known, "default"
            return
        if above:
            self._session.catalog = above.name.lower()
        self._session.schema = known

    def _create(self, tokens: Sequence[Token], words: Sequence[str]) -> Relation:
        """Reads CREATE from its words, because sqlglot does not know every form of Databricks."""
        at = next((index for index, word in enumerate(words[:8]) if word in _KINDS), None)
        if at is None:
            return EMPTY
        start = at + 1
        while start < len(words) and words[start] in _BEFORE_NAME:
            start += 1
        end = name_end(tokens, start)
        if end == start:
            return EMPTY
        name, place = "".join(map(written, tokens[start:end])), self._at(tokens[start].line)
        columns, after = column_names(tokens, end)
        query = after_as(tokens, after)
        if query:
            parsed = self._parsed(query)
            relation = self._query(parsed, query) if isinstance(parsed, exp.Query) else EMPTY
            relation = viewed(relation, columns)
        elif (source := copied(tokens, words, after)) is not None:
            relation = self._session.named(source, self._at(tokens[after].line))
            if "LIKE" in words[after : after + 1]:
                relation = relation.mapped(lambda _: NOWHERE)
        elif words[at] == "VIEW":
            return EMPTY
        else:
            relation = Relation(dict.fromkeys(columns, NOWHERE))
        if not _TEMPORARY.isdisjoint(words[1:at]):
            self._session.views[name.strip("`").rpartition(".")[2].lower()] = relation
            return EMPTY
        changes = words.index("CDC", after) if "CDC" in words[after:] else None
        if changes is not None and "FROM" in words[changes:]:
            relation = self._from(tokens, words, words.index("FROM", changes))
        self._session.written(name, place, relation, partial=not query and not relation.columns)
        return EMPTY

    def _changes(self, tokens: Sequence[Token], words: Sequence[str]) -> Relation:
        """Reads `APPLY CHANGES INTO` and `AUTO CDC INTO`."""
        if "INTO" in words and "FROM" in words:
            start, source = words.index("INTO") + 1, words.index("FROM")
            if start >= source:
                self._unknown(tokens, "this statement cannot be read")
                return EMPTY
            relation = self._from(tokens, words, source)
            name = "".join(map(written, tokens[start:source]))
            self._session.written(name, self._at(tokens[start].line), relation)
        return EMPTY

    def _from(self, tokens: Sequence[Token], words: Sequence[str], at: int) -> Relation:
        """Reads the source after FROM: a name, which may be in `STREAM(…)`."""
        start = at + 1
        if words[start : start + 1] == ["STREAM"]:
            start += 1
        if words[start : start + 1] == ["("]:
            start += 1
        end = name_end(tokens, start)
        if end == start:
            return EMPTY
        return self._session.named("".join(map(written, tokens[start:end])), self._at(tokens[start].line))

    def _insert(self, insert: exp.Insert, tokens: Sequence[Token]) -> None:
        target, source = insert.this, insert.expression or insert.args.get("source")
        columns: list[str] = []
        if isinstance(target, exp.Schema):
            columns, target = [one.name for one in target.expressions], target.this
        relation = EMPTY
        if isinstance(source, exp.Table):
            relation = self._table(source)
        elif isinstance(source, exp.Query):
            if insert.args.get("with_") is not None:
                source = source.copy()
                source.set("with_", insert.args["with_"].copy())
            relation = self._query(source, tokens)
        if isinstance(target, exp.Table):
            named = bool(columns or insert.args.get("by_name"))
            relation = viewed(relation, columns)
            self._write(target, relation if named else self._by_position(target, relation), partial=True)

    def _by_position(self, target: exp.Table, relation: Relation) -> Relation:
        """Returns inserted rows with the columns of the table, which match by position."""
        table = self._session.table(_name_parts(target), _name(target), self._place_of(target))
        known = self._session.relation(table) if table else EMPTY
        if known.complete and known.columns:
            return viewed(relation, [*known.columns])
        if relation.columns:
            why = "rows are inserted by position, and the columns of the table are not known"
            return unknown_columns(relation, Gap(self._place_of(target), why))
        return relation

    def _merge(self, merge: exp.Merge, tokens: Sequence[Token]) -> None:
        target, source = merge.this, merge.args["using"]
        if not isinstance(target, exp.Table):
            return
        both = exp.select("*").from_(target.copy()).join(source.copy(), on=merge.args["on"].copy())
        whole = self._query(both, tokens)
        rows = self._query(exp.select("*").from_(source.copy()), tokens)
        columns: dict[str, Origin] = {}
        used: Origin = NOWHERE
        everything = False
        for when in merge.args["whens"].expressions:
            then = when.args.get("then")
            if condition := when.args.get("condition"):
                used |= self._expression(condition, both, tokens)
            if isinstance(then, exp.Update | exp.Insert):
                pairs = _assignments(then)
                everything = everything or pairs is None
                for name, value in pairs or ():
                    origin = self._expression(value, both, tokens)
                    columns[name] = columns.get(name, NOWHERE) | origin
        written = rows if everything else EMPTY.only(columns)
        if everything:
            written = written.having(columns)
        written = replace(written, tables=whole.tables, used=whole.used, doubts=whole.doubts)
        self._write(target, written.using(used), partial=True)

    def _expression(self, value: exp.Expr, rows: exp.Select, tokens: Sequence[Token]) -> Origin:
        """Returns the origin of an expression over the rows of a query."""
        query = rows.copy()
        query.set("expressions", [exp.alias_(value.copy(), "value", copy=False)])
        return self._query(query, tokens).column("value", self._place(tokens))

    def _change(self, change: exp.Update | exp.Delete, tokens: Sequence[Token]) -> None:
        target = change.this
        if not isinstance(target, exp.Table):
            return
        rows = exp.select("*").from_(target.copy())
        where = change.args.get("where")
        used = self._expression(where.this, rows, tokens) if where else NOWHERE
        columns: dict[str, Origin] = {}
        for one in change.expressions if isinstance(change, exp.Update) else ():
            if isinstance(one, exp.EQ):
                columns[one.this.name.lower()] = self._expression(one.expression, rows, tokens)
        tables = frozenset(one.table for one in united([used, *columns.values()]).columns)
        self._write(target, Relation(columns, tables=tables).using(used), partial=True)


def _name(table: exp.Expr) -> str:
    parts = table.parts if isinstance(table, exp.Table) else []
    return ".".join(f"`{part.name.replace('`', '``')}`" for part in parts)


def _name_parts(table: exp.Table) -> tuple[str, ...]:
    return tuple(part.name.lower() for part in table.parts)


def _assignments(then: exp.Expr) -> list[tuple[str, exp.Expr]] | None:
    """Returns the columns that a clause of MERGE sets; None if it sets all of the source."""
    if isinstance(then, exp.Update):
        if any(isinstance(one, exp.Star) for one in then.expressions) or not then.expressions:
            return None
        return [
            (one.this.name.lower(), one.expression) for one in then.expressions if isinstance(one, exp.EQ)
        ]
    if isinstance(then.this, exp.Tuple) and isinstance(then.expression, exp.Tuple):
        return [
            (name.name.lower(), value)
            for name, value in zip(then.this.expressions, then.expression.expressions, strict=False)
        ]
    return None
