"""The truth as a function of points, computed in the way that costs least."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from autodiff_pipeline.expressions.grammar import Expression
from autodiff_pipeline.numbers.ulp import FORMATS, Doubles, Truth, at_places
from autodiff_pipeline.truth.at_points import certified_derivatives, write_truth
from autodiff_pipeline.truth.by_pieces import truth_by_pieces
from autodiff_pipeline.truth.pieces import Pieces, build_pieces, for_format

TruthAt = Callable[[Doubles], Sequence[Truth]]  # of ascending points, by order from 1 on

_SHARING = [("float16", "bfloat16", "float32"), ("float64",)]  # models, of the last of each


def truth_at_points(expression: Expression, dtype: str, order: int) -> TruthAt:
    """The truth of orders 1 to ``order`` in a dtype, at any points, each computed by itself."""
    return lambda x: certified_derivatives(expression, x.tolist(), order, FORMATS[dtype])


def truth_of_pieces(pieces: Pieces, dtype: str) -> TruthAt:
    """The same by models that serve the dtype, at points that they contain."""
    serving = for_format(pieces, FORMATS[dtype])
    return lambda x: truth_by_pieces(serving, x)


def truths_for(
    expression: Expression, points: Mapping[str, Doubles], order: int
) -> dict[str, TruthAt]:
    """The truth of orders 1 to ``order`` for each dtype, cheap at certain points.

    Args: points, by dtype the numbers at most of which it will be needed, ascending. It may be
    asked for at any ascending numbers of the dtype between the smallest and the largest of all.

    At the given points it is computed once. The dtypes whose numbers are float32 share models.
    """
    ways = {dtype: truth_at_points(expression, dtype, order) for dtype in points}
    for dtypes in _SHARING:
        shared = [points[dtype] for dtype in dtypes if len(points.get(dtype, ()))]
        if shared:
            x, form = np.sort(np.concatenate(shared)), FORMATS[dtypes[-1]]
            pieces = build_pieces(expression, float(x[0]), float(x[-1]), order, form, x)
            ways |= {dtype: truth_of_pieces(pieces, dtype) for dtype in dtypes}
    return {dtype: _remembered(ways[dtype], x) for dtype, x in points.items()}


def _remembered(truth_at: TruthAt, points: Doubles) -> TruthAt:
    """The same, computed at once at some ascending points, and only once at any other."""
    if not len(points):
        return truth_at
    known, learned = truth_at(points), _learning(truth_at)

    def remembered(x: Doubles) -> list[Truth]:
        place = np.minimum(np.searchsorted(points, x), len(points) - 1)
        truths = [at_places(truth, place) for truth in known]
        if len(new := np.flatnonzero(points[place] != x)):
            for truth, found in zip(truths, learned(x[new]), strict=True):
                write_truth(truth, new, found)
        return truths

    return remembered


def _learning(truth_at: TruthAt) -> TruthAt:
    """The same, at one point at least: searches of borders ask for numbers again, in every mode."""
    known: dict[float, list[tuple[float, float, int, bool]]] = {}  # a point's truths by order

    def learned(x: Doubles) -> Sequence[Truth]:
        asked = x.tolist()
        new = [each for each in dict.fromkeys(asked) if each not in known]
        if new:
            truths = truth_at(np.array(new, dtype=np.float64))
            rows = [zip(*(field.tolist() for field in truth), strict=True) for truth in truths]
            known.update(zip(new, map(list, zip(*rows, strict=True)), strict=True))
        by_order = zip(*(known[each] for each in asked), strict=True)
        return [Truth(*map(np.array, zip(*each, strict=True))) for each in by_order]

    return learned
