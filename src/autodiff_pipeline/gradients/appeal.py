"""What can be said for a gradient that lies outside of its interval, before it is called wrong.

Two things make a right gradient miss the slopes that are seen. The function may be noise at the
scale that was looked at: a staircase. Or the slope may belong to something too small to see, as
1 - tanh(18)^2 is: what it adds to the function is less than the function's rounding. For the
first, `noise_scale` says from which windows on the function is worth reading. For the second,
`agrees_with_values` integrates the gradient along the way: one that is right adds up to the
function's changes, at every distance, to within the rounding.
"""

import numpy as np

from autodiff_pipeline.gradients.evaluation import Evaluator
from autodiff_pipeline.gradients.given import Gradient
from autodiff_pipeline.gradients.jumps import Jumps, jumps_between
from autodiff_pipeline.gradients.ladder import Side
from autodiff_pipeline.gradients.steps import Directions, along

LOOK = 16.0  # jumps are looked for between a distance and 16 times it
SMALL = 1e-3  # steps this low, as parts of what the function does over the scale, are noise
TINY_JUMP = 1e-4  # the same for jumps that do not come again everywhere
JUMPS_HIDE = 8.0  # jumps that a difference over the scale may come from
TREADS = 8.0  # windows of so many times the distance hold enough treads
FIRST_PANEL = 2.0**-36  # in scales: nearer to the point only the function is believed
BLUR = 8.0  # times the noise of the values, what sums may differ by
SPLITS = 3  # times a panel is halved, at most
_GAUSS = tuple(np.polynomial.legendre.leggauss(n) for n in (5, 3))


def noise_scale(
    evaluator: Evaluator, directions: Directions, d: int, output: int, side: Side, scale: float
) -> float:
    """From which window size on the function is worth reading along a direction; 0 for all.

    Args: side, what was found on one side; scale, of the number that moves.
    """
    broken, window = side.broken[d, output], side.window[d, output]
    start = float(broken if np.isfinite(broken) else window)
    if not np.isfinite(start) or start <= 0:
        return 0.0
    sign = -1.0 if side.is_left else 1.0
    found = 0.0
    while start * LOOK <= 4 * scale and not found:
        change, jumps = _between(evaluator, directions, d, output, sign * start)
        slope = max(change, abs(side.slope[d, output]))
        low = max(SMALL, 8 * evaluator.inner_epsilon) * slope * scale
        seen = 16 * np.nan_to_num(side.noise[d, output])  # higher than what small windows hold
        if jumps.come_again and seen < jumps.height <= low:
            found = TREADS * start
        start *= LOOK
    return float(found)


def _between(
    evaluator: Evaluator, directions: Directions, d: int, output: int, start: float
) -> tuple[float, Jumps]:
    """The secant's size and the jumps between a distance, negative on the left, and 16 times it."""
    ends = along(evaluator.argument, directions, d, np.array([start, LOOK * start]))[0]
    change = float(np.ptp(evaluator.values(ends)[:, output])) / (abs(start) * (LOOK - 1))
    jumps = jumps_between(evaluator, directions, d, output, start, LOOK * start)
    return float(np.nan_to_num(change)), jumps


def is_below_jumps(
    evaluator: Evaluator, entry: int, output: int, *, gap: float, scale: float, window: float
) -> bool:
    """Whether a difference of slopes is less than what jumps of the function make of it.

    A solver that stops at a tolerance is smooth between its jumps, and there as far off as they
    are high; its slope is off by about their height over the scale of the number.
    """
    direction = Directions(entries=np.array([entry]))
    slope, heights = 0.0, []
    for sign in (-1.0, 1.0):
        start = min(window / 4, scale / LOOK**1.5)
        while start <= scale:
            change, jumps = _between(evaluator, direction, 0, output, sign * start)
            slope = slope or change  # nearest the point
            heights += [jumps.height] * jumps.count
            start *= LOOK
    tiny = [height for height in heights if height <= TINY_JUMP * slope * scale]
    return gap * scale <= JUMPS_HIDE * max(tiny, default=0.0)


def agrees_with_values(
    evaluator: Evaluator,
    gradient: Gradient,
    entry: int,
    output: int,
    *,
    scale: float,
    reach: tuple[float, float],
    noise: float,
) -> bool:
    """Whether a gradient adds up to the function's changes along one entry, on both sides.

    Args: reach, how far to go on the left and on the right, no further than the function is known
    to be smooth; noise, of its values.
    Every panel between doubling distances is integrated by Gauss's rule of 5 places, with that of
    3 for its error, and compared with the function's values at its ends.
    """
    argument = evaluator.argument
    direction = Directions(entries=np.array([entry]))
    first = FIRST_PANEL * scale
    for sign, end in zip((-1.0, 1.0), reach, strict=True):
        panels = max(0, int(np.log2(max(end, first) / first)))
        edges = sign * np.concatenate([[0.0], first * 2.0 ** np.arange(panels + 1)])
        rows, taken = along(argument, direction, 0, edges)
        values = evaluator.values(rows)[:, output]
        for a, b, before, after in zip(taken, taken[1:], values, values[1:], strict=False):
            if not np.isfinite(before + after):
                break
            blur = BLUR * (noise + evaluator.output_epsilon * max(abs(before), abs(after)))
            sum_, error = _integral(evaluator, gradient, entry, output, a, b, blur, SPLITS)
            if not error <= blur:  # the gradient changes too fast to be added up from here on
                break
            if abs(after - before - sum_) > blur + error:
                return False
    return True


def _integral(
    evaluator: Evaluator,
    gradient: Gradient,
    entry: int,
    output: int,
    a: float,
    b: float,
    enough: float,
    splits: int,
) -> tuple[float, float]:
    """The integral of an entry from a to b and its error, halving where the rules disagree."""
    sums = []
    for at, weights in _GAUSS:
        steps = (a + b) / 2 + (b - a) / 2 * at
        rows, _ = along(evaluator.argument, Directions(entries=np.array([entry])), 0, steps)
        slopes = []
        for row in rows:
            jacobian = gradient(row)
            slopes.append(np.nan if isinstance(jacobian, str) else jacobian[output, entry])
        sums.append(float(weights @ np.array(slopes) * (b - a) / 2))
    error = abs(sums[0] - sums[1])
    if error <= enough or splits == 0 or not np.isfinite(error):
        return sums[0], error
    middle = (a + b) / 2
    halves = [
        _integral(evaluator, gradient, entry, output, c, d, enough / 2, splits - 1)
        for c, d in ((a, middle), (middle, b))
    ]
    return sum(h[0] for h in halves), sum(h[1] for h in halves)
