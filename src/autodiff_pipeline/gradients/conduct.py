"""How a function behaves when it is called: whether it repeats and leaves its argument alone."""

from dataclasses import dataclass

import numpy as np

from autodiff_pipeline.gradients.evaluation import Evaluator

CALLS = 4
NEARBY = 2.0**-20  # of the numbers: a function may repeat at a point and nowhere else
NO_FUNCTION = 1e-6  # of the value: calls that differ by more are no function's


@dataclass(frozen=True)
class Conduct:
    """How a function behaves when it is called several times."""

    spread: float  # largest difference between calls with the same argument, of the value
    writes: bool  # whether it writes into its argument

    @property
    def repeats(self) -> bool:
        """Whether calls return the same bits."""
        return self.spread == 0

    @property
    def is_function(self) -> bool:
        """Whether calls are near enough to one another for slopes to mean anything."""
        return self.spread <= NO_FUNCTION

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is worth saying, as sentences without their stop."""
        said = []
        if not self.is_function:
            said.append(
                "the function does not repeat: two calls with the same argument differ by "
                f"{self.spread:.2g} of the value, so it has no gradient"
            )
        elif not self.repeats:
            said.append(f"two calls of the function differ by {self.spread:.2g} of the value")
        if self.writes:
            said.append("the function writes into its argument, so it has no value there")
        return tuple(said)


def conduct_of(evaluator: Evaluator, rng: np.random.Generator) -> Conduct:
    """Call a function several times, at the point and near it; its spread is told the evaluator."""
    argument = evaluator.argument
    wobble = NEARBY * rng.uniform(-1, 1, argument.size)
    near = argument.numbers + np.where(argument.numbers == 0, 1.0, argument.numbers) * wobble
    spread = 0.0
    for row in (argument.numbers, argument.rounded(near[None])[0]):
        values = np.stack([evaluator.single(row) for _ in range(CALLS)])
        with np.errstate(invalid="ignore"):
            apart = np.nan_to_num(np.ptp(values, axis=0), nan=0.0)
        size = np.maximum(np.abs(np.nan_to_num(values)).max(0), np.finfo(float).tiny)
        evaluator.noise = np.maximum(evaluator.noise, 2 * apart)
        spread = max(spread, float((apart / size).max(initial=0.0)))
    return Conduct(spread, evaluator.argument_changed)
