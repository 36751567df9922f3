"""From text to tree, against a whitelist: nothing is ever compiled or executed."""

import ast
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction

from autodiff_pipeline.expressions.functions import FUNCTIONS, NUMBERS, SIGNATURES
from autodiff_pipeline.expressions.tree import (
    NAMED_CONSTANTS,
    Constant,
    Expression,
    ExpressionError,
    Name,
    Operation,
    contains_x,
)

MAXIMUM_LENGTH = 1000  # characters; far beyond any formula
MAXIMUM_DEPTH = 50  # levels of nesting; far below Python's recursion limit
SHOWN = 60  # characters of a text in a sentence
OPERATORS: Mapping[type[ast.AST], str] = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "divide",
    ast.Pow: "power",
    ast.USub: "negative",
    ast.UAdd: "positive",
}
_CHAINED: tuple[tuple[type[ast.AST], ...], ...] = ((ast.Add, ast.Sub), (ast.Mult, ast.Div))
_COMPARISONS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)


def parse(text: str, variables: Collection[str] = ("x",)) -> Expression:
    """Read an expression in ``x``; or in other variables, for a definition.

    Raises ExpressionError, naming the text and what would be right, for anything outside the
    grammar: numbers, ``x``, ``pi``, ``e``, ``+ - * / **``, parentheses, the calls of FUNCTIONS, and
    one comparison, ``< <= > >= == !=``, as the first argument of ``where``.
    """
    if len(text) > MAXIMUM_LENGTH:
        raise ExpressionError(
            f"an expression of {len(text)} characters is too long; give {MAXIMUM_LENGTH} at most"
        )
    text = text.strip()
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        reason = getattr(error, "msg", None) or "it cannot be read"
        raise ExpressionError(
            f"'{shortened(text)}' is not an expression ({reason}); "
            "write one such as 2 + 0.5*x - 0.05*x**2"
        ) from None
    return _Builder(text, variables).build(tree, MAXIMUM_DEPTH)


def shortened(text: str) -> str:
    """A text on one line, and of a long one the beginning and the end."""
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 20]} ... {line[-15:]}"


