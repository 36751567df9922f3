"""Looking again at entries that lie outside, before they are called wrong."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from autodiff_pipeline.gradients.appeal import (
    FIRST_PANEL,
    LOOK,
    agrees_with_values,
    is_below_jumps,
    noise_scale,
)
from autodiff_pipeline.gradients.arguments import Doubles
from autodiff_pipeline.gradients.evaluation import Evaluator
from autodiff_pipeline.gradients.findings import INSIDE, OUTSIDE, UNKNOWN, Reasons
from autodiff_pipeline.gradients.given import Gradient
from autodiff_pipeline.gradients.ladder import Slopes, slopes
from autodiff_pipeline.gradients.steps import Directions

LOOKED_AT = 8  # entries a round looks at
ROUNDS = 6
SLIGHT = 1e-3  # relative differences that jumps of the function may make
MOST_FOR_JUMPS = 4096  # entries, beyond which no jumps of single entries are looked for


def without_noise(
    evaluator: Evaluator,
    directions: Directions,
    sizes: Doubles,
    found: Slopes,
    suspect: NDArray[np.bool_],
    own: Doubles,
) -> tuple[Slopes, Doubles]:
    """The slopes, read from larger windows where the function is a fine staircase.

    Args: suspect (d, m), where a given gradient lies outside; own (d,), the scales of the steps.
    Returns: the slopes, and the size (d, m) of the smallest window read, 0 for all of them.
    """
    if evaluator.argument.size > MOST_FOR_JUMPS:  # dear: only where windows disagree
        suspect = np.zeros_like(suspect)
    broken = np.minimum(found.left.broken, found.right.broken)
    early = broken <= own[:, None] / LOOK
    affected = suspect | early
    candidates = np.argwhere(affected)
    order = np.lexsort([broken[affected], ~suspect[affected]])
    smallest = 0.0
    for d, output in candidates[order[:LOOKED_AT]]:
        for side in (found.left, found.right):
            looked = np.isfinite(side.broken[d, output]) or suspect[d, output]
            if looked and side.present[d, output]:
                start = noise_scale(evaluator, directions, d, output, side, float(own[d]))
                smallest = max(smallest, start / own[d])
    floor = np.where(affected, smallest * own[:, None], 0.0)
    if smallest == 0:
        return found, floor
    return slopes(evaluator, directions, sizes, floor), floor


@dataclass(frozen=True)
class _Suspect:
    """An entry outside of its interval: where it is and by how much."""

    evaluator: Evaluator
    gradient: Gradient
    found: Slopes
    d: int
    entry: int
    output: int
    given: float
    scale: float

    @property
    def gap(self) -> float:
        return float(abs(self.given - self.found.middle[self.d, self.output]))

    @property
    def windows(self) -> tuple[float, float]:
        """How far the function is known to be smooth on the left and on the right."""
        place = self.d, self.output
        left, right = (
            float(s.window[place]) if np.isfinite(s.half_width[place]) else 0.0
            for s in (self.found.left, self.found.right)
        )
        return left, right

    def below_jumps(self) -> bool:
        slight = self.gap <= SLIGHT * abs(self.found.middle[self.d, self.output])
        smooth = min(self.windows) >= self.scale  # no jumps as far as they could matter
        return (
            slight
            and not smooth
            and self.evaluator.argument.size <= MOST_FOR_JUMPS
            and is_below_jumps(
                self.evaluator,
                self.entry,
                self.output,
                gap=self.gap,
                scale=self.scale,
                window=max(self.windows),
            )
        )

    def below_rounding(self) -> bool:
        place = self.d, self.output
        noise = float(np.nanmin([self.found.left.noise[place], self.found.right.noise[place]]))
        value = self.evaluator.output_epsilon * abs(self.evaluator.value[self.output])
        if self.gap * self.scale > (noise + value) / FIRST_PANEL:
            return False  # far too much for rounding to hide
        here = self.gradient(self.evaluator.argument.numbers)
        if isinstance(here, str) or abs(here[self.output, self.entry] - self.given) > self.gap / 2:
            return False
        return agrees_with_values(
            self.evaluator,
            self.gradient,
            self.entry,
            self.output,
            scale=self.scale,
            reach=self.windows,
            noise=noise,
        )


def looked_again(
    evaluator: Evaluator,
    entries: NDArray[np.int64],
    given: Doubles,
    gradient: Gradient,
    found: Slopes,
    state: NDArray[np.int64],
    own: Doubles,
) -> tuple[Slopes, NDArray[np.int64], Reasons]:
    """Widen the intervals of entries whose error is below what the function shows.

    The worst entries are looked at first. Once one stands as wrong the verdict is certain, and
    the rest of its round is the last to be looked at.
    """
    low, high, state = found.low.copy(), found.high.copy(), state.copy()
    reasons: Reasons = {}
    open_ = (state == OUTSIDE) & np.isfinite(given) & ~found.kinked
    with np.errstate(divide="ignore", invalid="ignore"):
        excess = np.abs(given - found.middle) / found.half_width
    for _ in range(ROUNDS):
        places = np.argwhere(open_)
        worst = places[np.argsort(-excess[tuple(places.T)])][:LOOKED_AT]
        stands = False
        for d, output in worst:
            open_[d, output] = False
            suspect = _Suspect(
                evaluator,
                gradient,
                found,
                int(d),
                int(entries[d]),
                int(output),
                float(given[d, output]),
                float(own[d]),
            )
            if not stands and suspect.below_jumps():
                reasons[int(d), int(output)] = "the difference is below the jumps of the function"
            elif suspect.below_rounding():
                reasons[int(d), int(output)] = (
                    "the difference is below the rounding of the function"
                )
            else:
                stands = True
                continue
            low[d, output] = min(low[d, output], given[d, output])
            high[d, output] = max(high[d, output], given[d, output])
            state[d, output] = INSIDE
        if stands or not open_.any():
            break
    else:
        state[open_] = UNKNOWN
    return replace(found, low=low, high=high), state, reasons
