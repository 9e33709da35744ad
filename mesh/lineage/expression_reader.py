"""Reads expressions of Python code without running it."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from mesh.lineage.frame_calls import (
    METHODS,
    OF_FRAMES,
    Call,
    call_frame,
)
from mesh.lineage.python_value import (
    NONE,
    Bound,
    Computed,
    Expr,
    External,
    Frame,
    Function,
    Items,
    Known,
    Module,
    Pairs,
    Unit,
    Value,
    Variables,
    Writer,
    as_expression,
    certain,
    combined,
    data_of,
    either,
    gap_of,
    text_of,
    texts_of,
)
from mesh.lineage.relation import unknown_columns
from mesh.lineage.session import Session
from mesh.lineage.table import UNKNOWN, Gap

_MOST_STEPS = 100_000
_DEEPEST = 12  # calls of functions of the mesh within each other
_MOST_ROUNDS = 200
_LONGEST = 1_000_000

_OPERATORS: Mapping[type, Callable[[Any, Any], object]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.FloorDiv: operator.floordiv,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
}


class TooLongError(Exception):
    """The code takes too many steps to be followed."""


class ExpressionReader:
    """Computes the values of expressions, as far as they can be known.

    Args:
        session: the session, which records what is read and written.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.unit = Unit("")
        self._steps = 0

    def step(self) -> None:
        """Counts a step.

        Raises:
            TooLongError: there were too many.
        """
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise TooLongError

    def value(self, node: ast.expr, variables: Variables) -> Value:
        """Returns the value of an expression."""
        self.step()
        if isinstance(node, ast.Constant):
            return Known(node.value)
        if isinstance(node, ast.Name):
            return variables.get(node.id) or _global(node.id)
        if isinstance(node, ast.Call):
            return self._call(node, variables)
        if isinstance(node, ast.Attribute):
            return self._attribute(self.value(node.value, variables), node.attr, node.lineno)
        if isinstance(node, ast.Subscript):
            return self._subscript(node, variables)
        if isinstance(node, ast.JoinedStr):
            return self._f_string(node, variables)
        if isinstance(node, ast.BinOp):
            return self._binary(node, variables)
        if isinstance(node, ast.List | ast.Tuple | ast.Set):
            return self._items(node.elts, variables)
        if isinstance(node, ast.Dict):
            return self._dict(node, variables)
        if isinstance(node, ast.IfExp):
            condition = self.value(node.test, variables)
            if isinstance(condition, Known) and certain(condition):
                return self.value(node.body if condition.value else node.orelse, variables)
            branches = [self.value(one, variables) for one in (node.body, node.orelse)]
            return either(branches, self.unit.place(node.lineno))
        if isinstance(node, ast.Lambda):
            return Function(node, variables, self.unit)
        if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp):
            return self._comprehension(node, variables)
        if isinstance(node, ast.DictComp):
            return self._dict_comprehension(node, variables)
        if isinstance(node, ast.NamedExpr):
            value = self.value(node.value, variables)
            variables.values[node.target.id] = value
            return value
        if isinstance(node, ast.Starred | ast.Await):
            return self.value(node.value, variables)
        return self._other(node, variables)

    def _other(self, node: ast.expr, variables: Variables) -> Value:
        """Returns the value of an operator, which is made of its operands."""
        inner = [
            self.value(one, variables) for one in ast.iter_child_nodes(node) if isinstance(one, ast.expr)
        ]
        if any(isinstance(one, Expr) for one in inner):
            return combined(as_expression(one, names=False) for one in inner)
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and all(map(certain, inner)):
            return self._operated(type(node.ops[0]), inner, node.lineno)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not) and certain(inner[0]):
            return Known(not inner[0].value)  # type: ignore[union-attr]
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and certain(inner[0]):
            number = inner[0].value  # type: ignore[union-attr]
            if isinstance(number, int | float):
                return Known(-number)
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or) and certain(inner[0]):
            return inner[0] if inner[0].value else inner[-1]  # type: ignore[union-attr]
        why = gap_of(inner) or Gap(self.unit.place(node.lineno), "the value is only known when the code runs")
        return Computed(why, data_of(inner))

    def _operated(self, kind: type, operands: Sequence[Value], line: int) -> Value:
        left, right = (one.value for one in operands if isinstance(one, Known))
        plain = all(one is None or isinstance(one, str | int | float) for one in (left, right))
        try:
            if kind in _OPERATORS and plain:
                return Known(_OPERATORS[kind](left, right))
        except (TypeError, ValueError, ZeroDivisionError, MemoryError, OverflowError):
            pass
        return Computed(Gap(self.unit.place(line), "the value is only known when the code runs"))

    def _binary(self, node: ast.BinOp, variables: Variables) -> Value:
        left, right = self.value(node.left, variables), self.value(node.right, variables)
        if isinstance(left, Expr) or isinstance(right, Expr):
            return combined(as_expression(one, names=False) for one in (left, right))
        if isinstance(node.op, ast.Add):
            if isinstance(left, Items) and isinstance(right, Items):
                return Items((*left.items, *right.items)[:_MOST_ROUNDS])
            if (text_of(left) is None) != (text_of(right) is None):
                texts = [UNKNOWN if (text := text_of(one)) is None else text for one in (left, right)]
                return self._text("".join(texts), node.lineno)
        if isinstance(node.op, ast.Mod) and (text := text_of(left)) is not None:
            values = right.items if isinstance(right, Items) else (right,)
            for one in values:
                text = text.replace("%s", str(one.value) if isinstance(one, Known) else UNKNOWN, 1)
            return self._text(text, node.lineno)
        if isinstance(left, Known) and isinstance(right, Known):
            result = self._operated(type(node.op), (left, right), node.lineno)
            text = text_of(result)
            return result if text is None else self._text(text, node.lineno)
        why = gap_of((left, right)) or Gap(
            self.unit.place(node.lineno), "the value is only known when the code runs"
        )
        return Computed(why, data_of((left, right)))

    def _text(self, text: str, line: int) -> Value:
        if len(text) > _LONGEST:
            return Computed(Gap(self.unit.place(line), "the text is too long to be followed"))
        return Known(text)

    def _f_string(self, node: ast.JoinedStr, variables: Variables) -> Value:
        text = ""
        for part in node.values:
            if isinstance(part, ast.Constant):
                text += str(part.value)
            elif isinstance(part, ast.FormattedValue):
                value = self.value(part.value, variables)
                plain = isinstance(value, Known) and part.format_spec is None and part.conversion == -1
                text += str(value.value) if plain and isinstance(value, Known) else UNKNOWN
        return self._text(text, node.lineno)

    def _items(self, nodes: Sequence[ast.expr], variables: Variables) -> Value:
        items: list[Value] = []
        for node in nodes:
            value = self.value(node, variables)
            if isinstance(node, ast.Starred):
                items += value.items if isinstance(value, Items) else [value]
            else:
                items.append(value)
        return Items(tuple(items))

    def _dict(self, node: ast.Dict, variables: Variables) -> Value:
        items: dict[str, Value] = {}
        for key, one in zip(node.keys, node.values, strict=True):
            value = self.value(one, variables)
            if key is None:
                items |= value.items if isinstance(value, Pairs) else {}
            else:
                known = self.value(key, variables)
                items[str(known.value) if isinstance(known, Known) else UNKNOWN] = value
        return Pairs(items)

    def rounds(self, iterable: Value, line: int) -> Sequence[Value]:
        """Returns the items that a loop goes through; one unknown item if they are not known."""
        if isinstance(iterable, Pairs):
            return tuple(Known(key) for key in iterable.items)[:_MOST_ROUNDS]
        if isinstance(iterable, Items) and len(iterable.items) <= _MOST_ROUNDS:
            return iterable.items
        data = data_of([iterable])
        gap = iterable.gap if isinstance(iterable, Computed) else None
        if not gap and not data.tables:
            gap = Gap(self.unit.place(line), "the items of this loop are only known when the code runs")
        return (Computed(gap, data),)

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp, variables: Variables
    ) -> Value:
        known = [True]
        found = [
            self.value(node.elt, one) for one in self._generated(node.generators, Variables(variables), known)
        ]
        if known[0] or any(isinstance(one, Expr) for one in found):
            return Items(tuple(found))
        return Computed(gap_of(found), data_of(found))

    def _dict_comprehension(self, node: ast.DictComp, variables: Variables) -> Value:
        known, items = [True], dict[str, Value]()
        for one in self._generated(node.generators, Variables(variables), known):
            key = self.value(node.key, one)
            items[str(key.value) if isinstance(key, Known) else UNKNOWN] = self.value(node.value, one)
        return Pairs(items) if known[0] else Computed(gap_of(items.values()), data_of(items.values()))

    def _generated(
        self, generators: Sequence[ast.comprehension], variables: Variables, known: list[bool]
    ) -> Iterator[Variables]:
        if not generators:
            yield variables
            return
        first, *others = generators
        iterable = self.value(first.iter, variables)
        known[0] = known[0] and isinstance(iterable, Items | Pairs)
        for item in self.rounds(iterable, first.iter.lineno):
            self._assign(first.target, item, variables)
            conditions = [self.value(one, variables) for one in first.ifs]
            if all(not certain(one) or bool(one.value) for one in conditions):  # type: ignore[union-attr]
                known[0] = known[0] and all(map(certain, conditions))
                yield from self._generated(others, variables, known)

    def _assign(self, target: ast.expr, value: Value, variables: Variables) -> None:
        raise NotImplementedError

    def _call(self, node: ast.Call, variables: Variables) -> Value:
        raise NotImplementedError

    def _attribute(self, receiver: Value, name: str, line: int) -> Value:
        if isinstance(receiver, External):
            return External(f"{receiver.name}.{name}")
        if isinstance(receiver, Module):
            return receiver.variables.get(name) or Computed(
                Gap(self.unit.place(line), f"`{name}` is not in this module")
            )
        if isinstance(receiver, Computed):
            if name in OF_FRAMES:
                why = receiver.gap or Gap(self.unit.place(line), "the columns of this data are not known")
                return self._attribute(Frame(unknown_columns(receiver.relation, why)), name, line)
            return self._part(receiver, name)
        if isinstance(receiver, Frame):
            if name in ("write", "writeStream"):
                return Writer(receiver.relation)
            if name == "columns":
                if receiver.relation.complete:
                    return Items(tuple(Known(one) for one in receiver.relation.columns))
                return Computed(Gap(self.unit.place(line), "the columns of this frame are not known"))
            if name in ("schema", "dtypes", "rdd", "sparkSession"):
                return Computed(Gap(self.unit.place(line), f"`{name}` is only known when the code runs"))
            if name not in METHODS:
                if receiver.relation.complete and name.lower() not in receiver.relation.columns:
                    return Computed(Gap(self.unit.place(line), f"`{name[:60]}` of this frame is not known"))
                return Expr(receiver.column(name, self.unit.place(line)), label=name)
        return Bound(receiver, name)

    def _part(self, receiver: Computed, name: str) -> Computed:
        """Returns a field of data: of a row, the column of that name."""
        origin = receiver.relation.columns.get(name.lower())
        if origin is None:
            return receiver
        return Computed(receiver.gap, receiver.relation.only({name: origin}))

    def _subscript(self, node: ast.Subscript, variables: Variables) -> Value:
        receiver, place = self.value(node.value, variables), self.unit.place(node.lineno)
        if isinstance(node.slice, ast.Slice):
            return self._slice(receiver, node.slice, variables)
        key = self.value(node.slice, variables)
        if isinstance(receiver, Frame):
            if (name := text_of(key)) is not None:
                return Expr(receiver.column(name, place), label=name)
            if isinstance(key, Items):
                return call_frame(receiver, "select", Call(key.items, {}, place), self.session)
            return call_frame(receiver, "where", Call([key], {}, place), self.session)
        if isinstance(receiver, Pairs) and (name := text_of(key)) in receiver.items and name is not None:
            return receiver.items[name]
        index = key.value if isinstance(key, Known) and isinstance(key.value, int) else None
        if isinstance(receiver, Items) and index is not None and index in range(*_indexes(receiver)):
            return receiver.items[index]
        if isinstance(receiver, Expr):
            return receiver
        if isinstance(receiver, Computed):
            names = texts_of(key)
            kept = {
                one: receiver.relation.columns[one.lower()]
                for one in names
                if one.lower() in receiver.relation.columns
            }
            return Computed(receiver.gap, receiver.relation.only(kept)) if kept else receiver
        why = gap_of([key]) or Gap(place, "the value is only known when the code runs")
        return Computed(why, data_of([receiver, key]))

    def _slice(self, receiver: Value, node: ast.Slice, variables: Variables) -> Value:
        ends = [self.value(one, variables) if one else NONE for one in (node.lower, node.upper, node.step)]
        numbers = [one.value for one in ends if isinstance(one, Known) and isinstance(one.value, int | None)]
        if len(numbers) == len(ends) and numbers[2] != 0:
            chosen = slice(*numbers)
            if isinstance(receiver, Items):
                return Items(receiver.items[chosen])
            if (text := text_of(receiver)) is not None:
                return Known(text[chosen])
        return Computed(gap_of([receiver, *ends]), data_of([receiver]))


def _indexes(items: Items) -> tuple[int, int]:
    return -len(items.items), len(items.items)


def _global(name: str) -> Value:
    """Returns what a notebook finds under a name that it does not define."""
    if name in ("spark", "dbutils", "display", "dlt", "sc"):
        return External(name)
    return External(f"builtins.{name}")
