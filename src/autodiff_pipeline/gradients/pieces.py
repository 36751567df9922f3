"""The linear pieces that meet at a corner, and their gradients to the accuracy of the slopes.

The one-sided slope F(d) is linear on every piece, so a few directions about one that lies inside
of it have a common gradient, found by least squares with steps as large as the piece allows. A
difference over a small step, which finds where pieces are, knows it a thousand times worse.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autodiff_pipeline.gradients.arguments import Doubles
from autodiff_pipeline.gradients.nearby import Corner, Nearby

MOST_PIECES = 16
MORE = 4  # directions than entries
TRIED = 4  # directions of a piece, before it is given up
RADII = (0.25, 0.03)  # of the largest component of the direction
RESIDUAL = 2.0  # errors, by which a slope may miss that of a linear piece
OFTEN = 3  # times that a piece is met by random directions, not to be a rare one


@dataclass(frozen=True)
class Pieces:
    """The gradients of all linear pieces found at a corner."""

    gradients: Doubles  # (c, k), in scales
    error: float
    is_complete: bool  # every one was met often, so that hardly one was never met


def linear_pieces(corner: Corner, nearby: Nearby, rng: np.random.Generator) -> Pieces | None:
    """The pieces that gradients nearby belong to, or None where they are no linear pieces."""
    labels = _labels(nearby)
    count = int(labels.max()) + 1
    if count > MOST_PIECES:
        return None
    found, errors = [], []
    for label in range(count):
        fit = _fitted(corner, nearby.directions[labels == label], rng)
        if fit is None:
            return None
        found.append(fit[0])
        errors.append(fit[1])
    gradients, often = np.stack(found), np.bincount(labels).min() >= OFTEN
    slopes, blur = (a[: len(labels)] for a in corner.one_sided(nearby.directions))
    misses = np.abs((gradients[labels] * nearby.directions).sum(1) - slopes)
    if not (misses <= RESIDUAL * blur + max(errors) * np.abs(nearby.directions).sum(1)).all():
        return None  # pieces that differ by less than their gradients' errors
    return Pieces(gradients, max(errors), bool(often))


def _labels(nearby: Nearby) -> NDArray[np.int64]:
    """Which gradients are one and the same, to within their error: labels from 0 on."""
    same = 4 * nearby.error * np.sqrt(nearby.gradients.shape[1])
    labels = np.full(len(nearby.gradients), -1)
    while (labels < 0).any():
        first = nearby.gradients[np.argmin(labels)]
        near = np.linalg.norm(nearby.gradients - first, axis=1) <= same
        labels[near & (labels < 0)] = labels.max() + 1
    return labels


def _fitted(
    corner: Corner, directions: Doubles, rng: np.random.Generator
) -> tuple[Doubles, float] | None:
    """The gradient (k,) about one of a piece's directions (d, k), and its error."""
    k = directions.shape[1]
    for radius in RADII:
        for direction in directions[:TRIED]:
            blur = radius * np.abs(direction).max() * rng.uniform(-1, 1, (k + MORE, k))
            around = direction + np.concatenate([np.zeros((1, k)), blur])
            slopes, errors = (a[: len(around)] for a in corner.one_sided(around))
            if not np.isfinite(slopes + errors).all():
                continue
            solve = np.linalg.pinv(around)
            gradient = solve @ slopes
            if (np.abs(around @ gradient - slopes) <= RESIDUAL * errors).all():
                return gradient, float(np.linalg.norm(solve, axis=1).max() * errors.max())
    return None
