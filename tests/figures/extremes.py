"""Frames of extreme configurations, for every figure: one of everything, or far too many."""

import itertools
from typing import NamedTuple, get_args

import numpy
from numpy.random import default_rng
from pandas import DataFrame, concat

from autodiff_pipeline.configuration.values import System
from autodiff_pipeline.derivatives.methods.registry import METHODS
from autodiff_pipeline.figures.derivative_step_sizes import COLOURS as SCHEMES
from autodiff_pipeline.figures.theme import OPTIMIZER_COLOURS
from autodiff_pipeline.gradients.agreement.gradients import GRADIENTS
from autodiff_pipeline.gradients.agreement.products import PRODUCTS
from autodiff_pipeline.gradients.checkers.registry import CHECKERS
from autodiff_pipeline.gradients.kinks.survey import PROFILE
from autodiff_pipeline.gradients.power.mutations import MUTATIONS

LONG = "exp(-x**2/8)*sin(3*x) + " * 9 + "tanh(x)"


class Extreme(NamedTuple):
    """How much of everything there is."""

    hidden_sizes: list[int]
    optimizers: list[str]
    seeds: int
    samples: int
    dtypes: list[str]
    orders: list[int]
    functions: list[str]
    expression: str
    epochs: list[int]
    scale: float = 1.0
    status: str = "trained"


ALL = list(OPTIMIZER_COLOURS)
DTYPES = ["float16", "bfloat16", "float32", "float64"]
EXTREMES = {
    "one of everything": Extreme(
        [1], ["adam"], 1, 1, ["float64"], [1], ["f"], "x", [0], scale=0.0
    ),
    "16 bits only": Extreme(
        [10], ["momentum"], 2, 2, ["float16"], [2], ["tanh"], "tanh(x)", [0, 1]
    ),
    "one panel, every optimizer, long names": Extreme(
        [100000], ALL, 3, 20, ["bfloat16"], [1], ["a_function_with_a_very_long_name"], LONG, [0, 9]
    ),
    "twenty of everything": Extreme(
        list(range(1, 21)),
        ALL,
        8,
        3000,
        DTYPES,
        [1, 2, 3, 4],
        [f"operator_of_torch_{number}" for number in range(20)],
        LONG,
        [0, *(10**power for power in range(6))],
    ),
    "all diverged": Extreme(
        [1, 2, 3, 4, 5], ALL[:2], 2, 60, DTYPES[:3], [1], ["f", "g"], "1/x", [0, 5],
        status="diverged",
    ),
    "enormous values": Extreme(
        [1, 7], ALL[:3], 4, 60, DTYPES, [1, 2], ["f"], "exp(x)", [0, 5, 50], scale=1e100
    ),
}  # fmt: skip


def groups(extreme, **columns):
    """A row of some values for every hidden size, optimizer and list of columns."""
    lists = {"hidden_size": extreme.hidden_sizes, "optimizer": extreme.optimizers, **columns}
    return DataFrame(itertools.product(*lists.values()), columns=list(lists))


def values(extreme, frame, *names):
    """More columns of positive numbers, spread over six decades."""
    stream = default_rng(len(frame))
    scale = extreme.scale or 1.0
    return frame.assign(**{name: scale * 10 ** stream.uniform(-3, 3, len(frame)) for name in names})


def samples(extreme):
    x = 30 * default_rng(3).normal(size=extreme.samples)
    return DataFrame({"x": x, "y": extreme.scale * x, "y_true": extreme.scale * x})


def networks(extreme):
    seeds = range(extreme.seeds)
    frame = groups(extreme, data_seed=seeds, init_seed=seeds).assign(status=extreme.status)
    frame = values(extreme, frame, "excess_risk")
    if extreme.status == "diverged":
        frame["excess_risk"] = numpy.inf
    return frame


def derivatives(extreme, lost=False):
    x = numpy.linspace(-5, 5, extreme.samples)
    lists = (extreme.dtypes, extreme.orders, METHODS, x)
    frame = DataFrame(itertools.product(*lists), columns=["dtype", "order", "method", "x"])
    return values(extreme, frame.assign(lost=lost), "value", "truth", "ulp_error")


def accuracy(extreme):
    systems = get_args(System)[: len(extreme.dtypes)]
    lists = (extreme.functions, systems, extreme.orders, extreme.dtypes, METHODS)
    names = ["function", "system", "order", "dtype", "method"]
    frame = DataFrame(itertools.product(*lists), columns=names)
    frame = frame.assign(points=9, lost_points=1, max_absolute_error_at_zero=1.0)
    return values(extreme, frame, "max_ulp_error")