@dataclass(frozen=True)
class _Builder:
    """Python's tree of a text to ours."""

    text: str
    variables: Collection[str]

    def build(self, node: ast.AST, depth: int) -> Expression:
        text = shortened(self.text)
        if depth == 0:
            raise ExpressionError(f"'{text}' is nested deeper than {MAXIMUM_DEPTH} levels")
        match node:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                return Constant(self._exact(node))
            case ast.Name(id=name):
                if name in self.variables or name in NAMED_CONSTANTS:
                    return Name(name)
                raise ExpressionError(
                    f"'{text}' uses the unknown name '{shortened(name)}'{_suggestion(name)}"
                )
            case ast.BinOp(op=operator) if type(operator) in OPERATORS:
                first, links = _links(node)
                built = self.build(first, depth - 1)
                for name, operand in links:
                    built = Operation(name, (built, self.build(operand, depth - 1)))
                return built
            case ast.BinOp(op=ast.BitXor()):
                raise ExpressionError(f"'{text}' uses ^; write powers as x**2")
            case ast.UnaryOp(op=operator, operand=operand) if type(operator) in OPERATORS:
                return Operation(OPERATORS[type(operator)], (self.build(operand, depth - 1),))
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if (
                name in SIGNATURES
                and SIGNATURES[name].required <= len(arguments) <= len(SIGNATURES[name].arguments)
            ):
                return self._call(name, arguments, depth)
            case ast.Call(func=ast.Name(id=name)) if name in SIGNATURES:
                raise ExpressionError(f"'{text}' calls {name} with other than {_arguments(name)}")
            case ast.Call(func=ast.Name(id=name)):
                raise ExpressionError(
                    f"'{text}' calls the unknown '{shortened(name)}'{_suggestion(name)}"
                )
            case ast.Compare():
                raise ExpressionError(
                    f"'{text}' contains '{self._part(node)}', which is not allowed here; "
                    "write one comparison, as the first argument of where: where(x < 1, x, 1)"
                )
        raise ExpressionError(
            f"'{text}' contains '{self._part(node)}', which is not allowed; "
            "use numbers, x, + - * / **, parentheses and known functions"
        )

    def _part(self, node: ast.AST) -> str:
        return shortened(ast.get_source_segment(self.text, node) or "")

    def _call(self, name: str, nodes: list[ast.expr], depth: int) -> Operation:
        if name == "where":
            return self._where(nodes, depth)
        arguments = tuple(self.build(each, depth - 1) for each in nodes)
        signature = SIGNATURES[name]
        for parameter, argument in zip(
            signature.arguments[signature.required :], arguments[signature.required :], strict=False
        ):
            if contains_x(argument):
                raise ExpressionError(
                    f"'{shortened(self.text)}' lets the {parameter} of {name} depend on x; "
                    "give a constant"
                )
        if name in NUMBERS:
            place, allowed, description = NUMBERS[name]
            value = _number(arguments[place])
            if value is None or not allowed(value):
                raise ExpressionError(
                    f"'{shortened(self.text)}' calls {name} with another "
                    f"{signature.arguments[place]} than {description}; write such a number there"
                )
        return Operation(name, arguments)

    def _where(self, nodes: list[ast.expr], depth: int) -> Operation:
        match nodes[0]:
            case ast.Compare(left=left, ops=[operator], comparators=[right]) if isinstance(
                operator, _COMPARISONS
            ):
                parts = (left, right, nodes[1], nodes[2])
                a, b, then, otherwise = (self.build(each, depth - 1) for each in parts)
            case _:
                raise ExpressionError(
                    f"'{shortened(self.text)}' calls where without a comparison; "
                    "write one of < <= > >= == !=, as in where(x < 1, x, 1)"
                )
        if isinstance(operator, ast.NotEq):
            then, otherwise = otherwise, then
        if isinstance(operator, ast.Eq | ast.NotEq):  # neither a < b nor b < a
            return Operation(
                "where", (a, b, otherwise, Operation("where", (b, a, otherwise, then)))
            )
        if isinstance(operator, ast.Gt | ast.LtE):
            a, b = b, a
        if isinstance(operator, ast.LtE | ast.GtE):  # a <= b is what b < a is not
            then, otherwise = otherwise, then
        return Operation("where", (a, b, then, otherwise))

    def _exact(self, node: ast.Constant) -> Fraction:
        value = node.value
        assert isinstance(value, int | float)
        if isinstance(value, int) or value == 0.0:
            return Fraction(value)
        if value == float("inf"):
            raise ExpressionError(
                f"'{shortened(self.text)}' contains a number too large for a double"
            )
        return Fraction(ast.get_source_segment(self.text, node) or repr(value))


def _links(node: ast.BinOp) -> tuple[ast.expr, list[tuple[str, ast.expr]]]:
    """The first operand of a chain of + and -, or of * and /, and what follows it."""
    chained = next((kinds for kinds in _CHAINED if isinstance(node.op, kinds)), ())
    links = [(OPERATORS[type(node.op)], node.right)]
    first = node.left
    while isinstance(first, ast.BinOp) and isinstance(first.op, chained):
        links.append((OPERATORS[type(first.op)], first.right))
        first = first.left
    return first, links[::-1]


def _number(expression: Expression) -> Fraction | None:
    """The value of a number with or without a sign."""
    match expression:
        case Constant(value):
            return value
        case Operation("negative", (Constant(value),)):
            return -value
    return None


def _arguments(name: str) -> str:
    signature = SIGNATURES[name]
    fewest, most = signature.required, len(signature.arguments)
    if most == 1:
        return "one argument"
    count = f"{fewest}" if fewest == most else f"{fewest} to {most}"
    return f"{count} arguments, {name}({', '.join(signature.arguments)})"


def _suggestion(name: str) -> str:
    close = get_close_matches(name, ["x", *NAMED_CONSTANTS, *FUNCTIONS], n=1)
    if close:
        return f"; did you mean '{close[0]}'?"
    return "; use x, pi, e or a function that the README lists, such as exp or sin"
