"""Gradients near a corner of a function, from its one-sided slopes at the corner.

Near a point a piecewise smooth function is F(d), its one-sided slope along d. So the gradients
nearby are those of F, which is linear on each piece, and differences of F find them exactly.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autodiff_pipeline.gradients.arguments import Doubles
from autodiff_pipeline.gradients.evaluation import Evaluator
from autodiff_pipeline.gradients.given import Gradient
from autodiff_pipeline.gradients.ladder import slopes
from autodiff_pipeline.gradients.steps import Directions, scales

WINDOWS = 2.0 ** np.array([-12.0, -8.0, -5.0, -3.0, -1.0])  # of the reach
STEP = 2.0**-10  # between the directions that a gradient of F is taken from
BEND = 16.0  # of STEP squared: what F may bend between them and be smooth
IN_COMMON = 8  # directions, and their opposites


@dataclass(frozen=True)
class Nearby:
    """Gradients nearby, and along which directions from the corner they are found."""

    gradients: Doubles  # (g, p), in scales
    directions: Doubles  # (g, k), in scales
    error: float  # typical, of every gradient

    def joined(self, other: "Nearby") -> "Nearby":
        """These and more of them, with the larger error."""
        return Nearby(
            np.concatenate([self.gradients, other.gradients]),
            np.concatenate([self.directions, other.directions]),
            max(self.error, other.error),
        )


@dataclass(frozen=True)
class Corner:
    """A point with kinks, and the entries that move."""

    evaluator: Evaluator
    entries: NDArray[np.int64]  # (k,), rising
    output: int
    reach: float  # how far one-sided slopes hold along the entries, in scales of the numbers

    @property
    def scale(self) -> Doubles:
        """The scales of the numbers that move, (k,)."""
        return scales(self.evaluator.argument)[0][self.entries]

    def one_sided(self, directions: Doubles) -> tuple[Doubles, Doubles]:
        """F and its error along directions (d, k) in scales, and then along their opposites."""
        dense = np.zeros((len(directions), self.evaluator.argument.size))
        dense[:, self.entries] = directions * self.scale
        sizes = np.broadcast_to(self.reach * WINDOWS, (len(dense), len(WINDOWS)))
        found = slopes(self.evaluator, Directions(vectors=dense), sizes)
        sides = (found.right, found.left)
        slope = [sign * s.slope[:, self.output] for sign, s in zip((1, -1), sides, strict=True)]
        return np.concatenate(slope), np.concatenate([s.half_width[:, self.output] for s in sides])

    def along(self, directions: Doubles, step: Doubles) -> tuple[Doubles, float]:
        """The slope of F along a step (k,), at directions and at their opposites, (2 d,).

        Returns: the slopes, times STEP over the length of the step; and the largest error.
        """
        value, error = self.one_sided(np.concatenate([directions + step, directions - step]))
        here, there = value.reshape(2, 2, -1)  # at -d, the step that was added to d is taken off
        slope = np.concatenate([here[0] - here[1], there[1] - there[0]]) / (2 * STEP)
        return slope, float(np.nan_to_num(error, nan=np.inf).max()) / STEP

    def gradients(self, directions: Doubles, place: NDArray[np.int64]) -> Nearby:
        """Gradients of F at directions and their opposites, where F is smooth.

        Args: place (p,), which of the entries the gradients are wanted for.
        """
        moves = np.zeros((len(place), len(self.entries)))
        moves[np.arange(len(place)), place] = STEP
        around = directions[:, None] + np.concatenate([moves, -moves])
        value, error = self.one_sided(around.reshape(-1, len(self.entries)))
        centre, _ = self.one_sided(directions)
        shape = (2, len(directions), 2, len(place))
        ahead, behind = value.reshape(shape).transpose(2, 0, 1, 3)
        slope = np.stack([ahead[0] - behind[0], behind[1] - ahead[1]]).reshape(-1, len(place))
        bend = (ahead + behind).reshape(-1, len(place)) - 2 * centre[:, None]
        worst, bent = error.reshape(len(slope), -1).max(1), np.abs(bend).max(1)
        smooth = bent <= 8 * worst + BEND * STEP**2 * np.abs(centre)
        smooth &= np.isfinite(worst)
        both = np.concatenate([directions, -directions])[smooth]
        if not smooth.any():
            return Nearby(np.empty((0, len(place))), both, 0.0)
        curved = np.where(bent <= 8 * worst, 0.0, bent)
        typical = float(np.median((worst / STEP + curved)[smooth]))
        return Nearby(slope[smooth] / (2 * STEP), both, typical)

    def proposed(
        self, gradient: Gradient, directions: Doubles, place: NDArray[np.int64]
    ) -> Doubles:
        """What a gradient function returns a little off the point, (d, p), in scales."""
        argument = self.evaluator.argument
        rows = np.repeat(argument.numbers[None], len(directions), axis=0)
        rows[:, self.entries] += self.reach / 8 * directions * self.scale
        out = np.full((len(rows), len(place)), np.nan)
        for found, row in zip(out, argument.rounded(rows), strict=True):
            jacobian = gradient(row)
            if not isinstance(jacobian, str):
                found[:] = jacobian[self.output, self.entries[place]] * self.scale[place]
        return out

    def agrees_in_common(self, given: Doubles, rng: np.random.Generator) -> bool:
        """Whether the slope along the same step of all entries is what it has to be.

        It has to be what it is wherever all gradients nearby have the same slope along that step,
        as at the ties of a maximum, where it is 1. Args: given (n,), the gradient.
        """
        count = (IN_COMMON, len(self.entries))
        drawn = rng.uniform(0.3, 1.5, count) * rng.choice([-1.0, 1.0], count)
        step = STEP * self.scale.min() / self.scale
        nearby, error = self.along(drawn, step)
        expected = float(given[self.entries] @ (self.scale * step)) / STEP
        same = np.ptp(nearby) <= 8 * error
        return not same or abs(expected - nearby.mean()) <= 16 * error
