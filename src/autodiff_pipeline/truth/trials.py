"""The trial of one piece: Taylor models of the derivatives, or else why there are none."""

import math
from typing import NamedTuple

from flint import arb, ctx

from autodiff_pipeline.expressions.balls import derivative_balls, taylor_balls
from autodiff_pipeline.expressions.grammar import Expression
from autodiff_pipeline.numbers.ulp import Format
from autodiff_pipeline.truth.taylor_models import (
    Model,
    constant_model,
    hopeless_halvings,
    scheme_of,
    taylor_model,
)

_SPARE_BITS = 32  # balls may be so much wider than the last bit


class Piece(NamedTuple):
    """A part of an interval with its models; see `pieces.Pieces` for what they mean."""

    start: float
    stop: float
    middle: float
    shift: int
    models: list[Model]  # by order; empty: a hole


class Failure(NamedTuple):
    """What a trial tells if there are no models."""

    halvings: int = 0  # how many are in vain, too, beside the middle
    defined: float | None = None  # a point that is known to have derivatives


def try_piece(
    expression: Expression, low: float, high: float, order: int, form: Format
) -> Piece | Failure:
    """The models of all orders on [low, high], if they are accurate enough."""
    scheme = scheme_of(form)
    near, far = sorted([abs(low), abs(high)])
    # x - middle is not rounded if both are within a factor of 2, or if middle is 0.
    middle = low + (high - low) / 2 if far <= 2 * near else 0.0
    highest = order + scheme.terms
    shift = math.frexp(max(high - middle, middle - low))[1]
    # Functions of tiny x that cancel, such as 1 - cos(x), need more bits.
    for precision in sorted({scheme.precision, scheme.precision + 2 * max(0, -math.frexp(far)[1])}):
        at = taylor_balls(expression, middle, arb(2) ** shift, highest, precision)
        if all(ball.rel_accuracy_bits() > scheme.precision - _SPARE_BITS for ball in at):
            break
    failure = Failure(defined=middle if at[1].is_finite() and low <= middle <= high else None)
    if near > 0 and middle and not scheme.in_two and at[order].is_finite():
        halvings = hopeless_halvings(at, order, shift, form)
        if halvings:
            return failure._replace(halvings=halvings)
    with ctx.workprec(precision):
        hull = arb(low).union(arb(high))
        (over,) = derivative_balls(expression, [hull], highest, precision)
        constant = [constant_model(over[n], form, scheme) for n in range(1, order + 1)]
        if all(constant):
            return Piece(low, high, middle, 0, [model for model in constant if model])
        if not over[-1].is_finite() or (middle == 0.0 and near > 0):
            return failure
        models = []
        for n in range(1, order + 1):
            model = constant[n - 1] or taylor_model(at, over, n, shift, form, scheme, near == 0)
            if model is None:
                return failure
            models.append(model)
        return Piece(low, high, middle, shift, models)
