"""Right gradients with one entry wrong by a relative delta, and what certify makes of them."""

from typing import NamedTuple

import numpy as np
import torch
from gradients.plain_functions import plain_function
from gradients.random_functions import random_function

from autodiff_pipeline.gradients.certify import certify

BESIDE = 2e-13  # of an entry: the gradients so far on either side are the ends of a kink
KINK = 1e-6  # relative, between them


class Outcome(NamedTuple):
    refuted: bool
    resolved: bool  # whether the report says that it would have seen such an error of the entry
    description: str


def outcome(source, seed, delta, *, any_entry=False, wanted=1e-6):
    """The outcome for a seed of "random" or "plain" functions; None for one without a gradient.

    At a kink of the entry the wrong value lies beyond one of its ends.
    """
    if source == "random":
        drawn = random_function(seed)
        function, point, description = drawn.function, drawn.point, drawn.description
    else:
        function, point, description = plain_function(seed)

    def gradient_at(place):
        place = place.clone().requires_grad_()
        value = function(place)
        if not (torch.isfinite(value) and value.requires_grad):
            return torch.zeros_like(place)
        return torch.autograd.grad(value, place)[0]

    gradient = gradient_at(point)
    weight = gradient.abs() * point.abs().clamp_min(1e-3 * point.abs().max())
    if not weight.max() > 0:
        return None
    rng = np.random.default_rng(seed)
    allowed = gradient != 0 if any_entry else weight >= 0.03 * weight.max()
    entry = int(rng.choice(torch.nonzero(allowed).flatten().numpy()))
    step = torch.zeros_like(point)
    step[entry] = BESIDE * (point[entry].abs() or point.abs().max())
    ends = sorted(float(gradient_at(point + sign * step)[entry]) for sign in (-1, 1))
    size = max(map(abs, ends))
    wrong = gradient.clone()
    wrong[entry] *= 1 + delta
    if ends[1] - ends[0] > KINK * size:
        wrong[entry] = ends[1] + delta * size if rng.random() < 0.5 else ends[0] - delta * size
    report = certify(function, point, wrong, wanted=wanted)
    mine = [e for e in report.entries if e.index == entry]
    sharp = all(e.kink > 0 and e.high - e.low <= delta * abs(e.given) for e in mine)
    resolved = sharp and report.resolution <= delta
    return Outcome(report.verdict == "wrong", resolved, f"{description}\n{report}")
