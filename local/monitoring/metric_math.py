"""Metric math: the part of it that alarms here need, over one period. What it does not know is an error, never a guess.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

from __future__ import annotations

import ast
import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Value = float | None
"""None is a period without data; what is computed from it has none either, but for FILL."""

_OPERATORS: Final[Mapping[type[ast.operator], Callable[[float, float], float]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_COMPARISONS: Final[Mapping[type[ast.cmpop], Callable[[float, float], bool]]] = {
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_ARITY: Final = {"FILL": 2, "IF": 3, "PERIOD": 1}


class ExpressionError(ValueError):
    """The expression is none, or uses what is not known here."""


@dataclass(frozen=True)
class Expression:
    """A parsed expression.

    Attributes:
        names: The ids that it refers to.
    """

    tree: ast.expr
    names: frozenset[str]

    @classmethod
    def parse(cls, text: str) -> Expression:
        """Parse `text`.

        Raises:
            ExpressionError: It is no expression, or has a function or an operator that is not known here.
        """
        try:
            tree = ast.parse(text, mode="eval").body
        except SyntaxError as exc:
            raise ExpressionError(f"{text!r} is no expression") from exc
        _check(tree)
        functions = {node.func for node in ast.walk(tree) if isinstance(node, ast.Call)}
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and node not in functions}
        return cls(tree, frozenset(names))

    def value(self, values: Mapping[str, Value], period: float) -> Value:
        """Return the value for one period of `period` seconds, given each metric's; a division by zero has none."""
        try:
            return _value(self.tree, values, period)
        except ZeroDivisionError:
            return None


def _check(node: ast.expr) -> None:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) == _ARITY.get(node.func.id):
        parts = node.args
    elif isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        parts = [node.left, node.right]
    elif isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _COMPARISONS:
        parts = [node.left, node.comparators[0]]
    elif isinstance(node, ast.Name) or (isinstance(node, ast.Constant) and isinstance(node.value, int | float)):
        parts = []
    else:
        raise ExpressionError(f"{ast.unparse(node)!r} is not known here")
    for part in parts:
        _check(part)


def _value(node: ast.expr, values: Mapping[str, Value], period: float) -> Value:
    if isinstance(node, ast.Constant):
        return float(node.value)  # type: ignore[arg-type]  # `_check` lets only numbers through
    if isinstance(node, ast.Name):
        return values[node.id]
    if isinstance(node, ast.Call):
        assert isinstance(node.func, ast.Name)
        return _call(node.func.id, node.args, values, period)
    if isinstance(node, ast.BinOp):
        left, right = _value(node.left, values, period), _value(node.right, values, period)
        return None if left is None or right is None else _OPERATORS[type(node.op)](left, right)
    assert isinstance(node, ast.Compare)
    left, right = _value(node.left, values, period), _value(node.comparators[0], values, period)
    return None if left is None or right is None else float(_COMPARISONS[type(node.ops[0])](left, right))


def _call(name: str, args: list[ast.expr], values: Mapping[str, Value], period: float) -> Value:
    if name == "PERIOD":
        return period
    first = _value(args[0], values, period)
    if name == "FILL":
        return _value(args[1], values, period) if first is None else first
    return None if first is None else _value(args[1] if first else args[2], values, period)
