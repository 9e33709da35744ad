"""Reads calls of Python code without running it: functions of the mesh are followed."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from mesh.lineage.column_calls import call_method
from mesh.lineage.expression_reader import ExpressionReader
from mesh.lineage.external_calls import call_external
from mesh.lineage.frame_calls import Call, call_frame, call_grouped
from mesh.lineage.frame_writer import call_writer
from mesh.lineage.merge_calls import call_merge
from mesh.lineage.python_calls import call_text, unknown_call
from mesh.lineage.python_value import (
    NONE,
    Bound,
    Computed,
    Expr,
    External,
    Frame,
    Function,
    Grouped,
    Items,
    Known,
    Merge,
    Pairs,
    Value,
    Variables,
    Writer,
    as_expression,
    combined,
    data_of,
    either,
    gap_of,
    text_of,
)
from mesh.lineage.session import Session
from mesh.lineage.table import Gap

_DEEPEST = 12  # calls of functions of the mesh within each other


class CallReader(ExpressionReader):
    """Computes the results of calls, as far as they can be known.

    Args:
        session: the session, which records what is read and written.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.returned: list[list[Value]] = []
        self.called: set[Function] = set()

    def block(self, body: Sequence[ast.stmt], variables: Variables) -> bool:
        """Reads statements; returns True if the last one leaves the block."""
        raise NotImplementedError

    def _call(self, node: ast.Call, variables: Variables) -> Value:
        function = self.value(node.func, variables)
        arguments = self._items(node.args, variables)
        keywords: dict[str, Value] = {}
        for one in node.keywords:
            value = self.value(one.value, variables)
            if one.arg:
                keywords[one.arg] = value
            elif isinstance(value, Pairs):
                keywords |= value.items
        assert isinstance(arguments, Items)
        return self._called(function, Call(arguments.items, keywords, self.unit.place(node.lineno)), node)

    def _called(self, function: Value, call: Call, node: ast.Call) -> Value:
        if isinstance(function, Function):
            return self.call_function(function, call.arguments, call.keywords, node.lineno)
        if isinstance(function, External):
            return call_external(function.name, call, self.session)
        if isinstance(function, Bound):
            return self._method(function.receiver, function.name, call)
        if isinstance(function, Expr):  # a window, or a method that is not known
            return combined([function, *(as_expression(one, names=True) for one in call.values)])
        if isinstance(function, Computed):
            return Computed(function.gap or gap_of(call.values), data_of([function, *call.values]))
        return unknown_call("this", call)

    def _method(self, receiver: Value, name: str, call: Call) -> Value:
        if isinstance(receiver, Frame):
            if name == "transform" and isinstance(first := call.argument(0, "func"), Function):
                return self.call_function(
                    first, [receiver, *call.arguments[1:]], call.keywords, call.place.line
                )
            return call_frame(receiver, name, call, self.session)
        if isinstance(receiver, Grouped):
            return call_grouped(receiver, name, call)
        if isinstance(receiver, Writer):
            if name == "foreachBatch" and isinstance(first := call.argument(0, "func"), Function):
                self.call_function(first, [Frame(receiver.relation), Computed()], {}, call.place.line)
            return call_writer(receiver, name, call, self.session)
        if isinstance(receiver, Merge):
            return call_merge(receiver, name, call, self.session)
        if isinstance(receiver, Expr):
            return call_method(receiver, name, call.arguments, call.keywords)
        if (text := text_of(receiver)) is not None:
            return call_text(text, name, call)
        if isinstance(receiver, Pairs):
            return _of_pairs(receiver, name, call)
        return Computed(gap_of([receiver, *call.values]), data_of([receiver, *call.values]))

    def call_function(
        self, function: Function, arguments: Sequence[Value], keywords: Mapping[str, Value], line: int
    ) -> Value:
        """Calls a function of the mesh.

        Args:
            function: the function.
            arguments: the positional arguments.
            keywords: the others.
            line: the line of the call.
        """
        self.called.add(function)
        if len(self.returned) >= _DEEPEST:
            gap = Gap(self.unit.place(line), "the code calls functions too deeply to be followed")
            return Computed(gap, data_of([*arguments, *keywords.values()]))
        variables = self._bound(function, arguments, keywords)
        before, self.unit = self.unit, function.unit
        self.returned.append([])
        try:
            if isinstance(function.node, ast.Lambda):
                return self.value(function.node.body, variables)
            self.block(function.node.body, variables)
        finally:
            values = self.returned.pop()
            self.unit = before
        return either(values, function.unit.place(function.node.lineno)) if values else NONE

    def _bound(
        self, function: Function, arguments: Sequence[Value], keywords: Mapping[str, Value]
    ) -> Variables:
        """Returns the variables of a function with its arguments."""
        given, variables = function.node.args, Variables(function.variables)
        names = [one.arg for one in (*given.posonlyargs, *given.args)]
        defaults = dict(zip(names[len(names) - len(given.defaults) :], given.defaults, strict=True))
        defaults |= {
            one.arg: default
            for one, default in zip(given.kwonlyargs, given.kw_defaults, strict=True)
            if default is not None
        }
        for name, default in defaults.items():
            variables.values[name] = self.value(default, function.variables)
        variables.values |= dict(zip(names, arguments, strict=False))
        known = {*names, *(one.arg for one in given.kwonlyargs)}
        variables.values |= {key: value for key, value in keywords.items() if key in known}
        if given.vararg:
            variables.values[given.vararg.arg] = Items(tuple(arguments[len(names) :]))
        if given.kwarg:
            others = {key: value for key, value in keywords.items() if key not in known}
            variables.values[given.kwarg.arg] = Pairs(others)
        for name in known - variables.values.keys():
            gap = Gap(function.unit.place(function.node.lineno), f"the argument `{name}` is not known")
            variables.values[name] = Computed(gap)
        return variables


def _of_pairs(pairs: Pairs, name: str, call: Call) -> Value:
    if name == "get":
        key = text_of(call.argument(0))
        default = call.argument(1) or NONE
        return pairs.items.get(key, default) if key is not None else Computed(relation=data_of([pairs]))
    if name == "items":
        return Items(tuple(Items((Known(key), value)) for key, value in pairs.items.items()))
    if name == "keys":
        return Items(tuple(Known(key) for key in pairs.items))
    if name == "values":
        return Items(tuple(pairs.items.values()))
    return Computed(relation=data_of([pairs]))
