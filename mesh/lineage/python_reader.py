"""Reads Python code without running it: follows names, texts, columns and data frames.

Both branches of a condition count, loops over known lists are unrolled, and functions of the mesh are
followed. All else gives values that only a run knows.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence

from mesh.lineage.call_reader import CallReader
from mesh.lineage.expression_reader import TooLongError
from mesh.lineage.external_calls import PIPELINES
from mesh.lineage.python_value import (
    NONE,
    Computed,
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
    certain,
    data_of,
    either,
    text_of,
)
from mesh.lineage.relation import Relation
from mesh.lineage.session import Session
from mesh.lineage.table import Gap

Modules = Callable[[str, Unit], tuple[str, str] | None]
"""Returns the file and text of a module of the mesh that code imports by its dotted name; None for others."""

# Decorators that make a dataset of a pipeline, and whether it is a table or only a view
_DATASETS = {
    "table": True,
    "materialized_view": True,
    "append_flow": True,
    "view": False,
    "temporary_view": False,
}
_MOST_ROUNDS = 200


class PythonReader(CallReader):
    """Reads the code of one task.

    Args:
        session: the session, which records what is read and written.
        modules: finds modules of the mesh.
    """

    def __init__(self, session: Session, modules: Modules = lambda *_: None) -> None:
        super().__init__(session)
        self._modules = modules
        self._imported: dict[str, Module] = {}
        self._defined: list[Function] = []
        self.variables = Variables()

    def read(self, code: str, unit: Unit) -> None:
        """Reads the code of a cell or file; later cells know its variables.

        Args:
            code: the Python code.
            unit: the cell or file.
        """
        try:
            body = ast.parse(code).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            self.session.unknown(unit.place(1), "Python cannot read this code")
            return
        self._guarded(body, self.variables, unit)

    def finish(self) -> None:
        """Reads functions that no code called, with arguments that are not known: Spark may call them."""
        for function in self._defined:
            if function not in self.called:
                node = function.node
                name = getattr(node, "name", "lambda")
                gap = Gap(
                    function.unit.place(node.lineno),
                    f"the argument of `{name}` is only known when it is called",
                )
                arguments = dict.fromkeys(
                    (one.arg for one in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)),
                    Computed(gap),
                )
                try:
                    self.call_function(function, [], dict(arguments), node.lineno)
                except (TooLongError, RecursionError):
                    self.session.unknown(
                        function.unit.place(node.lineno), "the code is too long to be followed"
                    )

    def _guarded(self, body: Sequence[ast.stmt], variables: Variables, unit: Unit) -> None:
        before, self.unit = self.unit, unit
        try:
            self.block(body, variables)
        except (TooLongError, RecursionError):
            line = body[0].lineno if body else 1
            self.session.unknown(unit.place(line), "the code is too long to be followed")
        finally:
            self.unit = before

    def block(self, body: Sequence[ast.stmt], variables: Variables) -> bool:
        """Reads statements; returns True if the last one leaves the block."""
        for statement in body:
            self.step()
            if self._statement(statement, variables):
                return True
        return False

    def _statement(self, node: ast.stmt, variables: Variables) -> bool:
        if isinstance(node, ast.Assign):
            value = self.value(node.value, variables)
            for target in node.targets:
                self._assign(target, value, variables)
        elif isinstance(node, ast.AnnAssign) and node.value:
            self._assign(node.target, self.value(node.value, variables), variables)
        elif isinstance(node, ast.AugAssign):
            whole = ast.BinOp(_loaded(node.target), node.op, node.value)
            self._assign(node.target, self.value(ast.copy_location(whole, node), variables), variables)
        elif isinstance(node, ast.Expr):
            self.value(node.value, variables)
        elif isinstance(node, ast.Return):
            self.returned[-1].append(self.value(node.value, variables) if node.value else NONE)
            return True
        elif isinstance(node, ast.If):
            return self._if(node, variables)
        elif isinstance(node, ast.For | ast.AsyncFor):
            self._for(node, variables)
        elif isinstance(node, ast.While):
            self.value(node.test, variables)
            self.block(node.body, variables)
        elif isinstance(node, ast.With | ast.AsyncWith):
            for one in node.items:
                value = self.value(one.context_expr, variables)
                if one.optional_vars:
                    self._assign(one.optional_vars, value, variables)
            return self.block(node.body, variables)
        elif isinstance(node, ast.Try):
            self._try(node, variables)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            self._define(node, variables)
        elif isinstance(node, ast.ClassDef):
            self.block(node.body, Variables(variables))
            variables.values[node.name] = External(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            self._import(node, variables)
        elif isinstance(node, ast.Match):
            self.value(node.subject, variables)
            self._branches([case.body for case in node.cases], node.lineno, variables)
        return isinstance(node, ast.Raise | ast.Break | ast.Continue)

    def _assign(self, target: ast.expr, value: Value, variables: Variables) -> None:
        if isinstance(target, ast.Name):
            variables.values[target.id] = value
        elif isinstance(target, ast.Tuple | ast.List):
            self._unpack(target.elts, value, variables)
        elif isinstance(target, ast.Starred):
            self._assign(target.value, value, variables)
        elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
            holder = variables.get(target.value.id)
            key = text_of(self.value(target.slice, variables))
            if isinstance(holder, Pairs) and key is not None:
                variables.values[target.value.id] = Pairs({**holder.items, key: value})
            elif holder is not None:
                gap = Gap(self.unit.place(target.lineno), "the value changes while the code runs")
                variables.values[target.value.id] = Computed(gap, data_of([holder, value]))

    def _unpack(self, targets: Sequence[ast.expr], value: Value, variables: Variables) -> None:
        starred = next((index for index, one in enumerate(targets) if isinstance(one, ast.Starred)), None)
        if isinstance(value, Items) and starred is None and len(value.items) == len(targets):
            for one, item in zip(targets, value.items, strict=True):
                self._assign(one, item, variables)
            return
        if isinstance(value, Items) and starred is not None and len(value.items) >= len(targets) - 1:
            after = len(targets) - starred - 1
            end = len(value.items) - after
            middle = Items(value.items[starred:end])
            for one, item in zip(targets, (*value.items[:starred], middle, *value.items[end:]), strict=True):
                self._assign(one, item, variables)
            return
        gap = value.gap if isinstance(value, Computed) else None
        why = gap or Gap(self.unit.place(targets[0].lineno), "the value is only known when the code runs")
        data = data_of([value])
        for one in targets:
            self._assign(one, Computed(None if data.tables and not gap else why, data), variables)

    def _if(self, node: ast.If, variables: Variables) -> bool:
        condition = self.value(node.test, variables)
        if isinstance(condition, Known) and certain(condition):
            return self.block(node.body if condition.value else node.orelse, variables)
        return self._branches([node.body, node.orelse], node.lineno, variables)

    def _branches(self, bodies: Iterable[Sequence[ast.stmt]], line: int, variables: Variables) -> bool:
        """Reads code of which one branch runs; a name then has the values of all branches."""
        ends: list[Variables] = []
        for body in bodies:
            branch = variables.copy()
            if not self.block(body, branch):
                ends.append(branch)
        if not ends:
            return True
        for name in dict.fromkeys(name for one in ends for name in one.values):
            values = [one.values[name] for one in ends if name in one.values]
            variables.values[name] = either(values, self.unit.place(line))
        return False

    def _for(self, node: ast.For | ast.AsyncFor, variables: Variables) -> None:
        rounds = self.rounds(self.value(node.iter, variables), node.lineno)
        for item in rounds:
            self._assign(node.target, item, variables)
            self.block(node.body, variables)
        self.block(node.orelse, variables)

    def _try(self, node: ast.Try, variables: Variables) -> None:
        self.block(node.body, variables)
        for handler in node.handlers:
            branch = variables.copy()
            self.block(handler.body, branch)
            for name, value in branch.values.items():
                variables.values.setdefault(name, value)
        self.block(node.orelse, variables)
        self.block(node.finalbody, variables)

    def _define(self, node: ast.FunctionDef | ast.AsyncFunctionDef, variables: Variables) -> None:
        function = Function(node, variables, self.unit)
        variables.values[node.name] = function
        self._defined.append(function)
        for decorator in node.decorator_list:
            call = decorator if isinstance(decorator, ast.Call) else None
            made_by = self.value(call.func if call else decorator, variables)
            if not isinstance(made_by, External) or not made_by.name.startswith(PIPELINES):
                continue
            kind = made_by.name.rpartition(".")[2]
            if kind in _DATASETS:
                keywords = (
                    {one.arg: self.value(one.value, variables) for one in call.keywords} if call else {}
                )
                first = self.value(call.args[0], variables) if call and call.args else None
                name = text_of(keywords.get("target") or keywords.get("name") or first) or node.name
                self._dataset(function, name, kind)

    def _dataset(self, function: Function, name: str, kind: str) -> None:
        """Records a dataset of a pipeline: the function returns its rows."""
        line = function.node.lineno
        result = self.call_function(function, [], {}, line)
        relation: Relation = result.relation if isinstance(result, Frame) else data_of([result])
        if _DATASETS[kind]:
            place = function.unit.place(line)
            self.session.written(name, place, relation, partial=kind == "append_flow")
        else:
            self.session.views[name.lower()] = relation

    def _import(self, node: ast.Import | ast.ImportFrom, variables: Variables) -> None:
        if isinstance(node, ast.Import):
            for one in node.names:
                module = self._module(one.name)
                if one.asname or "." not in one.name:
                    variables.values[one.asname or one.name] = module or External(one.name)
                else:
                    variables.values[one.name.partition(".")[0]] = External(one.name.partition(".")[0])
            return
        above = node.module or ""
        module = self._module(above) if not node.level else None
        for one in node.names:
            if one.name == "*":
                if module:
                    variables.values |= module.variables.values
                continue
            found: Value | None = module.variables.get(one.name) if module else None
            found = found or self._module(f"{above}.{one.name}")
            variables.values[one.asname or one.name] = found or External(f"{above}.{one.name}")

    def _module(self, name: str) -> Module | None:
        """Returns a module of the mesh, which is read once; None for others."""
        found = self._modules(name, self.unit)
        if found is None:
            return None
        file, text = found
        if file not in self._imported:
            module = self._imported[file] = Module(Variables())
            defined = len(self._defined)
            try:
                body = ast.parse(text).body
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                self.session.unknown(Unit(file).place(1), "Python cannot read this code")
                return module
            self._guarded(body, module.variables, Unit(file))
            del self._defined[defined:]  # of a module, only what is called counts
        return self._imported[file]


def _loaded(target: ast.expr) -> ast.expr:
    """Returns the target of an assignment as an expression."""
    if isinstance(target, ast.Name):
        return ast.copy_location(ast.Name(target.id, ast.Load()), target)
    return target
