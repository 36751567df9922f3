"""A few random mixtures in place of many outputs: an error in any output shows in them."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from autodiff_pipeline.gradients.arguments import Doubles
from autodiff_pipeline.gradients.evaluation import Evaluator
from autodiff_pipeline.gradients.given import Gradient, gradient_of

MIXTURES = 4


def mixed(
    evaluator: Evaluator, gradient: Any, rng: np.random.Generator
) -> tuple[Evaluator, Gradient]:
    """The function and its gradient as those of four mixtures of the outputs.

    Without a gradient, reverse mode of the mixtures is meant: four passes in place of one an
    output.
    """
    m = len(evaluator.value)
    signs = rng.choice([-1.0, 1.0], (MIXTURES, m)) * rng.uniform(0.5, 1.0, (MIXTURES, m))
    function = evaluator.function

    def mixtures(value: Any) -> Tensor:
        out = function(value).reshape(-1).double()
        weights = torch.from_numpy(signs).to(out.device)
        return torch.mv(weights, out)

    together = Evaluator(mixtures, evaluator.argument)
    together.output_epsilon = evaluator.output_epsilon
    if gradient is None:
        return together, gradient_of(together, None)
    every = gradient_of(evaluator, gradient)

    def of_mixtures(row: Doubles) -> Doubles | str:
        found = every(row)
        return found if isinstance(found, str) else np.asarray(signs @ found)

    return together, of_mixtures
