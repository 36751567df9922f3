"""The lesson: four steps from a derivative to a trained network, each with its own few lines."""

from typing import NamedTuple


class Step(NamedTuple):
    """A step of the lesson."""

    title: str
    text: str
    definitions: tuple[str, ...]  # module:name, within the package
    figure: str


DERIVATIVE, GRADIENT, ITERATION = (
    Step(
        "A derivative without a limit",
        "torch traces what a function does to a number and applies the chain rule to each "
        "operation. grad turns a function into its derivative, vmap takes that to every point; "
        "done again, it is the second derivative. The truth beside it is certified by ball "
        "arithmetic.",
        ("derivatives.methods.automatic:nested_grad",),
        "tanh_derivative",
    ),
    Step(
        "The same gradient, automatic and by hand",
        "The loss of a network is a short function, and torch differentiates it. The gradient can "
        "also be derived on paper: backpropagation is the chain rule written out, once for each "
        "parameter. Both are handed to the same iteration.",
        (
            "networks.network:apply",
            "networks.network:mean_squared_error",
            "networks.by_hand:network_gradient",
        ),
        "minimization",
    ),
    Step(
        "The iteration by hand",
        "An optimizer is two pure functions: one makes its state, the other turns a gradient and "
        "a state into a change and the next state. The loop adds the change, and nothing else: no "
        "object, nothing hidden, nothing mutated.",
        ("training.optimizers:gradient_descent", "minimization.descent:_descend"),
        "lesson",
    ),
)
DRAWN = Step(
    "Data with a truth behind them",
    "Points are drawn from a known model, so that the distance between what is learned and "
    "what is true can be measured. Randomness is an argument: the same generator always draws "
    "the same points.",
    ("data.drawing:draw",),
    "data",
)
MEASURED = Step(
    "Measurements, and a part held out",
    "The truth behind measurements is not known. So a fifth of the rows, chosen at random, is held "
    "out of training, and a network is judged by its loss there. Every data seed is another such "
    "split of the same file. Randomness is an argument: the same generator always makes the same "
    "split. Both columns are standardized, because networks start with weights of order one.",
    ("data.splitting:split",),
    "measurements",
)


def lesson(is_measured: bool) -> tuple[Step, ...]:
    """The steps in their order, about data that are drawn or about a user's own measurements."""
    return (DERIVATIVE, MEASURED if is_measured else DRAWN, GRADIENT, ITERATION)


def definitions(is_measured: bool) -> list[str]:
    """What the lesson shows of the source, module:name."""
    return [definition for step in lesson(is_measured) for definition in step.definitions]