def findings(extreme):
    systems = get_args(System)[: len(extreme.dtypes)]
    lists = (extreme.functions, systems, extreme.orders, extreme.dtypes, ["lost", "nan"])
    names = ["function", "system", "order", "dtype", "kind"]
    frame = DataFrame(itertools.product(*lists), columns=names)
    return frame.assign(beside_root=False)


def step_sizes(extreme):
    dtypes = [dtype for dtype in extreme.dtypes if dtype in ("float32", "float64")]
    steps = 2.0 ** -numpy.arange(40)
    frame = DataFrame(
        itertools.product(dtypes, SCHEMES, steps), columns=["dtype", "scheme", "step"]
    )
    optima = DataFrame(itertools.product(dtypes, SCHEMES), columns=["dtype", "scheme"])
    optima = optima.assign(
        truncation_order=2, roundoff_order=-2, predicted_step=1e-5, observed_step=1e-5, floor=1e-9
    )
    return values(extreme, frame, "max_absolute_error"), optima


def trace(extreme):
    units = min(extreme.hidden_sizes[-1], 30)
    quantities = ["loss", *(f"{name}{unit}" for name in "wbv" for unit in range(units)), "c0"]
    lists = (["polynomial", "network"], extreme.epochs, quantities)
    frame = DataFrame(itertools.product(*lists), columns=["problem", "epoch", "quantity"])
    frame = values(extreme._replace(scale=extreme.scale and 1.0), frame, "automatic")
    return frame.assign(by_hand=frame["automatic"], closed_form=4.0)


def minimization(extreme):
    lists = (["polynomial", "network"], extreme.epochs)
    frame = DataFrame(itertools.product(*lists), columns=["problem", "epoch"])
    losses = ("loss_automatic", "loss_by_hand", "loss_difference", "max_parameter_difference")
    pairs = [f"{run}_{dtype}" for run in ("by_hand", "moments") for dtype in DTYPES[2:]]
    frame = values(extreme, frame, *losses, *(f"ulp_{pair}" for pair in pairs))
    counted = [f"apart_{pair}" for pair in pairs]
    counted += [f"crossings_automatic_{dtype}" for dtype in DTYPES[2:]]
    return frame.assign(**dict.fromkeys(counted, frame["epoch"]))


def by_epoch(extreme):
    frame = groups(extreme, epoch=extreme.epochs).assign(networks=extreme.seeds**2)
    return values(extreme, frame, "median", "q25", "q75")


def sharpness(extreme):
    lists = (extreme.hidden_sizes, ["trained", "diverged"], extreme.epochs)
    frame = DataFrame(itertools.product(*lists), columns=["hidden_size", "status", "epoch"])
    return values(extreme, frame, "median", "q25", "q75", "largest")


def fits(extreme):
    frame = groups(extreme, x=numpy.linspace(-30, 30, 13))
    return values(extreme, frame.assign(y_true=extreme.scale), "median", "q05", "q95")


def comparisons(extreme):
    pairs = list(itertools.combinations(groups(extreme).itertuples(index=False), 2))
    names = "hidden_size optimizer other_hidden_size other_optimizer".split()
    frame = DataFrame([[*one, *other] for one, other in pairs], columns=names)
    return frame.assign(probability=0.7, ci_low=0.4, ci_high=0.8)


def baselines(extreme):
    frame = DataFrame({"baseline": ["straight_line", "quadratic", "noise_floor"]})
    frame = frame.assign(measure="excess_risk")
    return values(extreme, frame, "median", "interquartile_mean", "train_loss")


def error_decomposition(extreme):
    terms = ("approximation", "estimation", "optimization")
    frame = values(extreme, groups(extreme), *terms)
    if extreme.status == "diverged":
        frame["optimization"] = numpy.inf
    return frame.assign(excess_risk=frame[list(terms)].sum(axis=1))


def benchmark(extreme):
    engines = ["moments", "dense", "dense, automatic", "jax", "torch.nn", "scikit-learn"]
    lists = (engines, ["relu", "tanh"], [1, 20, 100], [1000, 10**5])
    names = ["engine", "activation", "networks", "samples"]
    frame = DataFrame(itertools.product(*lists), columns=names).assign(hidden_size=10)
    return values(extreme, frame, "microseconds")


def benchmark_truth(extreme):
    contestants = ["truth by pieces", "truth at points", "mpmath, formula"]
    lists = (contestants, ["tanh", "gelu", "lgamma"], [1, 2], ["float32", "float64"])
    names = ["contestant", "function", "order", "dtype"]
    frame = DataFrame(itertools.product(*lists), columns=names).assign(points=100)
    return values(extreme, frame, "microseconds", "preparation_seconds")


