"""Expressions in SymPy: the textbook derivative of any order, as an expression again.

The derivative comes back as a tree of the same grammar, so any arithmetic can evaluate it. Nothing
is sympified, evaluated or compiled, and nothing is computed that grows without bound: a constant
subexpression enters as an exact rational where it is small, and as an opaque symbol otherwise, so
that SymPy never sees the digits of ``10**10**10``.
"""

from fractions import Fraction
from itertools import islice
from typing import Any

import sympy

from autodiff_pipeline.expressions.grammar import (
    Constant,
    Expression,
    ExpressionError,
    Name,
    Operation,
    chain,
    in_primitives,
)
from autodiff_pipeline.expressions.slopes import (
    FUNCTIONS,
    LARGEST_EXPONENT,
    NAMES,
    X,
    power_of,
    where,
)
from autodiff_pipeline.expressions.tree import contains_x

MAXIMUM_NODES = 5_000  # of a derivative's formula; no textbook prints a longer one
LARGEST_INTEGER = 2**512  # of a constant that is folded to a rational

_Opaque = dict[Any, Expression]  # symbol of a constant subexpression -> the subexpression


def derivative(expression: Expression, order: int) -> Expression:
    """The derivative of an expression in ``x``, as an expression.

    Rules at kinks as in the textbooks of automatic differentiation: abs' = sign, relu' = step with
    step(0) = 0, and sign' = step' = floor' = ... = 0 everywhere. Functions that are defined by
    others are written in these.

    Raises ExpressionError where the formula has more than MAXIMUM_NODES nodes or is not real.
    """
    opaque: _Opaque = {}
    formula = _symbolic(in_primitives(expression), opaque)
    for _ in range(order):
        formula = sympy.diff(formula, X)
        if any(islice(sympy.preorder_traversal(formula), MAXIMUM_NODES, None)):
            raise ExpressionError(
                f"the formula of the derivative of order {order} has more than {MAXIMUM_NODES} "
                "terms and factors"
            )
    return _expression(formula, opaque)


def _symbolic(expression: Expression, opaque: _Opaque) -> Any:
    links = []  # of the part of a chain that depends on x
    while isinstance(expression, Operation) and len(expression.arguments) == 2:
        if not contains_x(expression):
            break
        name, (expression, operand) = expression.name, expression.arguments
        links.append((name, operand))
    value = _first_of_chain(expression, opaque)
    for name, operand in reversed(links):
        value = _of_two(name, value, _symbolic(operand, opaque))
    return value


def _first_of_chain(expression: Expression, opaque: _Opaque) -> Any:
    if not contains_x(expression):
        return _constant(expression, opaque)
    match expression:
        case Operation(name, (argument,)):
            return _of_one(name, _symbolic(argument, opaque))
        case Operation("where", arguments):
            return where(*(_symbolic(argument, opaque) for argument in arguments))
    return X


def _of_one(name: str, u: Any) -> Any:
    match name:
        case "negative":
            return -u
        case "positive":
            return u
        case "sqrt":
            return sympy.sqrt(u)
    return FUNCTIONS[name](u)


def _of_two(name: str, a: Any, b: Any) -> Any:
    match name:
        case "add":
            return a + b
        case "subtract":
            return a - b
        case "multiply":
            return a * b
        case "divide":
            return a / b
    if name in FUNCTIONS:
        return FUNCTIONS[name](a, b)
    return power_of(a, b)


def _constant(expression: Expression, opaque: _Opaque) -> Any:
    value = _rational(expression)
    if value is not None:
        return sympy.Rational(value.numerator, value.denominator)
    symbol = sympy.Symbol(f"constant{len(opaque)}")
    opaque[symbol] = expression
    return symbol


def _rational(expression: Expression) -> Fraction | None:
    """The constant's exact value where it is rational by arithmetic alone and small."""
    first, following = chain(expression)
    value: Fraction | None = None
    match first:
        case Constant(value):
            value = _small(value)
        case Operation("negative", (argument,)):
            positive = _rational(argument)
            value = None if positive is None else -positive
        case Operation("positive", (argument,)):
            value = _rational(argument)
    for name, operand in following:
        value = _small(_rational_of_two(name, value, _rational(operand)))
    return value


def _rational_of_two(name: str, a: Fraction | None, b: Fraction | None) -> Fraction | None:
    match name, a, b:
        case "add", Fraction(), Fraction():
            return a + b
        case "subtract", Fraction(), Fraction():
            return a - b
        case "multiply", Fraction(), Fraction():
            return a * b
        case "divide", Fraction(), Fraction() if b:
            return a / b
        case "power", Fraction(), Fraction(denominator=1) if abs(b) <= LARGEST_EXPONENT and (
            a or b >= 0
        ):
            return a ** int(b)
    return None


def _small(value: Fraction | None) -> Fraction | None:
    if value is None or max(abs(value.numerator), value.denominator) > LARGEST_INTEGER:
        return None
    return value


def _expression(node: Any, opaque: _Opaque) -> Expression:
    if node in opaque:
        return opaque[node]
    if node == X:
        return Name("x")
    if node.is_Rational:
        return Constant(Fraction(int(node.p), int(node.q)))
    if node is sympy.pi or node is sympy.E:
        return Name("pi" if node is sympy.pi else "e")
    if node.is_Add:
        return _sum(node, opaque)
    if node.is_Mul or (node.is_Pow and node.exp.could_extract_minus_sign()):
        return _quotient(node, opaque)
    if node.is_Pow:
        base, exponent = node.args
        if exponent == sympy.Rational(1, 2):
            return Operation("sqrt", (_expression(base, opaque),))
        return Operation("power", (_expression(base, opaque), _expression(exponent, opaque)))
    if node.func in NAMES:
        arguments = tuple(_expression(argument, opaque) for argument in node.args)
        return Operation(NAMES[node.func], arguments)
    raise ExpressionError(f"the derivative contains '{node}', which is not a real function of x")


def _sum(node: Any, opaque: _Opaque) -> Expression:
    terms = sorted(node.args, key=lambda term: term.could_extract_minus_sign())
    total = _expression(terms[0], opaque)  # a term without minus sign comes first if there is one
    for term in terms[1:]:
        minus = term.could_extract_minus_sign()
        operand = _expression(-term if minus else term, opaque)
        total = Operation("subtract" if minus else "add", (total, operand))
    return total


def _quotient(node: Any, opaque: _Opaque) -> Expression:
    """A product as numerator / denominator, with its sign and its small integers in front."""
    if node.could_extract_minus_sign() and not node.is_Rational and node.is_Mul:
        return Operation("negative", (_expression(-node, opaque),))
    above: list[Any] = []
    below: list[Any] = []
    for factor in sympy.Mul.make_args(node):
        if factor.is_Rational:
            above += [sympy.Integer(factor.p)] * (factor.p != 1)
            below += [sympy.Integer(factor.q)] * (factor.q != 1)
        elif factor.is_Pow and factor.exp.could_extract_minus_sign():
            below.append(factor.base**-factor.exp)
        else:
            above.append(factor)
    numerator = _product(above, opaque)
    return Operation("divide", (numerator, _product(below, opaque))) if below else numerator


def _product(factors: list[Any], opaque: _Opaque) -> Expression:
    if not factors:
        return Constant(Fraction(1))
    product = _expression(factors[0], opaque)
    for factor in factors[1:]:
        product = Operation("multiply", (product, _expression(factor, opaque)))
    return product
