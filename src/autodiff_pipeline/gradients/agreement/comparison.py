"""Every method held against the truth, for one network."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy
import torch
from numpy.typing import NDArray
from pandas import DataFrame
from torch import Tensor

from autodiff_pipeline.expressions.power_series import Ball
from autodiff_pipeline.gradients.agreement.case import MOST_UNITS, Case, Unavailable
from autodiff_pipeline.gradients.agreement.certified import Certified, certified
from autodiff_pipeline.gradients.agreement.gradients import GRADIENTS, reverse_mode
from autodiff_pipeline.gradients.agreement.products import PRODUCTS, forward_over_reverse
from autodiff_pipeline.networks.network import Parameters, from_vector
from autodiff_pipeline.numbers.rounding import round_balls
from autodiff_pipeline.numbers.ulp import FORMATS, Truth, absolute_errors

FLOAT64 = FORMATS["float64"]
DTYPES = {"float32": torch.float32, "float64": torch.float64}


class Quantity(NamedTuple):
    """What is compared: all methods for it, and its truth in either way."""

    methods: Mapping[str, Callable[[Case], Tensor]]
    balls: Callable[[Certified], list[Ball]]
    of_float64: Callable[[Case], Tensor]


def agreement(case: Case, direction: Tensor) -> DataFrame:
    """How far every method is from the truth, for the gradient and second derivatives.

    In float64 the truth is certified by balls; that of float32 is automatic differentiation in
    float64, at the very numbers of float32.

    Args: case, in float64; direction (3 H + 1,), of the Hessian-vector product.
    Returns: dtype, quantity (gradient, hessian_vector_product, and with no more than MOST_UNITS
    hidden units hessian, which is all of it), method, truth (balls,
    float64), parameter (w, b, v or c, of a Hessian its rows), max_error and max_truth (absolute,
    the largest of any entry).
    """
    balls = certified(case)
    rows = []
    for dtype, kind in DTYPES.items():
        given = case.to(kind)
        for name, quantity in _quantities(given, direction.to(kind)).items():
            if dtype == "float64":
                truth = round_balls(quantity.balls(balls), FLOAT64)
            else:
                truth = _plain(quantity.of_float64(given.to(torch.float64)))
            for method, value in _values(quantity.methods, given):
                label = {"dtype": dtype, "quantity": name, "method": method}
                label["truth"] = "balls" if dtype == "float64" else "float64"
                rows += [label | errors for errors in _errors(value, truth, case.parameters)]
    return DataFrame(rows)


def _quantities(case: Case, direction: Tensor) -> Mapping[str, Quantity]:
    exact = direction.double()
    every = torch.eye(len(direction), dtype=direction.dtype)
    found = {
        "gradient": Quantity(GRADIENTS, lambda c: c.gradient, reverse_mode),
        "hessian_vector_product": Quantity(
            _along(direction[None]),
            lambda c: c.product(exact.tolist()),
            lambda given: forward_over_reverse(given, exact[None]),
        ),
        "hessian": Quantity(
            _along(every),
            lambda c: c.hessian(),
            lambda given: forward_over_reverse(given, every.double()),
        ),
    }
    if len(case.parameters.w) > MOST_UNITS:
        del found["hessian"]
    return found


def _along(directions: Tensor) -> Mapping[str, Callable[[Case], Tensor]]:
    def bound(product: Callable[[Case, Tensor], Tensor]) -> Callable[[Case], Tensor]:
        return lambda case: product(case, directions)

    return {name: bound(product) for name, product in PRODUCTS.items()}


def _values(
    methods: Mapping[str, Callable[[Case], Tensor]], case: Case
) -> Iterator[tuple[str, NDArray[numpy.float64]]]:
    for name, method in methods.items():
        try:
            value = method(case)
        except Unavailable:
            continue
        yield name, value.detach().double().reshape(-1).numpy()


def _plain(value: Tensor) -> Truth:
    """A float64 result as a truth."""
    numbers = value.detach().reshape(-1).numpy()
    return Truth(
        rounded=numbers,
        remainder=numpy.zeros_like(numbers),
        ulp_exponent=numpy.zeros(numbers.shape, numpy.int64),
        certified=numpy.isfinite(numbers),
    )


def _errors(
    value: NDArray[numpy.float64], truth: Truth, like: Parameters
) -> Sequence[dict[str, Any]]:
    """The largest error and the largest truth among the entries of w, b, v and c."""
    # At a kink there is no truth; other entries have one.
    errors, sizes = (
        torch.from_numpy(numpy.where(truth.certified, numbers, 0.0))
        for numbers in (absolute_errors(value, truth, FLOAT64), numpy.abs(truth.rounded))
    )
    width = len(errors) // (3 * len(like.w) + 1)  # 1, or the length of a row of the Hessian
    of_rows = (entries.reshape(-1, width).amax(1) for entries in (errors, sizes))
    parts = zip(*(from_vector(rows, like)._asdict().items() for rows in of_rows), strict=True)
    return [
        {"parameter": name, "max_error": float(error.max()), "max_truth": float(size.max())}
        for (name, error), (_, size) in parts
    ]