def gradient_agreement(extreme):
    dtypes = [dtype for dtype in extreme.dtypes if dtype in ("float32", "float64")] or ["float64"]
    lists = (extreme.hidden_sizes, ["initial", "trained"], ["relu", "tanh"], dtypes)
    quantities = [
        ("gradient", [*GRADIENTS]),
        ("hessian_vector_product", [*PRODUCTS]),
        ("hessian", [*PRODUCTS]),
    ]
    names = ["hidden_size", "stage", "activation", "dtype"]
    frames = [
        DataFrame(itertools.product(*lists, methods), columns=[*names, "method"]).assign(
            quantity=quantity
        )
        for quantity, methods in quantities
    ]
    return values(extreme, concat(frames, ignore_index=True), "max_relative_error")


def checker_power(extreme):
    deltas = [10.0**-digits for digits in range(1, 1 + len(extreme.epochs))]
    lists = (CHECKERS, MUTATIONS, deltas)
    frame = DataFrame(itertools.product(*lists), columns=["checker", "mutation", "delta"])
    return frame.assign(trials=extreme.seeds, told_apart=extreme.seeds, false_alarms=0)


def gradient_kinks(extreme):
    seeds = range(extreme.seeds)
    frame = groups(extreme, data_seed=seeds, init_seed=seeds)
    frame = values(extreme, frame, "kink_distance", "error_inside", "error_outside")
    frame = frame.assign(gradcheck_false_alarm=frame["init_seed"] % 2 == 0)
    profiles = DataFrame(
        itertools.product(extreme.hidden_sizes, PROFILE), columns=["hidden_size", "reach"]
    )
    profiles = values(extreme, profiles, "error", "error_of_losses")
    if extreme.status == "diverged":
        return empty(frame), empty(profiles)
    return frame, profiles


def empty(frame):
    return frame.iloc[:0]


def arguments(figure, extreme):
    """What the figure's `draw` takes of such a configuration: frames and settings."""
    model = {"true_model": extreme.expression, "noise_scale": extreme.scale}
    function = {"expression": extreme.expression}
    units = {
        axis: {"name": extreme.expression, "mean": 1e6, "standard_deviation": extreme.scale or 1}
        for axis in "xy"
    }
    losses = networks(extreme).rename(columns={"excess_risk": "held_out_loss"})
    points = derivatives(extreme._replace(samples=min(extreme.samples, 200)))
    steps, optima = step_sizes(extreme)
    kinks, profiles = gradient_kinks(extreme)
    return {
        "tanh_derivative": lambda: {"points": points, **function},
        "derivative_atlas": lambda: {
            "accuracy": accuracy(extreme),
            "family": "exponential and logarithm",
            "functions": extreme.functions,
            "operators": [],
        },
        "derivative_findings": lambda: {
            "findings": findings(extreme),
            "accuracy": accuracy(extreme),
            "operators": dict.fromkeys(extreme.functions),
        },
        "derivative_systems": lambda: {
            "accuracy": accuracy(extreme),
            "families": {"exponential and logarithm": extreme.functions},
        },
        "derivative_ulp": lambda: {"curves": empty(points), "points": points, **function},
        "derivative_step_sizes": lambda: {"step_sizes": steps, "optima": optima, **function},
        "data": lambda: {"samples": samples(extreme), **model},
        "measurements": lambda: {
            "training": samples(extreme),
            "held_out": samples(extreme),
            "units": units,
        },
        "lesson": lambda: {
            "trace": trace(extreme),
            "samples": samples(extreme),
            "units": units,
            **model,
        },
        "minimization": lambda: {
            "minimization": minimization(extreme),
            "trace": trace(extreme),
            "noise_scale": extreme.scale,
        },
        "gradient_agreement": lambda: {"gradient_agreement": gradient_agreement(extreme)},
        "checker_power": lambda: {"checker_power": checker_power(extreme)},
        "gradient_kinks": lambda: {"gradient_kinks": kinks, "kink_profiles": profiles},
        "convergence": lambda: {
            "convergence": by_epoch(extreme),
            "baselines": baselines(extreme),
        },
        "fits": lambda: {"fits": fits(extreme), "samples": samples(extreme), "units": units},
        "excess_risk": lambda: {"networks": networks(extreme), "baselines": baselines(extreme)},
        "held_out_loss": lambda: {"networks": losses, "baselines": baselines(extreme)[:2]},
        "seeds": lambda: {"networks": networks(extreme)},
        "sharpness": lambda: {"sharpness": sharpness(extreme), "learning_rate": 1e-3},
        "comparisons": lambda: {"comparisons": comparisons(extreme)},
        "error_decomposition": lambda: {
            "error_decomposition": error_decomposition(extreme),
            "baselines": baselines(extreme),
        },
        "benchmark": lambda: {"benchmark": benchmark(extreme), "samples": 1000, "few_networks": 20},
        "benchmark_truth": lambda: {"truth": benchmark_truth(extreme)},
    }[figure]()
