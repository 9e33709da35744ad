"""Queries that Spark understands, made from a seed: joins, subqueries, CTEs, unions, groups, windows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

TABLES: Mapping[str, Mapping[str, str]] = {
    "trips": {
        "id": "bigint",
        "zone": "string",
        "amount": "bigint",
        "paid": "string",
        "tags": "array<string>",
    },
    "zones": {"zone": "string", "borough": "string", "size": "bigint"},
    "people": {"id": "bigint", "name": "string", "zone": "string", "born": "bigint"},
}
"""The columns of each table, with their types in Spark."""

_JOINS = ("JOIN", "LEFT JOIN", "JOIN", "FULL JOIN", "LEFT SEMI JOIN", "LEFT ANTI JOIN")
_DEEPEST = 2


@dataclass(frozen=True)
class _Field:
    source: str
    name: str
    type: str


@dataclass(frozen=True)
class _Query:
    sql: str
    fields: tuple[_Field, ...]


def statements(count: int, seed: int) -> Iterator[str]:
    """Yields different queries.

    Args:
        count: their number.
        seed: the same seed gives the same queries.
    """
    seen: set[str] = set()
    random = Random(seed)  # noqa: S311 - to be repeated, not to be secret
    while len(seen) < count:
        query = _Generator(random).query()
        if query not in seen:
            seen.add(query)
            yield query


class _Generator:
    def __init__(self, random: Random) -> None:
        self._random = random
        self._names = 0
        self._ctes: dict[str, _Query] = {}

    def query(self) -> str:
        ctes = [self._select(1) for _ in range(self._random.choice((0, 0, 0, 1)))]
        for one in ctes:
            self._ctes[self._name("w")] = one
        sql = self._select(0).sql
        if self._chance(0.2):
            sql = self._union(0).sql
        if self._ctes:
            listed = ", ".join(f"{name} AS ({one.sql})" for name, one in self._ctes.items())
            return f"WITH {listed} {sql}"
        return sql

    def _chance(self, share: float) -> bool:
        return self._random.random() < share

    def _name(self, prefix: str) -> str:
        self._names += 1
        return f"{prefix}{self._names}"

    def _source(self, depth: int) -> _Query:
        """A table, a CTE or a query, with an alias."""
        alias = self._name("t")
        if self._ctes and self._chance(0.4):
            name = self._random.choice(sorted(self._ctes))
            return _Query(f"{name} AS {alias}", _renamed(self._ctes[name].fields, alias))
        if depth < _DEEPEST and self._chance(0.3):
            inner = self._union(depth + 1) if self._chance(0.3) else self._select(depth + 1)
            return _Query(f"({inner.sql}) AS {alias}", _renamed(inner.fields, alias))
        table = self._random.choice(sorted(TABLES))
        fields = tuple(_Field(alias, name, kind) for name, kind in TABLES[table].items())
        return _Query(f"{table} AS {alias}", fields)

    def _union(self, depth: int) -> _Query:
        left, right = self._select(depth, 2), self._select(depth, 2)
        kind = self._random.choice(("UNION ALL", "UNION"))
        return _Query(f"{left.sql} {kind} {right.sql}", left.fields)

    def _select(self, depth: int, columns: int | None = None) -> _Query:
        """A query; with a number of columns, all of them are texts, for unions."""
        source = self._source(depth)
        fields, sql = list(source.fields), source.sql
        for _ in range(self._random.choice((0, 1, 1, 2) if depth < _DEEPEST else (0, 1))):
            sql, fields = self._joined(sql, fields, self._source(depth + 1))
        tags = [one for one in fields if one.type == "array<string>"]
        if tags and self._chance(0.5):
            alias = self._name("e")
            sql += f" LATERAL VIEW explode({self._written(tags[0], fields)}) {alias} AS tag_{alias}"
            fields.append(_Field(alias, f"tag_{alias}", "string"))
        where = f" WHERE {self._predicate(fields)}" if self._chance(0.5) else ""
        count = columns or self._random.randint(1, 3)
        if columns is None and self._chance(0.3):
            return self._grouped(f"{sql}{where}", fields, count)
        parts, found = [], []
        for _ in range(count):
            kind = "string" if columns else self._random.choice(("string", "bigint"))
            name = self._name("c")
            parts.append(f"{self._expression(kind, fields)} AS {name}")
            found.append(_Field("", name, kind))
        distinct = "DISTINCT " if self._chance(0.1) else ""
        return _Query(f"SELECT {distinct}{', '.join(parts)} FROM {sql}{where}", tuple(found))  # noqa: S608

    def _grouped(self, sql: str, fields: Sequence[_Field], count: int) -> _Query:
        key, name = self._column("string", fields), self._name("c")
        parts, found = [f"{key} AS {name}"], [_Field("", name, "string")]
        for _ in range(count):
            name = self._name("c")
            inner = self._expression("bigint", fields, plain=True)
            function = self._random.choice(("sum", "max", "min", "avg", "count"))
            parts.append(f"CAST({function}({inner}) AS BIGINT) AS {name}")
            found.append(_Field("", name, "bigint"))
        having = f" HAVING max({self._column('bigint', fields)}) > 1" if self._chance(0.3) else ""
        return _Query(f"SELECT {', '.join(parts)} FROM {sql} GROUP BY {key}{having}", tuple(found))  # noqa: S608

    def _joined(self, sql: str, fields: list[_Field], other: _Query) -> tuple[str, list[_Field]]:
        kind = self._random.choice(_JOINS)
        keys = [one for one in fields if one.type == "string"]
        theirs = [one for one in other.fields if one.type == "string"]
        if not keys or not theirs:
            return f"{sql} CROSS JOIN {other.sql}", [*fields, *other.fields]
        left, right = self._random.choice(keys), self._random.choice(theirs)
        condition = f"{left.source}.{left.name} = {right.source}.{right.name}"
        after = fields if "SEMI" in kind or "ANTI" in kind else [*fields, *other.fields]
        return f"{sql} {kind} {other.sql} ON {condition}", list(after)

    def _written(self, field: _Field, fields: Sequence[_Field]) -> str:
        """A column, without its table where the name is clear."""
        clear = sum(1 for one in fields if one.name == field.name) == 1
        return field.name if clear and self._chance(0.5) else f"{field.source}.{field.name}"

    def _column(self, kind: str, fields: Sequence[_Field]) -> str:
        fitting = [one for one in fields if one.type == kind]
        if fitting:
            return self._written(self._random.choice(fitting), fields)
        other = "bigint" if kind == "string" else "string"
        fitting = [one for one in fields if one.type == other]
        if not fitting:
            return "'x'" if kind == "string" else "1"
        inner = self._written(self._random.choice(fitting), fields)
        return f"CAST({inner} AS STRING)" if kind == "string" else f"length({inner})"

    def _expression(self, kind: str, fields: Sequence[_Field], *, plain: bool = False) -> str:
        choice = self._random.randint(0, 4 if plain else 7)
        first = self._column(kind, fields)
        if choice <= 1:
            return first
        second = self._column(kind, fields)
        if choice == 2:
            return f"{first} + {second}" if kind == "bigint" else f"concat({first}, {second})"
        if choice == 3:
            return f"coalesce({first}, {second})"
        if choice == 4:
            # Spark leaves out a condition between equal values
            other = f"{second} + 7" if kind == "bigint" else f"concat({second}, 'z')"
            return f"CASE WHEN {self._comparison(fields)} THEN {first} ELSE {other} END"
        if choice == 5:
            order, key = self._column("bigint", fields), self._column("string", fields)
            return f"max({first}) OVER (PARTITION BY {key} ORDER BY {order})"
        if choice == 6 and (keys := [one for one in fields if one.type == "string"]):
            outer = self._random.choice(keys)
            inner = "max(x.borough)" if kind == "string" else "max(x.size)"
            return f"(SELECT {inner} FROM zones AS x WHERE x.zone = {outer.source}.{outer.name})"  # noqa: S608
        return f"upper({first})" if kind == "string" else f"abs({first})"

    def _comparison(self, fields: Sequence[_Field]) -> str:
        if self._chance(0.5):
            return f"{self._column('bigint', fields)} > {self._random.randint(1, 9)}"
        return f"{self._column('string', fields)} = 'x{self._random.randint(1, 9)}'"

    def _predicate(self, fields: Sequence[_Field]) -> str:
        keys = [one for one in fields if one.type == "string"]
        if keys and self._chance(0.4):
            key = self._random.choice(keys)
            name = f"{key.source}.{key.name}"
            if self._chance(0.5):
                return f"{name} IN (SELECT y.name FROM people AS y WHERE y.born > 3)"  # noqa: S608
            return f"EXISTS (SELECT 1 FROM people AS y WHERE y.zone = {name})"  # noqa: S608
        return self._comparison(fields)


def _renamed(fields: Sequence[_Field], alias: str) -> tuple[_Field, ...]:
    return tuple(_Field(alias, one.name, one.type) for one in fields)
